package org.merlinmq.protocol.body;

import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * A connected client.
 *
 * @param clientAddr its {@code ip:port}
 * @param clientId id of the client
 * @param language its language
 * @param sharesClientId whether another live client of the group uses the same id; a field of ours, written only if true
 * @param version a number of {@link org.merlinmq.protocol.frame.ProtocolVersion}
 */
public record ClientConnection(String clientAddr, String clientId, String language, boolean sharesClientId, int version)
        implements JsonBody {
    public static ClientConnection read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    /** Reads the body. */
    public static ClientConnection read(JsonObject json) {
        return new ClientConnection(
                json.requiredText("clientAddr"),
                json.requiredText("clientId"),
                json.textOr("language", "JAVA"),
                json.booleanOr("sharesClientId", false),
                json.intOr("version", 0));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        out.field("clientAddr", clientAddr);
        out.field("clientId", clientId);
        out.field("language", language);
        if (sharesClientId) {
            out.field("sharesClientId", true);
        }
        out.field("version", version);
        out.endObject();
    }
}
