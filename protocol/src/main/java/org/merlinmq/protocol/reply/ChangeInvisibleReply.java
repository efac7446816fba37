package org.merlinmq.protocol.reply;

import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Answer to {@code CHANGE_MESSAGE_INVISIBLETIME} (200053): the message's new times.
 *
 * @param popTime when the message was popped, in milliseconds since 1970
 * @param invisibleTime milliseconds for which the message is the caller's
 * @param reviveQid queue of the checkpoint
 */
public record ChangeInvisibleReply(long popTime, long invisibleTime, int reviveQid) implements Header {
    /**
     * Reads the header.
     *
     * @param from its fields
     * @return the header
     */
    public static ChangeInvisibleReply read(Fields from) {
        return new ChangeInvisibleReply(
                from.requiredLong("popTime"), from.requiredLong("invisibleTime"), from.requiredInt("reviveQid"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("popTime", popTime);
        out.put("invisibleTime", invisibleTime);
        out.put("reviveQid", reviveQid);
    }
}
