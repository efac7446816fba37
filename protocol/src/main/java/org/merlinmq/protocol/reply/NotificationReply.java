package org.merlinmq.protocol.reply;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Answer to {@code NOTIFICATION} (200054): whether there is news.
 *
 * @param hasMsg whether there are messages
 * @param pollingFull whether too many wait
 */
public record NotificationReply(boolean hasMsg, @Nullable Boolean pollingFull) implements Header {
    /**
     * Reads the header.
     *
     * @param from its fields
     * @return the header
     */
    public static NotificationReply read(Fields from) {
        return new NotificationReply(from.flagOr("hasMsg", false), from.optionalFlag("pollingFull"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("hasMsg", hasMsg);
        out.putIfPresent("pollingFull", pollingFull);
    }
}
