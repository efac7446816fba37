package org.merlinmq.protocol.body;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Body of {@code CHECK_CLIENT_CONFIG} (46): a subscription whose filter is to be checked.
 *
 * @param clientId id of the client
 * @param group the consumer group
 * @param namespace the namespace of keys
 * @param subscriptionData the subscription
 */
public record CheckClientConfig(
        String clientId, String group, @Nullable String namespace, SubscriptionEntry subscriptionData)
        implements JsonBody {
    public static CheckClientConfig read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    /** Reads the body. */
    public static CheckClientConfig read(JsonObject json) {
        return new CheckClientConfig(
                json.requiredText("clientId"),
                json.requiredText("group"),
                json.text("namespace"),
                SubscriptionEntry.read(Tables.required(json, "subscriptionData")));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        out.field("clientId", clientId);
        out.field("group", group);
        out.field("namespace", namespace);
        subscriptionData.writeTo(out.key("subscriptionData"));
        out.endObject();
    }
}
