package org.merlinmq.protocol.request;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code AUTH_LIST_ACL} (3010): asks for policies.
 *
 * @param subjectFilter part of the subject; null: all
 * @param resourceFilter part of the resource; null: all
 */
public record AclListRequest(
        @Nullable String subjectFilter, @Nullable String resourceFilter) implements Header {
    /**
     * Reads the header.
     *
     * @param from its fields
     * @return the header
     */
    public static AclListRequest read(Fields from) {
        return new AclListRequest(from.text("subjectFilter"), from.text("resourceFilter"));
    }

    @Override
    public void write(FieldSink out) {
        out.putIfPresent("subjectFilter", subjectFilter);
        out.putIfPresent("resourceFilter", resourceFilter);
    }
}
