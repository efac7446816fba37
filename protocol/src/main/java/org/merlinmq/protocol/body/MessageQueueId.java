package org.merlinmq.protocol.body;

import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Names one queue in a cluster; also stands as key in tables.
 *
 * @param topic the topic
 * @param brokerName name of the broker group
 * @param queueId which queue of the topic there
 */
public record MessageQueueId(String topic, String brokerName, int queueId) implements JsonBody {
    /**
     * Reads a queue.
     *
     * @param json its fields
     * @return the queue
     */
    public static MessageQueueId read(JsonObject json) {
        return new MessageQueueId(json.requiredText("topic"), json.textOr("brokerName", ""), json.intOr("queueId", 0));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        out.field("brokerName", brokerName).field("queueId", queueId).field("topic", topic);
        out.endObject();
    }
}
