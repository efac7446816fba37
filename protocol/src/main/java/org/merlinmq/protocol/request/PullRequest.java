package org.merlinmq.protocol.request;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code PULL_MESSAGE} (11), {@code LITE_PULL_MESSAGE} (361): asks for messages of a queue.
 *
 * @param consumerGroup the consumer group
 * @param topic the topic
 * @param queueId which queue of the topic
 * @param queueOffset first message wanted
 * @param maxMsgNums most messages wanted
 * @param sysFlag bits: 1 commit the offset, 2 wait for messages, 4 the subscription is given, 8 filter by class,
 *      16 lite
 * @param commitOffset offset to commit, if the bit is set
 * @param suspendTimeoutMillis how long to wait, if the bit is set
 * @param subVersion version of the subscription
 * @param subscription the filter, if the bit is set
 * @param expressionType kind of filter; null: by tag
 * @param maxMsgBytes most bytes wanted; null from clients before 5.0
 */
public record PullRequest(
        String consumerGroup,
        String topic,
        int queueId,
        long queueOffset,
        int maxMsgNums,
        int sysFlag,
        long commitOffset,
        long suspendTimeoutMillis,
        long subVersion,
        @Nullable String subscription,
        @Nullable String expressionType,
        @Nullable Integer maxMsgBytes)
        implements Header {
    /** Reads the header. */
    public static PullRequest read(Fields from) {
        return new PullRequest(
                from.requiredText("consumerGroup"),
                from.requiredText("topic"),
                from.requiredInt("queueId"),
                from.requiredLong("queueOffset"),
                from.requiredInt("maxMsgNums"),
                from.requiredInt("sysFlag"),
                from.requiredLong("commitOffset"),
                from.requiredLong("suspendTimeoutMillis"),
                from.requiredLong("subVersion"),
                from.text("subscription"),
                from.text("expressionType"),
                from.optionalInt("maxMsgBytes"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("consumerGroup", consumerGroup);
        out.put("topic", topic);
        out.put("queueId", queueId);
        out.put("queueOffset", queueOffset);
        out.put("maxMsgNums", maxMsgNums);
        out.put("sysFlag", sysFlag);
        out.put("commitOffset", commitOffset);
        out.put("suspendTimeoutMillis", suspendTimeoutMillis);
        out.put("subVersion", subVersion);
        out.putIfPresent("subscription", subscription);
        out.putIfPresent("expressionType", expressionType);
        out.putIfPresent("maxMsgBytes", maxMsgBytes);
    }
}
