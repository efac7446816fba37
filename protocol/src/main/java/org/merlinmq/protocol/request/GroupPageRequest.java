package org.merlinmq.protocol.request;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code GET_ALL_SUBSCRIPTIONGROUP_CONFIG} (201): asks for a page of the table of groups.
 *
 * @param groupSeq first group; null: the whole table
 * @param dataVersion the version the caller has, as JSON; null if it has none
 * @param maxGroupNum most groups wanted
 */
public record GroupPageRequest(
        @Nullable Integer groupSeq,
        @Nullable String dataVersion,
        @Nullable Integer maxGroupNum) implements Header {
    /**
     * Reads the header.
     *
     * @param from its fields
     * @return the header
     */
    public static GroupPageRequest read(Fields from) {
        return new GroupPageRequest(
                from.optionalInt("groupSeq"), from.text("dataVersion"), from.optionalInt("maxGroupNum"));
    }

    @Override
    public void write(FieldSink out) {
        out.putIfPresent("groupSeq", groupSeq);
        out.putIfPresent("dataVersion", dataVersion);
        out.putIfPresent("maxGroupNum", maxGroupNum);
    }
}
