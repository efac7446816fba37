package org.merlinmq.protocol.body;

import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Body of {@code UPDATE_AND_GET_GROUP_FORBIDDEN} (353): whether a group may read a topic.
 *
 * @param group the consumer group
 * @param readable whether it may
 * @param topic the topic
 */
public record GroupForbidden(String group, boolean readable, String topic) implements JsonBody {
    public static GroupForbidden read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    public static GroupForbidden read(JsonObject json) {
        return new GroupForbidden(
                json.requiredText("group"), json.booleanOr("readable", true), json.requiredText("topic"));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        out.field("group", group);
        out.field("readable", readable);
        out.field("topic", topic);
        out.endObject();
    }
}
