package org.merlinmq.protocol.request;

import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code GET_DELAYED_MESSAGE} (77011) and {@code CANCEL_DELAYED_MESSAGE} (77012): names a message that waits for
 * its time.
 *
 * @param topic its own topic
 * @param id its unique key, or the message id of its record
 */
public record DelayedMessageRequest(String topic, String id) implements Header {
    public static DelayedMessageRequest read(Fields from) {
        return new DelayedMessageRequest(from.requiredText("topic"), from.requiredText("id"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("topic", topic);
        out.put("id", id);
    }
}
