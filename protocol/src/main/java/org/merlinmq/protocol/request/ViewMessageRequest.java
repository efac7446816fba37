package org.merlinmq.protocol.request;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code VIEW_MESSAGE_BY_ID} (33): asks for one message.
 *
 * @param offset its log offset
 * @param topic its topic; null from clients before 5.0
 */
public record ViewMessageRequest(long offset, @Nullable String topic) implements Header {
    public static ViewMessageRequest read(Fields from) {
        return new ViewMessageRequest(from.requiredLong("offset"), from.text("topic"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("offset", offset);
        out.putIfPresent("topic", topic);
    }
}
