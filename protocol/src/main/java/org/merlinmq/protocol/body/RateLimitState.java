package org.merlinmq.protocol.body;

import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * One limit with its figures since the broker's start, as {@code LIST_RATE_LIMITS} (77020) shows it.
 *
 * @param burstMillis for how long an unused rate is saved up
 * @param bytes bytes a second; 0: no limit
 * @param direction {@code send} or {@code deliver}
 * @param kind {@code topic} or {@code group}
 * @param messages messages a second; 0: no limit
 * @param name the topic or group
 * @param refused how many sends could not have gone in time and were refused
 * @param waited how many sends or pulls have waited
 * @param waiting how many wait now
 */
public record RateLimitState(
        long burstMillis,
        long bytes,
        String direction,
        String kind,
        long messages,
        String name,
        long refused,
        long waited,
        long waiting)
        implements JsonBody {
    public static RateLimitState read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    public static RateLimitState read(JsonObject json) {
        return new RateLimitState(
                json.longOr("burstMillis", 0),
                json.longOr("bytes", 0),
                json.requiredText("direction"),
                json.requiredText("kind"),
                json.longOr("messages", 0),
                json.requiredText("name"),
                json.longOr("refused", 0),
                json.longOr("waited", 0),
                json.longOr("waiting", 0));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        out.field("burstMillis", burstMillis);
        out.field("bytes", bytes);
        out.field("direction", direction);
        out.field("kind", kind);
        out.field("messages", messages);
        out.field("name", name);
        out.field("refused", refused);
        out.field("waited", waited);
        out.field("waiting", waiting);
        out.endObject();
    }
}
