package org.merlinmq.protocol.request;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code AUTH_DELETE_ACL} (3008): deletes a policy.
 *
 * @param subject whom the policy is for, {@code User:name}
 * @param policyType Custom or Default; null: both
 * @param resource only of this resource; null: of all
 */
public record DeleteAclRequest(
        String subject,
        @Nullable String policyType,
        @Nullable String resource) implements Header {
    /**
     * Reads the header.
     *
     * @param from its fields
     * @return the header
     */
    public static DeleteAclRequest read(Fields from) {
        return new DeleteAclRequest(from.requiredText("subject"), from.text("policyType"), from.text("resource"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("subject", subject);
        out.putIfPresent("policyType", policyType);
        out.putIfPresent("resource", resource);
    }
}
