package org.merlinmq.protocol.body;

import java.util.Map;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Body of {@code GET_TOPIC_STATS_INFO} (202): the ends of a topic's queues.
 *
 * @param offsetTable by queue
 * @param topicPutTps messages stored a second; 0 before 5.0
 */
public record TopicStats(Map<MessageQueueId, QueueStats> offsetTable, double topicPutTps) implements JsonBody {
    public static TopicStats read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    public static TopicStats read(JsonObject json) {
        return new TopicStats(Tables.byQueue(json, "offsetTable", QueueStats::read), json.doubleOr("topicPutTps", 0));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        Tables.writeByQueue(out, "offsetTable", offsetTable);
        out.field("topicPutTps", topicPutTps);
        out.endObject();
    }
}
