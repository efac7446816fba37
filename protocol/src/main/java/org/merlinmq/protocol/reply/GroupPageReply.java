package org.merlinmq.protocol.reply;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Answer to {@code GET_ALL_SUBSCRIPTIONGROUP_CONFIG} (201): size of the table of groups.
 *
 * @param totalGroupNum groups in the whole table
 */
public record GroupPageReply(@Nullable Integer totalGroupNum) implements Header {
    public static GroupPageReply read(Fields from) {
        return new GroupPageReply(from.optionalInt("totalGroupNum"));
    }

    @Override
    public void write(FieldSink out) {
        out.putIfPresent("totalGroupNum", totalGroupNum);
    }
}
