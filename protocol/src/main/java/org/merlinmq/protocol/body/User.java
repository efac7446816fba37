package org.merlinmq.protocol.body;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Body of {@code AUTH_CREATE_USER} (3001), {@code AUTH_UPDATE_USER} (3002), {@code AUTH_GET_USER} (3004): a user.
 *
 * @param password the password; null: unchanged, or not shown
 * @param userStatus enable or disable; null: unchanged
 * @param userType Super or Normal; null: unchanged
 * @param username name of the user
 */
public record User(
        @Nullable String password,
        @Nullable String userStatus,
        @Nullable String userType,
        String username) implements JsonBody {
    /**
     * Reads the body.
     *
     * @param body its JSON in UTF-8
     * @return the body
     */
    public static User read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    /**
     * Reads the body.
     *
     * @param json its fields
     * @return the body
     */
    public static User read(JsonObject json) {
        return new User(
                json.text("password"), json.text("userStatus"), json.text("userType"), json.requiredText("username"));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        out.field("password", password);
        out.field("userStatus", userStatus);
        out.field("userType", userType);
        out.field("username", username);
        out.endObject();
    }
}
