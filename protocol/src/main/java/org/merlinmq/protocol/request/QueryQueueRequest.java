package org.merlinmq.protocol.request;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code QUERY_CONSUME_QUEUE} (321): asks for entries of a queue.
 *
 * @param topic the topic
 * @param queueId which queue of the topic
 * @param index first queue offset
 * @param count most entries wanted
 * @param consumerGroup group whose filter is tried; null: none
 */
public record QueryQueueRequest(
        String topic,
        int queueId,
        long index,
        int count,
        @Nullable String consumerGroup) implements Header {
    /** Reads the header. */
    public static QueryQueueRequest read(Fields from) {
        return new QueryQueueRequest(
                from.requiredText("topic"),
                from.requiredInt("queueId"),
                from.requiredLong("index"),
                from.requiredInt("count"),
                from.text("consumerGroup"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("topic", topic);
        out.put("queueId", queueId);
        out.put("index", index);
        out.put("count", count);
        out.putIfPresent("consumerGroup", consumerGroup);
    }
}
