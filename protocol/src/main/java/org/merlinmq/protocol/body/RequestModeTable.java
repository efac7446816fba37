package org.merlinmq.protocol.body;

import java.util.Map;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Body of {@code GET_ALL_MESSAGE_REQUEST_MODE} (402): the modes of all groups.
 *
 * @param modes by topic and group
 */
public record RequestModeTable(Map<String, Map<String, RequestMode>> modes) implements JsonBody {
    public static RequestModeTable read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    public static RequestModeTable read(JsonObject json) {
        return new RequestModeTable(Tables.byNames(json, "messageRequestModeMap", RequestMode::read));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        Tables.writeByNames(out, "messageRequestModeMap", modes);
        out.endObject();
    }
}
