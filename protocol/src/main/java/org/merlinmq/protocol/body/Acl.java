package org.merlinmq.protocol.body;

import java.util.List;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Body of {@code AUTH_CREATE_ACL} (3006), {@code AUTH_UPDATE_ACL} (3007), {@code AUTH_GET_ACL} (3009): all
 * policies of a subject.
 *
 * @param policies the policies
 * @param subject whom the policy is for, {@code User:name}
 */
public record Acl(List<Policy> policies, String subject) implements JsonBody {
    /**
     * Reads the body.
     *
     * @param body its JSON in UTF-8
     * @return the body
     */
    public static Acl read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    /**
     * Reads the body.
     *
     * @param json its fields
     * @return the body
     */
    public static Acl read(JsonObject json) {
        return new Acl(Tables.list(json, "policies", Policy::read), json.requiredText("subject"));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        Tables.writeList(out, "policies", policies);
        out.field("subject", subject);
        out.endObject();
    }
}
