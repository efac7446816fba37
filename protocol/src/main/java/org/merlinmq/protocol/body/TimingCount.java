package org.merlinmq.protocol.body;

import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * How many messages of one topic wait for their time.
 *
 * @param count how many
 * @param timeStamp when they were counted, in milliseconds since 1970
 */
public record TimingCount(long count, long timeStamp) implements JsonBody {
    public static TimingCount read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    public static TimingCount read(JsonObject json) {
        return new TimingCount(json.longOr("count", 0), json.longOr("timeStamp", 0));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        out.field("count", count);
        out.field("timeStamp", timeStamp);
        out.endObject();
    }
}
