package org.merlinmq.protocol.body;

import java.util.List;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Body of {@code QUERY_TOPIC_CONSUME_BY_WHO} (300): names of groups.
 *
 * @param groupList the names
 */
public record GroupList(List<String> groupList) implements JsonBody {
    public static GroupList read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    public static GroupList read(JsonObject json) {
        return new GroupList(json.texts("groupList"));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        out.field("groupList", groupList);
        out.endObject();
    }
}
