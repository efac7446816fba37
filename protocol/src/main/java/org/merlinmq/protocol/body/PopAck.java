package org.merlinmq.protocol.body;

import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Popped messages of one queue and one pop that are done with.
 *
 * @param consumerGroup the consumer group
 * @param invisibleTime milliseconds for which they were the caller's
 * @param popTime when they were popped
 * @param queueId which queue of the topic
 * @param retry which kind of topic: 0 normal, 1 and 2 retry
 * @param reviveQueueId queue of the checkpoint
 * @param startOffset offset of bit 0
 * @param topic the topic
 * @param bits Base64 of a bit set, lowest bit of the first byte first: which offsets from the start
 */
public record PopAck(
        String consumerGroup,
        long invisibleTime,
        long popTime,
        int queueId,
        String retry,
        int reviveQueueId,
        long startOffset,
        String topic,
        String bits)
        implements JsonBody {
    /**
     * Reads the body.
     *
     * @param body its JSON in UTF-8
     * @return the body
     */
    public static PopAck read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    /**
     * Reads the body.
     *
     * @param json its fields
     * @return the body
     */
    public static PopAck read(JsonObject json) {
        return new PopAck(
                json.requiredText("c"),
                json.longOr("it", 0),
                json.longOr("pt", 0),
                json.intOr("q", 0),
                json.requiredText("r"),
                json.intOr("rq", 0),
                json.longOr("so", 0),
                json.requiredText("t"),
                json.requiredText("b"));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        out.field("b", bits);
        out.field("c", consumerGroup);
        out.field("it", invisibleTime);
        out.field("pt", popTime);
        out.field("q", queueId);
        out.field("r", retry);
        out.field("rq", reviveQueueId);
        out.field("so", startOffset);
        out.field("t", topic);
        out.endObject();
    }
}
