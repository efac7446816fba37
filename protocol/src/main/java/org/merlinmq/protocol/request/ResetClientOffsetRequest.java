package org.merlinmq.protocol.request;

import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code RESET_CONSUMER_CLIENT_OFFSET} (220): has a consumer go to the offsets in the body.
 *
 * @param topic the topic
 * @param group the consumer group
 * @param timestamp milliseconds since 1970
 * @param isForce whether offsets may go forward
 */
public record ResetClientOffsetRequest(String topic, String group, long timestamp, boolean isForce) implements Header {
    /** Reads the header. */
    public static ResetClientOffsetRequest read(Fields from) {
        return new ResetClientOffsetRequest(
                from.requiredText("topic"),
                from.requiredText("group"),
                from.requiredLong("timestamp"),
                from.flagOr("isForce", false));
    }

    @Override
    public void write(FieldSink out) {
        out.put("topic", topic);
        out.put("group", group);
        out.put("timestamp", timestamp);
        out.put("isForce", isForce);
    }
}
