package org.merlinmq.protocol.request;

import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code AUTH_CREATE_USER} (3001), {@code AUTH_UPDATE_USER} (3002), {@code AUTH_DELETE_USER} (3003),
 * {@code AUTH_GET_USER} (3004): names a user.
 *
 * @param username name of the user
 */
public record UserRequest(String username) implements Header {
    /**
     * Reads the header.
     *
     * @param from its fields
     * @return the header
     */
    public static UserRequest read(Fields from) {
        return new UserRequest(from.requiredText("username"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("username", username);
    }
}
