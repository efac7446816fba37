package org.merlinmq.protocol.body;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Body of {@code GET_CONSUMER_RUNNING_INFO} (307): the inner state of a consumer.
 *
 * @param jstack its threads; null if not asked for
 * @param queues what it holds, by queue
 * @param properties facts about it, by name
 * @param rates by topic
 * @param subscriptions what it subscribes to
 */
public record RunningState(
        @Nullable String jstack,
        Map<MessageQueueId, ProcessQueueState> queues,
        Map<String, String> properties,
        Map<String, ConsumeRates> rates,
        List<SubscriptionEntry> subscriptions)
        implements JsonBody {
    /**
     * Reads the body.
     *
     * @param body its JSON in UTF-8
     * @return the body
     */
    public static RunningState read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    /**
     * Reads the body.
     *
     * @param json its fields
     * @return the body
     */
    public static RunningState read(JsonObject json) {
        return new RunningState(
                json.text("jstack"),
                Tables.byQueue(json, "mqTable", ProcessQueueState::read),
                Tables.texts(json, "properties"),
                Tables.byName(json, "statusTable", ConsumeRates::read),
                Tables.list(json, "subscriptionSet", SubscriptionEntry::read));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        out.field("jstack", jstack);
        Tables.writeByQueue(out, "mqTable", queues);
        out.field("properties", properties);
        Tables.writeByName(out, "statusTable", rates);
        Tables.writeList(out, "subscriptionSet", subscriptions);
        out.endObject();
    }
}
