package org.merlinmq.protocol.body;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * What is allowed or denied on a resource.
 *
 * @param actions Pub, Sub, Create, Update, Delete, Get, List, Any or All
 * @param decision Allow or Deny
 * @param resource for example {@code Topic:T}
 * @param sourceIps addresses it holds for; none: all
 */
public record PolicyEntry(List<String> actions, @Nullable String decision, String resource, List<String> sourceIps)
        implements JsonBody {
    /**
     * Reads the body.
     *
     * @param body its JSON in UTF-8
     * @return the body
     */
    public static PolicyEntry read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    /**
     * Reads the body.
     *
     * @param json its fields
     * @return the body
     */
    public static PolicyEntry read(JsonObject json) {
        return new PolicyEntry(
                json.texts("actions"), json.text("decision"), json.requiredText("resource"), json.texts("sourceIps"));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        out.field("actions", actions);
        out.field("decision", decision);
        out.field("resource", resource);
        out.field("sourceIps", sourceIps);
        out.endObject();
    }
}
