package org.merlinmq.protocol.body;

import java.util.Map;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Body of {@code GET_ALL_TOPIC_CONFIG} (21), {@code REGISTER_BROKER} (103): all topics of a broker.
 *
 * @param dataVersion version of the table
 * @param topicConfigTable topics by name
 */
public record TopicConfigTable(DataVersion dataVersion, Map<String, TopicConfig> topicConfigTable) implements JsonBody {
    public static TopicConfigTable read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    public static TopicConfigTable read(JsonObject json) {
        return new TopicConfigTable(
                DataVersion.read(Tables.required(json, "dataVersion")),
                Tables.byName(json, "topicConfigTable", TopicConfig::read));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        dataVersion.writeTo(out.key("dataVersion"));
        Tables.writeByName(out, "topicConfigTable", topicConfigTable);
        out.endObject();
    }
}
