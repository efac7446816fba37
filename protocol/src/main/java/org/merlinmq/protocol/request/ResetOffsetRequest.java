package org.merlinmq.protocol.request;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code INVOKE_BROKER_TO_RESET_OFFSET} (222): resets a group's offsets.
 *
 * @param topic the topic
 * @param group the consumer group
 * @param timestamp milliseconds since 1970, negative: the end
 * @param isForce whether offsets may go forward
 * @param queueId which queue, negative: all
 * @param offset the offset for one queue; null or negative: by time
 */
public record ResetOffsetRequest(
        String topic,
        String group,
        long timestamp,
        boolean isForce,
        int queueId,
        @Nullable Long offset) implements Header {
    /** Reads the header. */
    public static ResetOffsetRequest read(Fields from) {
        return new ResetOffsetRequest(
                from.requiredText("topic"),
                from.requiredText("group"),
                from.requiredLong("timestamp"),
                from.flagOr("isForce", false),
                from.intOr("queueId", -1),
                from.optionalLong("offset"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("topic", topic);
        out.put("group", group);
        out.put("timestamp", timestamp);
        out.put("isForce", isForce);
        out.put("queueId", queueId);
        out.putIfPresent("offset", offset);
    }
}
