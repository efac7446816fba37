package org.merlinmq.protocol.body;

import java.util.List;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * A list of what is allowed or denied.
 *
 * @param entries the list
 * @param policyType Custom or Default
 */
public record Policy(List<PolicyEntry> entries, String policyType) implements JsonBody {
    /**
     * Reads the body.
     *
     * @param body its JSON in UTF-8
     * @return the body
     */
    public static Policy read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    /**
     * Reads the body.
     *
     * @param json its fields
     * @return the body
     */
    public static Policy read(JsonObject json) {
        return new Policy(Tables.list(json, "entries", PolicyEntry::read), json.textOr("policyType", "Custom"));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        Tables.writeList(out, "entries", entries);
        out.field("policyType", policyType);
        out.endObject();
    }
}
