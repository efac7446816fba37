package org.merlinmq.protocol.body;

import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * How far back duplicates of a topic are found, as {@code LIST_DEDUP_WINDOWS} (77030) shows it.
 *
 * @param coveredMillis for how long back its keys are known: less than the window where memory was not enough
 * @param topic the topic
 * @param windowMillis its window
 */
public record DedupState(long coveredMillis, String topic, long windowMillis) implements JsonBody {
    public static DedupState read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    public static DedupState read(JsonObject json) {
        return new DedupState(
                json.longOr("coveredMillis", 0), json.requiredText("topic"), json.longOr("windowMillis", 0));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        out.field("coveredMillis", coveredMillis);
        out.field("topic", topic);
        out.field("windowMillis", windowMillis);
        out.endObject();
    }
}
