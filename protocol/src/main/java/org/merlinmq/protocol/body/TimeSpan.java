package org.merlinmq.protocol.body;

import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Between which times a group's backlog of a queue lies.
 *
 * @param consumeTimeStamp store time of the last message consumed
 * @param delayTime how long the first message not consumed has waited, in milliseconds
 * @param maxTimeStamp store time of the last message
 * @param messageQueue the queue
 * @param minTimeStamp store time of the first message
 */
public record TimeSpan(
        long consumeTimeStamp, long delayTime, long maxTimeStamp, MessageQueueId messageQueue, long minTimeStamp)
        implements JsonBody {
    /**
     * Reads the body.
     *
     * @param body its JSON in UTF-8
     * @return the body
     */
    public static TimeSpan read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    /**
     * Reads the body.
     *
     * @param json its fields
     * @return the body
     */
    public static TimeSpan read(JsonObject json) {
        return new TimeSpan(
                json.longOr("consumeTimeStamp", 0),
                json.longOr("delayTime", 0),
                json.longOr("maxTimeStamp", 0),
                MessageQueueId.read(Tables.required(json, "messageQueue")),
                json.longOr("minTimeStamp", 0));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        out.field("consumeTimeStamp", consumeTimeStamp);
        out.field("delayTime", delayTime);
        out.field("maxTimeStamp", maxTimeStamp);
        messageQueue.writeTo(out.key("messageQueue"));
        out.field("minTimeStamp", minTimeStamp);
        out.endObject();
    }
}
