package org.merlinmq.protocol.reply;

import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Answer to {@code QUERY_MESSAGE} (12): how far the key index is.
 *
 * @param indexLastUpdateTimestamp store time of the last message indexed
 * @param indexLastUpdatePhyoffset log offset of the last message indexed
 */
public record QueryMessageReply(long indexLastUpdateTimestamp, long indexLastUpdatePhyoffset) implements Header {
    public static QueryMessageReply read(Fields from) {
        return new QueryMessageReply(
                from.requiredLong("indexLastUpdateTimestamp"), from.requiredLong("indexLastUpdatePhyoffset"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("indexLastUpdateTimestamp", indexLastUpdateTimestamp);
        out.put("indexLastUpdatePhyoffset", indexLastUpdatePhyoffset);
    }
}
