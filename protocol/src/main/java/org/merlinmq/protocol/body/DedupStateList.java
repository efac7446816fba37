package org.merlinmq.protocol.body;

import java.util.List;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Body of {@code LIST_DEDUP_WINDOWS} (77030): the topics in which duplicates are found.
 *
 * @param windows in the order of the topics' names
 */
public record DedupStateList(List<DedupState> windows) implements JsonBody {
    public static DedupStateList read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    public static DedupStateList read(JsonObject json) {
        return new DedupStateList(Tables.list(json, "windows", DedupState::read));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        Tables.writeList(out, "windows", windows);
        out.endObject();
    }
}
