package org.merlinmq.protocol.request;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code AUTH_LIST_USER} (3005): asks for users.
 *
 * @param filter part of their names; null: all
 */
public record UserListRequest(@Nullable String filter) implements Header {
    /**
     * Reads the header.
     *
     * @param from its fields
     * @return the header
     */
    public static UserListRequest read(Fields from) {
        return new UserListRequest(from.text("filter"));
    }

    @Override
    public void write(FieldSink out) {
        out.putIfPresent("filter", filter);
    }
}
