package org.merlinmq.protocol.body;

import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Body of {@code VIEW_BROKER_STATS_DATA} (315): a statistic.
 *
 * @param day the last 24 hours
 * @param hour the last hour
 * @param minute the last minute
 */
public record BrokerStats(StatsWindow day, StatsWindow hour, StatsWindow minute) implements JsonBody {
    public static BrokerStats read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    /** Reads the body. */
    public static BrokerStats read(JsonObject json) {
        return new BrokerStats(
                StatsWindow.read(Tables.required(json, "statsDay")),
                StatsWindow.read(Tables.required(json, "statsHour")),
                StatsWindow.read(Tables.required(json, "statsMinute")));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        day.writeTo(out.key("statsDay"));
        hour.writeTo(out.key("statsHour"));
        minute.writeTo(out.key("statsMinute"));
        out.endObject();
    }
}
