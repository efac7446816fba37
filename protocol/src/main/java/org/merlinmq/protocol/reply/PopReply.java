package org.merlinmq.protocol.reply;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Answer to {@code POP_MESSAGE} (200050): which messages are the caller's, and for how long.
 *
 * @param popTime when the message was popped, in milliseconds since 1970
 * @param invisibleTime milliseconds for which the message is the caller's
 * @param reviveQid queue of the checkpoint
 * @param restNum messages left
 * @param startOffsetInfo first offset of each queue
 * @param msgOffsetInfo offsets of each queue
 * @param orderCountInfo counts of consumption, for orderly groups
 */
public record PopReply(
        long popTime,
        long invisibleTime,
        int reviveQid,
        long restNum,
        @Nullable String startOffsetInfo,
        @Nullable String msgOffsetInfo,
        @Nullable String orderCountInfo)
        implements Header {
    /**
     * Reads the header.
     *
     * @param from its fields
     * @return the header
     */
    public static PopReply read(Fields from) {
        return new PopReply(
                from.requiredLong("popTime"),
                from.requiredLong("invisibleTime"),
                from.requiredInt("reviveQid"),
                from.requiredLong("restNum"),
                from.text("startOffsetInfo"),
                from.text("msgOffsetInfo"),
                from.text("orderCountInfo"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("popTime", popTime);
        out.put("invisibleTime", invisibleTime);
        out.put("reviveQid", reviveQid);
        out.put("restNum", restNum);
        out.putIfPresent("startOffsetInfo", startOffsetInfo);
        out.putIfPresent("msgOffsetInfo", msgOffsetInfo);
        out.putIfPresent("orderCountInfo", orderCountInfo);
    }
}
