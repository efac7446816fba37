package org.merlinmq.protocol.request;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code LIST_TRANSACTIONS} (77001): asks for a page of transactions.
 *
 * @param group only of this producer group; null for all
 * @param topic only for this topic; null for all
 * @param givenUp those that were given up, in place of those that are open
 * @param cursor where to go on: 0, or what the page before named
 * @param max most transactions wanted
 */
public record TransactionListRequest(
        @Nullable String group, @Nullable String topic, boolean givenUp, long cursor, int max) implements Header {
    private static final int PAGE = 100;

    /** Reads the header. */
    public static TransactionListRequest read(Fields from) {
        return new TransactionListRequest(
                from.text("group"),
                from.text("topic"),
                from.flagOr("givenUp", false),
                from.longOr("cursor", 0),
                from.intOr("max", PAGE));
    }

    @Override
    public void write(FieldSink out) {
        out.putIfPresent("group", group);
        out.putIfPresent("topic", topic);
        out.put("givenUp", givenUp);
        out.put("cursor", cursor);
        out.put("max", max);
    }
}
