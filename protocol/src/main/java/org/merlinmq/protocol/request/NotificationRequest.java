package org.merlinmq.protocol.request;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code NOTIFICATION} (200054): waits for news of a queue.
 *
 * @param consumerGroup the consumer group
 * @param topic the topic
 * @param queueId which queue of the topic, -1: any
 * @param pollTime milliseconds the caller waits
 * @param bornTime when the caller began to wait, in milliseconds since 1970
 * @param order whether order matters
 * @param attemptId tells attempts of an orderly consumer apart; null from others
 */
public record NotificationRequest(
        String consumerGroup,
        String topic,
        int queueId,
        long pollTime,
        long bornTime,
        boolean order,
        @Nullable String attemptId)
        implements Header {
    /**
     * Reads the header.
     *
     * @param from its fields
     * @return the header
     */
    public static NotificationRequest read(Fields from) {
        return new NotificationRequest(
                from.requiredText("consumerGroup"),
                from.requiredText("topic"),
                from.requiredInt("queueId"),
                from.requiredLong("pollTime"),
                from.requiredLong("bornTime"),
                from.flagOr("order", false),
                from.text("attemptId"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("consumerGroup", consumerGroup);
        out.put("topic", topic);
        out.put("queueId", queueId);
        out.put("pollTime", pollTime);
        out.put("bornTime", bornTime);
        out.put("order", order);
        out.putIfPresent("attemptId", attemptId);
    }
}
