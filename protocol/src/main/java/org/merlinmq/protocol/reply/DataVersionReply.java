package org.merlinmq.protocol.reply;

import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Answer to {@code QUERY_DATA_VERSION} (322): whether the broker's topic table differs from what is known.
 *
 * @param changed whether it does
 */
public record DataVersionReply(boolean changed) implements Header {
    public static DataVersionReply read(Fields from) {
        return new DataVersionReply(from.flagOr("changed", true));
    }

    @Override
    public void write(FieldSink out) {
        out.put("changed", changed);
    }
}
