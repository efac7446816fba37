package org.merlinmq.protocol.body;

import java.util.List;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Body of {@code UPDATE_AND_CREATE_TOPIC_LIST} (18): topics to create or change.
 *
 * @param topicConfigList the topics
 */
public record TopicConfigList(List<TopicConfig> topicConfigList) implements JsonBody {
    public static TopicConfigList read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    public static TopicConfigList read(JsonObject json) {
        return new TopicConfigList(Tables.list(json, "topicConfigList", TopicConfig::read));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        Tables.writeList(out, "topicConfigList", topicConfigList);
        out.endObject();
    }
}
