package org.merlinmq.protocol.body;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Body of {@code QUERY_CONSUME_QUEUE} (321): entries of a queue.
 *
 * @param filterData what is known of the group's filter; null for none
 * @param maxQueueIndex next offset of the queue
 * @param minQueueIndex first offset of the queue
 * @param queueData the entries
 * @param subscriptionData the group's subscription; null if none was asked for
 */
public record QueueEntries(
        @Nullable String filterData,
        long maxQueueIndex,
        long minQueueIndex,
        List<QueueEntryView> queueData,
        @Nullable SubscriptionEntry subscriptionData)
        implements JsonBody {
    public static QueueEntries read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    /** Reads the body. */
    public static QueueEntries read(JsonObject json) {
        return new QueueEntries(
                json.text("filterData"),
                json.longOr("maxQueueIndex", 0),
                json.longOr("minQueueIndex", 0),
                Tables.list(json, "queueData", QueueEntryView::read),
                Tables.optional(json, "subscriptionData", SubscriptionEntry::read));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        out.field("filterData", filterData);
        out.field("maxQueueIndex", maxQueueIndex);
        out.field("minQueueIndex", minQueueIndex);
        Tables.writeList(out, "queueData", queueData);
        Tables.writeOptional(out, "subscriptionData", subscriptionData);
        out.endObject();
    }
}
