package org.merlinmq.protocol.body;

import java.util.List;
import java.util.Map;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Body of {@code GET_CONSUMER_CONNECTION_LIST} (203): the clients of a consumer group.
 *
 * @param connections the clients
 * @param consumeFromWhere where a new group starts
 * @param consumeType how the group gets messages
 * @param messageModel whether members share the messages
 * @param subscriptionTable subscriptions by topic, of those that differ the newest
 * @param differing members that subscribe to a topic by expressions that differ, two for each topic; a field of ours, written
 *     only if there are any
 */
public record ConsumerConnections(
        List<ClientConnection> connections,
        ConsumeFromWhere consumeFromWhere,
        ConsumeType consumeType,
        MessageModel messageModel,
        Map<String, SubscriptionEntry> subscriptionTable,
        List<DifferingSubscription> differing)
        implements JsonBody {
    public static ConsumerConnections read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    /** Reads the body. */
    public static ConsumerConnections read(JsonObject json) {
        return new ConsumerConnections(
                Tables.list(json, "connectionSet", ClientConnection::read),
                Tables.constant(json, "consumeFromWhere", ConsumeFromWhere.CONSUME_FROM_LAST_OFFSET),
                Tables.constant(json, "consumeType", ConsumeType.CONSUME_PASSIVELY),
                Tables.constant(json, "messageModel", MessageModel.CLUSTERING),
                Tables.byName(json, "subscriptionTable", SubscriptionEntry::read),
                Tables.list(json, "differingSubscriptions", DifferingSubscription::read));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        Tables.writeList(out, "connectionSet", connections);
        out.field("consumeFromWhere", consumeFromWhere.name());
        out.field("consumeType", consumeType.name());
        if (!differing.isEmpty()) {
            Tables.writeList(out, "differingSubscriptions", differing);
        }
        out.field("messageModel", messageModel.name());
        Tables.writeByName(out, "subscriptionTable", subscriptionTable);
        out.endObject();
    }
}
