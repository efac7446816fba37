package org.merlinmq.protocol.body;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Body of {@code GET_ROUTEINFO_BY_TOPIC} (105), {@code REGISTER_TOPIC_IN_NAMESRV} (217): where a topic lives.
 *
 * @param brokerDatas the broker groups
 * @param filterServerTable addresses of filter servers by broker, not used any more
 * @param orderTopicConf queues of an orderly topic, {@code broker-a:4;broker-b:4}; null for other topics
 * @param queueDatas queues by broker group
 */
public record TopicRoute(
        List<BrokerAddresses> brokerDatas,
        Map<String, List<String>> filterServerTable,
        @Nullable String orderTopicConf,
        List<QueueRoute> queueDatas)
        implements JsonBody {
    public static TopicRoute read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    /** Reads the body. */
    public static TopicRoute read(JsonObject json) {
        return new TopicRoute(
                Tables.list(json, "brokerDatas", BrokerAddresses::read),
                Tables.textLists(json, "filterServerTable"),
                json.text("orderTopicConf"),
                Tables.list(json, "queueDatas", QueueRoute::read));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        Tables.writeList(out, "brokerDatas", brokerDatas);
        Tables.writeTextLists(out, "filterServerTable", filterServerTable);
        out.field("orderTopicConf", orderTopicConf);
        Tables.writeList(out, "queueDatas", queueDatas);
        out.endObject();
    }
}
