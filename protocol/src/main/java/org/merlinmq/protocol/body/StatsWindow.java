package org.merlinmq.protocol.body;

import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * A statistic over one window of time.
 *
 * @param average sum by times
 * @param sum the sum
 * @param perSecond sum by seconds
 */
public record StatsWindow(double average, long sum, double perSecond) implements JsonBody {
    public static StatsWindow read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    public static StatsWindow read(JsonObject json) {
        return new StatsWindow(json.doubleOr("avgpt", 0), json.longOr("sum", 0), json.doubleOr("tps", 0));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        out.field("avgpt", average);
        out.field("sum", sum);
        out.field("tps", perSecond);
        out.endObject();
    }
}
