package org.merlinmq.protocol.reply;

import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Answer to {@code RECALL_MESSAGE} (370): the message that was taken back.
 *
 * @param msgId id of the message
 */
public record RecallReply(String msgId) implements Header {
    /**
     * Reads the header.
     *
     * @param from its fields
     * @return the header
     */
    public static RecallReply read(Fields from) {
        return new RecallReply(from.requiredText("msgId"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("msgId", msgId);
    }
}
