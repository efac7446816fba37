package org.merlinmq.protocol.request;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code QUERY_CONSUMER_OFFSET} (14): asks for the committed offset of a queue.
 *
 * @param consumerGroup the consumer group
 * @param topic the topic
 * @param queueId which queue of the topic
 * @param setZeroIfNotFound false: a queue without offset is answered 22; null from clients before 5.0
 */
public record QueryOffsetRequest(
        String consumerGroup,
        String topic,
        int queueId,
        @Nullable Boolean setZeroIfNotFound) implements Header {
    /** Reads the header. */
    public static QueryOffsetRequest read(Fields from) {
        return new QueryOffsetRequest(
                from.requiredText("consumerGroup"),
                from.requiredText("topic"),
                from.requiredInt("queueId"),
                from.optionalFlag("setZeroIfNotFound"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("consumerGroup", consumerGroup);
        out.put("topic", topic);
        out.put("queueId", queueId);
        out.putIfPresent("setZeroIfNotFound", setZeroIfNotFound);
    }
}
