package org.merlinmq.protocol.body;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Body of {@code QUERY_SUBSCRIPTION_BY_CONSUMER} (345): a group's subscription to a topic.
 *
 * @param group the consumer group
 * @param subscriptionData the subscription; null if there is none
 * @param topic the topic
 */
public record GroupSubscription(String group, @Nullable SubscriptionEntry subscriptionData, String topic)
        implements JsonBody {
    public static GroupSubscription read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    /** Reads the body. */
    public static GroupSubscription read(JsonObject json) {
        return new GroupSubscription(
                json.requiredText("group"),
                Tables.optional(json, "subscriptionData", SubscriptionEntry::read),
                json.requiredText("topic"));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        out.field("group", group);
        Tables.writeOptional(out, "subscriptionData", subscriptionData);
        out.field("topic", topic);
        out.endObject();
    }
}
