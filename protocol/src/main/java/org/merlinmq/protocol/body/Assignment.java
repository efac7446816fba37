package org.merlinmq.protocol.body;

import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * A queue that a client consumes.
 *
 * @param messageQueue the queue; its number is -1 for a whole topic
 * @param mode PULL or POP
 */
public record Assignment(MessageQueueId messageQueue, String mode) implements JsonBody {
    /**
     * Reads the body.
     *
     * @param body its JSON in UTF-8
     * @return the body
     */
    public static Assignment read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    /**
     * Reads the body.
     *
     * @param json its fields
     * @return the body
     */
    public static Assignment read(JsonObject json) {
        return new Assignment(MessageQueueId.read(Tables.required(json, "messageQueue")), json.textOr("mode", "PULL"));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        messageQueue.writeTo(out.key("messageQueue"));
        out.field("mode", mode);
        out.endObject();
    }
}
