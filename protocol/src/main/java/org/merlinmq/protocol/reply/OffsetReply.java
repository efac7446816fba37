package org.merlinmq.protocol.reply;

import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Answer to {@code QUERY_CONSUMER_OFFSET} (14), {@code SEARCH_OFFSET_BY_TIMESTAMP} (29), {@code GET_MAX_OFFSET}
 * (30), {@code GET_MIN_OFFSET} (31): an offset.
 *
 * @param offset the offset
 */
public record OffsetReply(long offset) implements Header {
    public static OffsetReply read(Fields from) {
        return new OffsetReply(from.requiredLong("offset"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("offset", offset);
    }
}
