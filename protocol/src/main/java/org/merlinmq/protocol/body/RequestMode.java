package org.merlinmq.protocol.body;

import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Body of {@code SET_MESSAGE_REQUEST_MODE} (401): whether a group pulls or pops a topic.
 *
 * @param consumerGroup the consumer group
 * @param mode PULL or POP
 * @param popShareQueueNum members that share a queue
 * @param topic the topic
 */
public record RequestMode(String consumerGroup, String mode, int popShareQueueNum, String topic) implements JsonBody {
    public static RequestMode read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    /** Reads the body. */
    public static RequestMode read(JsonObject json) {
        return new RequestMode(
                json.requiredText("consumerGroup"),
                json.textOr("mode", "PULL"),
                json.intOr("popShareQueueNum", 0),
                json.requiredText("topic"));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        out.field("consumerGroup", consumerGroup);
        out.field("mode", mode);
        out.field("popShareQueueNum", popShareQueueNum);
        out.field("topic", topic);
        out.endObject();
    }
}
