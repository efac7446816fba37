package org.merlinmq.protocol.body;

import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Body of {@code GET_ALL_CONSUMER_OFFSET} (43): all committed offsets.
 *
 * @param dataVersion version of the table; null from old brokers
 * @param offsetTable offsets by {@code topic@group} and queue
 */
public record ConsumerOffsetTable(@Nullable DataVersion dataVersion, Map<String, SortedMap<Integer, Long>> offsetTable)
        implements JsonBody {
    public static ConsumerOffsetTable read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    public static ConsumerOffsetTable read(JsonObject json) {
        return new ConsumerOffsetTable(
                Tables.optional(json, "dataVersion", DataVersion::read), Tables.offsetsByName(json, "offsetTable"));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        Tables.writeOptional(out, "dataVersion", dataVersion);
        Tables.writeOffsetsByName(out, "offsetTable", offsetTable);
        out.endObject();
    }
}
