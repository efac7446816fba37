package org.merlinmq.protocol.body;

import java.util.List;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Body of {@code LIST_RATE_LIMITS} (77020): the limits of topics and groups.
 *
 * @param limits in order of kind, name and direction
 */
public record RateLimitList(List<RateLimitState> limits) implements JsonBody {
    public static RateLimitList read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    public static RateLimitList read(JsonObject json) {
        return new RateLimitList(Tables.list(json, "limits", RateLimitState::read));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        Tables.writeList(out, "limits", limits);
        out.endObject();
    }
}
