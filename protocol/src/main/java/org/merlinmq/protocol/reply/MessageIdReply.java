package org.merlinmq.protocol.reply;

import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Answer to {@code RECALL_MESSAGE} (370), {@code CANCEL_DELAYED_MESSAGE} (77012): which message it was.
 *
 * @param msgId its unique key
 */
public record MessageIdReply(String msgId) implements Header {
    public static MessageIdReply read(Fields from) {
        return new MessageIdReply(from.requiredText("msgId"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("msgId", msgId);
    }
}
