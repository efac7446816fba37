package org.merlinmq.protocol.reply;

import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Answer to {@code GET_DELAYED_MESSAGE} (77011), whose body is the message's record.
 *
 * @param msgId its unique key
 * @param dueMillis when it is due, in milliseconds since 1970
 */
public record DelayedMessageReply(String msgId, long dueMillis) implements Header {
    public static DelayedMessageReply read(Fields from) {
        return new DelayedMessageReply(from.requiredText("msgId"), from.requiredLong("dueMillis"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("msgId", msgId);
        out.put("dueMillis", dueMillis);
    }
}
