package org.merlinmq.protocol.body;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Body of {@code GET_TIMER_METRICS} (61): how many messages of each topic wait for their time.
 *
 * @param dataVersion version of the table; null from brokers that keep none
 * @param timingCount counts by topic
 */
public record TimerMetrics(@Nullable DataVersion dataVersion, Map<String, TimingCount> timingCount)
        implements JsonBody {
    public static TimerMetrics read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    public static TimerMetrics read(JsonObject json) {
        return new TimerMetrics(
                Tables.optional(json, "dataVersion", DataVersion::read),
                Tables.byName(json, "timingCount", TimingCount::read));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        Tables.writeOptional(out, "dataVersion", dataVersion);
        Tables.writeByName(out, "timingCount", timingCount);
        out.endObject();
    }
}
