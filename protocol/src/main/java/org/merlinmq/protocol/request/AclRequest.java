package org.merlinmq.protocol.request;

import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code AUTH_CREATE_ACL} (3006), {@code AUTH_UPDATE_ACL} (3007), {@code AUTH_GET_ACL} (3009): names
 * whom a policy is for.
 *
 * @param subject whom the policy is for, {@code User:name}
 */
public record AclRequest(String subject) implements Header {
    /**
     * Reads the header.
     *
     * @param from its fields
     * @return the header
     */
    public static AclRequest read(Fields from) {
        return new AclRequest(from.requiredText("subject"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("subject", subject);
    }
}
