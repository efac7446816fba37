package org.merlinmq.protocol.body;

import java.util.Map;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Body of {@code GET_BROKER_RUNTIME_INFO} (28), {@code GET_KVLIST_BY_NAMESPACE} (219): texts by name.
 *
 * @param table the texts
 */
public record KvTable(Map<String, String> table) implements JsonBody {
    public static KvTable read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    public static KvTable read(JsonObject json) {
        return new KvTable(Tables.texts(json, "table"));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        out.field("table", table);
        out.endObject();
    }
}
