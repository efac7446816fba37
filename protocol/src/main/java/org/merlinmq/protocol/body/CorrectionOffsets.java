package org.merlinmq.protocol.body;

import java.util.SortedMap;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Body of {@code QUERY_CORRECTION_OFFSET} (308): offsets held back by other groups.
 *
 * @param correctionOffsets offsets by queue
 */
public record CorrectionOffsets(SortedMap<Integer, Long> correctionOffsets) implements JsonBody {
    public static CorrectionOffsets read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    public static CorrectionOffsets read(JsonObject json) {
        return new CorrectionOffsets(Tables.offsetsByNumber(json, "correctionOffsets"));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        Tables.writeOffsetsByNumber(out, "correctionOffsets", correctionOffsets);
        out.endObject();
    }
}
