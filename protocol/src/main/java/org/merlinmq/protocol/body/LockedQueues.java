package org.merlinmq.protocol.body;

import java.util.List;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Body of {@code LOCK_BATCH_MQ} (41): queues that the client holds now.
 *
 * @param queues the queues
 */
public record LockedQueues(List<MessageQueueId> queues) implements JsonBody {
    public static LockedQueues read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    public static LockedQueues read(JsonObject json) {
        return new LockedQueues(Tables.list(json, "lockOKMQSet", MessageQueueId::read));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        Tables.writeList(out, "lockOKMQSet", queues);
        out.endObject();
    }
}
