package org.merlinmq.protocol.body;

import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * A producer group in a heartbeat.
 *
 * @param groupName the group
 */
public record ProducerEntry(String groupName) implements JsonBody {
    public static ProducerEntry read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    public static ProducerEntry read(JsonObject json) {
        return new ProducerEntry(json.requiredText("groupName"));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        out.field("groupName", groupName);
        out.endObject();
    }
}
