package org.merlinmq.protocol.body;

import java.util.Map;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Body of {@code GET_CONSUME_STATS} (208): how far a group is.
 *
 * @param consumeTps messages consumed a second
 * @param offsetTable by queue
 */
public record ConsumeStats(double consumeTps, Map<MessageQueueId, QueueProgress> offsetTable) implements JsonBody {
    public static ConsumeStats read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    public static ConsumeStats read(JsonObject json) {
        return new ConsumeStats(
                json.doubleOr("consumeTps", 0), Tables.byQueue(json, "offsetTable", QueueProgress::read));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        out.field("consumeTps", consumeTps);
        Tables.writeByQueue(out, "offsetTable", offsetTable);
        out.endObject();
    }
}
