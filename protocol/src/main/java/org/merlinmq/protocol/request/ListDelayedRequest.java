package org.merlinmq.protocol.request;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code LIST_DELAYED_MESSAGES} (77010): asks for a page of the messages that wait for their time.
 *
 * @param topic only messages of this topic; null: of all
 * @param fromMillis none due before this time
 * @param toMillis none due at this time or later
 * @param cursor where the page before ended; null: the first page
 * @param max most messages wanted
 */
public record ListDelayedRequest(
        @Nullable String topic,
        long fromMillis,
        long toMillis,
        @Nullable String cursor,
        int max) implements Header {
    public static ListDelayedRequest read(Fields from) {
        return new ListDelayedRequest(
                from.text("topic"),
                from.longOr("fromMillis", 0),
                from.longOr("toMillis", Long.MAX_VALUE),
                from.text("cursor"),
                from.intOr("max", 64));
    }

    @Override
    public void write(FieldSink out) {
        out.putIfPresent("topic", topic);
        out.put("fromMillis", fromMillis);
        out.put("toMillis", toMillis);
        out.putIfPresent("cursor", cursor);
        out.put("max", max);
    }
}
