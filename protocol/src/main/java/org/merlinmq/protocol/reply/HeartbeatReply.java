package org.merlinmq.protocol.reply;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Answer to {@code HEART_BEAT} (34): what kind of heartbeats the broker takes.
 *
 * @param supportsV2 whether heartbeats may leave subscriptions out
 * @param subscriptionChanged whether the broker wants the subscriptions again
 */
public record HeartbeatReply(
        @Nullable Boolean supportsV2, @Nullable Boolean subscriptionChanged) implements Header {
    /**
     * Reads the header.
     *
     * @param from its fields
     * @return the header
     */
    public static HeartbeatReply read(Fields from) {
        return new HeartbeatReply(from.optionalFlag("IS_SUPPORT_HEART_BEAT_V2"), from.optionalFlag("IS_SUB_CHANGE"));
    }

    @Override
    public void write(FieldSink out) {
        out.putIfPresent("IS_SUPPORT_HEART_BEAT_V2", supportsV2);
        out.putIfPresent("IS_SUB_CHANGE", subscriptionChanged);
    }
}
