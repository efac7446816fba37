package org.merlinmq.protocol.body;

import java.util.SortedMap;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Body of {@code GET_ALL_DELAY_OFFSET} (45): progress of the delay levels.
 *
 * @param dataVersion version of the table; null from old brokers
 * @param offsetTable offsets by level
 */
public record DelayOffsetTable(@Nullable DataVersion dataVersion, SortedMap<Integer, Long> offsetTable)
        implements JsonBody {
    public static DelayOffsetTable read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    public static DelayOffsetTable read(JsonObject json) {
        return new DelayOffsetTable(
                Tables.optional(json, "dataVersion", DataVersion::read), Tables.offsetsByNumber(json, "offsetTable"));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        Tables.writeOptional(out, "dataVersion", dataVersion);
        Tables.writeOffsetsByNumber(out, "offsetTable", offsetTable);
        out.endObject();
    }
}
