package org.merlinmq.protocol.request;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code CLONE_GROUP_OFFSET} (314): copies offsets between groups.
 *
 * @param srcGroup group to copy from
 * @param destGroup group to copy to
 * @param topic only this topic; null: all
 * @param offline whether the source may be offline
 */
public record CloneOffsetRequest(
        String srcGroup, String destGroup, @Nullable String topic, boolean offline) implements Header {
    /** Reads the header. */
    public static CloneOffsetRequest read(Fields from) {
        return new CloneOffsetRequest(
                from.requiredText("srcGroup"),
                from.requiredText("destGroup"),
                from.text("topic"),
                from.flagOr("offline", false));
    }

    @Override
    public void write(FieldSink out) {
        out.put("srcGroup", srcGroup);
        out.put("destGroup", destGroup);
        out.putIfPresent("topic", topic);
        out.put("offline", offline);
    }
}
