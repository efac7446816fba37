package org.merlinmq.protocol.body;

import java.util.List;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Body of {@code BATCH_ACK_MESSAGE} (200151): popped messages that are done with.
 *
 * @param acks the messages
 * @param brokerName name of the broker group
 */
public record BatchAck(List<PopAck> acks, String brokerName) implements JsonBody {
    /**
     * Reads the body.
     *
     * @param body its JSON in UTF-8
     * @return the body
     */
    public static BatchAck read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    /**
     * Reads the body.
     *
     * @param json its fields
     * @return the body
     */
    public static BatchAck read(JsonObject json) {
        return new BatchAck(Tables.list(json, "acks", PopAck::read), json.requiredText("brokerName"));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        Tables.writeList(out, "acks", acks);
        out.field("brokerName", brokerName);
        out.endObject();
    }
}
