package org.merlinmq.protocol.body;

import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * How far a group is in a queue.
 *
 * @param brokerOffset next offset of the queue
 * @param consumerOffset committed offset
 * @param lastTimestamp store time of the last message consumed, 0 if none
 * @param pullOffset next offset to pull; 0 before 5.0
 */
public record QueueProgress(long brokerOffset, long consumerOffset, long lastTimestamp, long pullOffset)
        implements JsonBody {
    public static QueueProgress read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    /** Reads the body. */
    public static QueueProgress read(JsonObject json) {
        return new QueueProgress(
                json.longOr("brokerOffset", 0),
                json.longOr("consumerOffset", 0),
                json.longOr("lastTimestamp", 0),
                json.longOr("pullOffset", 0));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        out.field("brokerOffset", brokerOffset);
        out.field("consumerOffset", consumerOffset);
        out.field("lastTimestamp", lastTimestamp);
        out.field("pullOffset", pullOffset);
        out.endObject();
    }
}
