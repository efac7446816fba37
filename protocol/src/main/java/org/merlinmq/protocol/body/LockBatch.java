package org.merlinmq.protocol.body;

import java.util.List;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Body of {@code LOCK_BATCH_MQ} (41), {@code UNLOCK_BATCH_MQ} (42): queues to lock or unlock.
 *
 * @param clientId id of the client
 * @param consumerGroup the consumer group
 * @param queues the queues
 * @param onlyThisBroker whether only this replica is asked
 */
public record LockBatch(String clientId, String consumerGroup, List<MessageQueueId> queues, boolean onlyThisBroker)
        implements JsonBody {
    public static LockBatch read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    /** Reads the body. */
    public static LockBatch read(JsonObject json) {
        return new LockBatch(
                json.requiredText("clientId"),
                json.requiredText("consumerGroup"),
                Tables.list(json, "mqSet", MessageQueueId::read),
                json.booleanOr("onlyThisBroker", false));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        out.field("clientId", clientId);
        out.field("consumerGroup", consumerGroup);
        Tables.writeList(out, "mqSet", queues);
        out.field("onlyThisBroker", onlyThisBroker);
        out.endObject();
    }
}
