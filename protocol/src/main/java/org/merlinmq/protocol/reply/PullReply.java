package org.merlinmq.protocol.reply;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Answer to {@code PULL_MESSAGE} (11), {@code LITE_PULL_MESSAGE} (361): where to pull next.
 *
 * @param suggestWhichBrokerId id of the broker to pull from
 * @param nextBeginOffset offset to go on from
 * @param minOffset first offset of the queue
 * @param maxOffset next offset of the queue
 * @param topicSysFlag bits of the topic
 * @param groupSysFlag bits of the group
 * @param offsetDelta what static topics add to offsets
 * @param forbiddenType what is forbidden, with code 16
 */
public record PullReply(
        long suggestWhichBrokerId,
        long nextBeginOffset,
        long minOffset,
        long maxOffset,
        @Nullable Integer topicSysFlag,
        @Nullable Integer groupSysFlag,
        @Nullable Long offsetDelta,
        @Nullable Integer forbiddenType)
        implements Header {
    /** Reads the header. */
    public static PullReply read(Fields from) {
        return new PullReply(
                from.requiredLong("suggestWhichBrokerId"),
                from.requiredLong("nextBeginOffset"),
                from.requiredLong("minOffset"),
                from.requiredLong("maxOffset"),
                from.optionalInt("topicSysFlag"),
                from.optionalInt("groupSysFlag"),
                from.optionalLong("offsetDelta"),
                from.optionalInt("forbiddenType"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("suggestWhichBrokerId", suggestWhichBrokerId);
        out.put("nextBeginOffset", nextBeginOffset);
        out.put("minOffset", minOffset);
        out.put("maxOffset", maxOffset);
        out.putIfPresent("topicSysFlag", topicSysFlag);
        out.putIfPresent("groupSysFlag", groupSysFlag);
        out.putIfPresent("offsetDelta", offsetDelta);
        out.putIfPresent("forbiddenType", forbiddenType);
    }
}
