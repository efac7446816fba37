package org.merlinmq.protocol.body;

import java.util.Map;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Body of {@code GET_CONSUMER_STATUS_FROM_CLIENT} (221), {@code INVOKE_BROKER_TO_GET_CONSUMER_STATUS} (223):
 * offsets that consumers hold.
 *
 * @param consumerTable offsets by client and queue
 * @param messageQueueTable offsets by queue, of one client
 */
public record ConsumerStatus(
        Map<String, Map<MessageQueueId, Long>> consumerTable, Map<MessageQueueId, Long> messageQueueTable)
        implements JsonBody {
    public static ConsumerStatus read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    public static ConsumerStatus read(JsonObject json) {
        return new ConsumerStatus(
                Tables.offsetsByClient(json, "consumerTable"), Tables.offsets(json, "messageQueueTable"));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        Tables.writeOffsetsByClient(out, "consumerTable", consumerTable);
        Tables.writeOffsets(out, "messageQueueTable", messageQueueTable);
        out.endObject();
    }
}
