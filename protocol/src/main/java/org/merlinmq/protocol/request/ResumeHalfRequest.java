package org.merlinmq.protocol.request;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code RESUME_CHECK_HALF_MESSAGE} (323): a half message that was given up is to be checked again.
 *
 * @param topic its topic; not needed
 * @param msgId its message id in the topic of those that were given up
 */
public record ResumeHalfRequest(@Nullable String topic, String msgId) implements Header {
    /** Reads the header. */
    public static ResumeHalfRequest read(Fields from) {
        return new ResumeHalfRequest(from.text("topic"), from.requiredText("msgId"));
    }

    @Override
    public void write(FieldSink out) {
        out.putIfPresent("topic", topic);
        out.put("msgId", msgId);
    }
}
