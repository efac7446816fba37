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
    /**
     * Reads the body.
     *
     * @param body its JSON in UTF-8
     * @return the body
     */
    public static ProducerTable read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    /**
     * Reads the body.
     *
     * @param json its fields
     * @return the body
     */
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
