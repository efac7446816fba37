package org.merlinmq.protocol.body;

import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * The version of a table: newer if the counter is higher in the same state.
 *
 * @param counter counts changes
 * @param stateVersion epoch of the table's owner; 0 before 5.0
 * @param timestamp when it changed last, in milliseconds since 1970
 */
public record DataVersion(long counter, long stateVersion, long timestamp) implements JsonBody {
    public static DataVersion read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    public static DataVersion read(JsonObject json) {
        return new DataVersion(json.longOr("counter", 0), json.longOr("stateVersion", 0), json.longOr("timestamp", 0));
    }

    /**
     * The version after a change.
     *
     * @param nowMillis the time, in milliseconds since 1970
     * @return the next version
     */
    public DataVersion next(long nowMillis) {
        return new DataVersion(counter + 1, stateVersion, nowMillis);
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        out.field("counter", counter);
        out.field("stateVersion", stateVersion);
        out.field("timestamp", timestamp);
        out.endObject();
    }
}
