package org.merlinmq.protocol.request;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code POP_MESSAGE} (200050): takes messages for a while.
 *
 * @param consumerGroup the consumer group
 * @param topic the topic
 * @param queueId which queue of the topic, -1: any
 * @param maxMsgNums most messages wanted
 * @param invisibleTime milliseconds for which the message is the caller's
 * @param pollTime milliseconds the caller waits
 * @param bornTime when the caller began to wait, in milliseconds since 1970
 * @param initMode where a new group starts: 0 at the first message, 1 at the next
 * @param expType kind of filter; null: by tag
 * @param exp the filter; null: all
 * @param order whether order matters
 * @param attemptId tells attempts of an orderly consumer apart; null from others
 */
public record PopRequest(
        String consumerGroup,
        String topic,
        int queueId,
        int maxMsgNums,
        long invisibleTime,
        long pollTime,
        long bornTime,
        int initMode,
        @Nullable String expType,
        @Nullable String exp,
        boolean order,
        @Nullable String attemptId)
        implements Header {
    /**
     * Reads the header.
     *
     * @param from its fields
     * @return the header
     */
    public static PopRequest read(Fields from) {
        return new PopRequest(
                from.requiredText("consumerGroup"),
                from.requiredText("topic"),
                from.requiredInt("queueId"),
                from.requiredInt("maxMsgNums"),
                from.requiredLong("invisibleTime"),
                from.requiredLong("pollTime"),
                from.requiredLong("bornTime"),
                from.requiredInt("initMode"),
                from.text("expType"),
                from.text("exp"),
                from.flagOr("order", false),
                from.text("attemptId"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("consumerGroup", consumerGroup);
        out.put("topic", topic);
        out.put("queueId", queueId);
        out.put("maxMsgNums", maxMsgNums);
        out.put("invisibleTime", invisibleTime);
        out.put("pollTime", pollTime);
        out.put("bornTime", bornTime);
        out.put("initMode", initMode);
        out.putIfPresent("expType", expType);
        out.putIfPresent("exp", exp);
        out.put("order", order);
        out.putIfPresent("attemptId", attemptId);
    }
}
