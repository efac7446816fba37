package org.merlinmq.protocol.request;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code RESUME_CHECK_HALF_MESSAGE} (323): has a half message checked again.
 *
 * @param topic the topic
 * @param msgId id of the message
 */
public record ResumeCheckRequest(
        @Nullable String topic, @Nullable String msgId) implements Header {
    /**
     * Reads the header.
     *
     * @param from its fields
     * @return the header
     */
    public static ResumeCheckRequest read(Fields from) {
        return new ResumeCheckRequest(from.text("topic"), from.text("msgId"));
    }

    @Override
    public void write(FieldSink out) {
        out.putIfPresent("topic", topic);
        out.putIfPresent("msgId", msgId);
    }
}
