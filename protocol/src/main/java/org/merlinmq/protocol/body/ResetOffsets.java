package org.merlinmq.protocol.body;

import java.util.LinkedHashMap;
import java.util.Map;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonValue;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Body of {@code RESET_CONSUMER_CLIENT_OFFSET} (220) and {@code INVOKE_BROKER_TO_RESET_OFFSET} (222): offsets to go to.
 *
 * <p>Format: a table with queues as keys, but for clients in C++ a list.
 *
 * @param offsetTable offsets by queue
 */
public record ResetOffsets(Map<MessageQueueId, Long> offsetTable) implements JsonBody {
    private static final String TABLE = "offsetTable";

    /**
     * Reads the body in either form.
     *
     * @param body its JSON in UTF-8
     * @return the body
     */
    public static ResetOffsets read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    /**
     * Reads the body in either form.
     *
     * @param json its fields
     * @return the body
     */
    public static ResetOffsets read(JsonObject json) {
        if (json.value(TABLE) instanceof JsonValue.Array) {
            Map<MessageQueueId, Long> offsets = new LinkedHashMap<>();
            for (JsonObject entry : json.objects(TABLE)) {
                offsets.put(MessageQueueId.read(entry), entry.longOr("offset", 0));
            }
            return new ResetOffsets(offsets);
        }
        return new ResetOffsets(Tables.offsets(json, TABLE));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        Tables.writeOffsets(out, TABLE, offsetTable);
        out.endObject();
    }

    /**
     * Writes the form that clients in C++ read.
     *
     * @return its bytes in UTF-8
     */
    public byte[] writeAsList() {
        JsonWriter out = new JsonWriter();
        out.beginObject().key(TABLE).beginArray();
        offsetTable.forEach((queue, offset) -> {
            out.beginObject().field("brokerName", queue.brokerName()).field("offset", offset.longValue());
            out.field("queueId", queue.queueId()).field("topic", queue.topic()).endObject();
        });
        return out.endArray().endObject().toByteArray();
    }
}
