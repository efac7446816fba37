package org.merlinmq.protocol.reply;

import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Answer to {@code GET_EARLIEST_MSG_STORETIME} (32): a time.
 *
 * @param timestamp milliseconds since 1970, -1: none
 */
public record TimestampReply(long timestamp) implements Header {
    public static TimestampReply read(Fields from) {
        return new TimestampReply(from.requiredLong("timestamp"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("timestamp", timestamp);
    }
}
