package org.merlinmq.protocol.body;

import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * A connected producer.
 *
 * @param clientId id of the client
 * @param language its language
 * @param lastUpdateTimestamp its last heartbeat, in milliseconds since 1970
 * @param remoteIp its {@code /ip:port}
 * @param version a number of {@link org.merlinmq.protocol.frame.ProtocolVersion}
 */
public record ProducerDetail(String clientId, String language, long lastUpdateTimestamp, String remoteIp, int version)
        implements JsonBody {
    public static ProducerDetail read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    /** Reads the body. */
    public static ProducerDetail read(JsonObject json) {
        return new ProducerDetail(
                json.requiredText("clientId"),
                json.textOr("language", "JAVA"),
                json.longOr("lastUpdateTimestamp", 0),
                json.requiredText("remoteIP"),
                json.intOr("version", 0));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        out.field("clientId", clientId);
        out.field("language", language);
        out.field("lastUpdateTimestamp", lastUpdateTimestamp);
        out.field("remoteIP", remoteIp);
        out.field("version", version);
        out.endObject();
    }
}
