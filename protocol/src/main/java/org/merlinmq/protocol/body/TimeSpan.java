package org.merlinmq.protocol.body;

import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Between which times a group's backlog of a queue lies.
 *
 * @param consumeTimeStamp store time of the last message consumed
 * @param consumeTimeStampStr the same as text in the broker's time zone
 * @param delayTime how long the first message not consumed has waited, in milliseconds
 * @param maxTimeStamp store time of the last message
 * @param maxTimeStampStr the same as text in the broker's time zone
 * @param messageQueue the queue
 * @param minTimeStamp store time of the first message
 * @param minTimeStampStr the same as text in the broker's time zone
 */
public record TimeSpan(
        long consumeTimeStamp,
        String consumeTimeStampStr,
        long delayTime,
        long maxTimeStamp,
        String maxTimeStampStr,
        MessageQueueId messageQueue,
        long minTimeStamp,
        String minTimeStampStr)
        implements JsonBody {
    public static TimeSpan read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    /** Reads the body. */
    public static TimeSpan read(JsonObject json) {
        return new TimeSpan(
                json.longOr("consumeTimeStamp", 0),
                json.textOr("consumeTimeStampStr", ""),
                json.longOr("delayTime", 0),
                json.longOr("maxTimeStamp", 0),
                json.textOr("maxTimeStampStr", ""),
                MessageQueueId.read(Tables.required(json, "messageQueue")),
                json.longOr("minTimeStamp", 0),
                json.textOr("minTimeStampStr", ""));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        out.field("consumeTimeStamp", consumeTimeStamp);
        out.field("consumeTimeStampStr", consumeTimeStampStr);
        out.field("delayTime", delayTime);
        out.field("maxTimeStamp", maxTimeStamp);
        out.field("maxTimeStampStr", maxTimeStampStr);
        messageQueue.writeTo(out.key("messageQueue"));
        out.field("minTimeStamp", minTimeStamp);
        out.field("minTimeStampStr", minTimeStampStr);
        out.endObject();
    }
}
