package org.merlinmq.protocol.body;

import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * The ends of a queue.
 *
 * @param lastUpdateTimestamp store time of the last message, 0 if none
 * @param maxOffset next offset
 * @param minOffset first offset
 */
public record QueueStats(long lastUpdateTimestamp, long maxOffset, long minOffset) implements JsonBody {
    public static QueueStats read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    public static QueueStats read(JsonObject json) {
        return new QueueStats(
                json.longOr("lastUpdateTimestamp", 0), json.longOr("maxOffset", 0), json.longOr("minOffset", 0));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        out.field("lastUpdateTimestamp", lastUpdateTimestamp);
        out.field("maxOffset", maxOffset);
        out.field("minOffset", minOffset);
        out.endObject();
    }
}
