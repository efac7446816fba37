package org.merlinmq.protocol.body;

import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * A message that waits for its time, as {@code LIST_DELAYED_MESSAGES} (77010) shows it.
 *
 * @param bodyBytes the size of its body
 * @param dueMillis when it is due, in milliseconds since 1970
 * @param level its delay level; 0: it has any delay
 * @param messageId the id that names the place of its record
 * @param queueId its own queue
 * @param storeMillis when its record was stored
 * @param topic its own topic
 * @param uniqueKey its unique key; empty: it has none
 */
public record DelayedMessage(
        int bodyBytes,
        long dueMillis,
        int level,
        String messageId,
        int queueId,
        long storeMillis,
        String topic,
        String uniqueKey)
        implements JsonBody {
    public static DelayedMessage read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    public static DelayedMessage read(JsonObject json) {
        return new DelayedMessage(
                json.intOr("bodyBytes", 0),
                json.longOr("dueMillis", 0),
                json.intOr("level", 0),
                json.requiredText("messageId"),
                json.intOr("queueId", 0),
                json.longOr("storeMillis", 0),
                json.requiredText("topic"),
                json.textOr("uniqueKey", ""));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        out.field("bodyBytes", bodyBytes);
        out.field("dueMillis", dueMillis);
        out.field("level", level);
        out.field("messageId", messageId);
        out.field("queueId", queueId);
        out.field("storeMillis", storeMillis);
        out.field("topic", topic);
        out.field("uniqueKey", uniqueKey);
        out.endObject();
    }
}
