package org.merlinmq.protocol.body;

import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * How fast a consumer consumes a topic.
 *
 * @param consumeFailedMsgs failures in the last hour
 * @param consumeFailedTPS failures a second
 * @param consumeOkTps messages a second
 * @param consumeMillis mean time to consume
 * @param pullMillis mean time to pull
 * @param pullTps messages pulled a second
 */
public record ConsumeRates(
        long consumeFailedMsgs,
        double consumeFailedTPS,
        double consumeOkTps,
        double consumeMillis,
        double pullMillis,
        double pullTps)
        implements JsonBody {
    /**
     * Reads the body.
     *
     * @param body its JSON in UTF-8
     * @return the body
     */
    public static ConsumeRates read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    /**
     * Reads the body.
     *
     * @param json its fields
     * @return the body
     */
    public static ConsumeRates read(JsonObject json) {
        return new ConsumeRates(
                json.longOr("consumeFailedMsgs", 0),
                json.doubleOr("consumeFailedTPS", 0),
                json.doubleOr("consumeOKTPS", 0),
                json.doubleOr("consumeRT", 0),
                json.doubleOr("pullRT", 0),
                json.doubleOr("pullTPS", 0));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        out.field("consumeFailedMsgs", consumeFailedMsgs);
        out.field("consumeFailedTPS", consumeFailedTPS);
        out.field("consumeOKTPS", consumeOkTps);
        out.field("consumeRT", consumeMillis);
        out.field("pullRT", pullMillis);
        out.field("pullTPS", pullTps);
        out.endObject();
    }
}
