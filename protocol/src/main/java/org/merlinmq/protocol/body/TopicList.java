package org.merlinmq.protocol.body;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Body of {@code GET_ALL_TOPIC_LIST_FROM_NAMESERVER} (206), {@code
 * GET_TOPICS_BY_CLUSTER} (224), {@code GET_SYSTEM_TOPIC_LIST_FROM_NS} (304), {@code
 * GET_SYSTEM_TOPIC_LIST_FROM_BROKER} (305), {@code GET_UNIT_TOPIC_LIST} (311), {@code QUERY_TOPICS_BY_CONSUMER}
 * (343): names of topics.
 *
 * @param brokerAddr {@code ip:port} of a broker to ask for more; null: none
 * @param topicList the names
 */
public record TopicList(@Nullable String brokerAddr, List<String> topicList) implements JsonBody {
    public static TopicList read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    public static TopicList read(JsonObject json) {
        return new TopicList(json.text("brokerAddr"), json.texts("topicList"));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        out.field("brokerAddr", brokerAddr);
        out.field("topicList", topicList);
        out.endObject();
    }
}
