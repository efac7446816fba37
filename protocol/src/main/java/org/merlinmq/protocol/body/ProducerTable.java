package org.merlinmq.protocol.body;

import java.util.List;
import java.util.Map;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Body of {@code GET_ALL_PRODUCER_INFO} (328): all producers.
 *
 * @param producers producers by group
 */
public record ProducerTable(Map<String, List<ProducerDetail>> producers) implements JsonBody {
    public static ProducerTable read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    public static ProducerTable read(JsonObject json) {
        return new ProducerTable(Tables.listsByName(json, "data", ProducerDetail::read));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        Tables.writeListsByName(out, "data", producers);
        out.endObject();
    }
}
