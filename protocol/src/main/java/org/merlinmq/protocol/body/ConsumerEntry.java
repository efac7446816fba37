package org.merlinmq.protocol.body;

import java.util.List;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * A consumer group in a heartbeat.
 *
 * @param consumeFromWhere where a new group starts
 * @param consumeType how it gets messages
 * @param groupName the group
 * @param messageModel whether members share the messages
 * @param subscriptions what it subscribes to
 * @param unitMode whether it works in units
 */
public record ConsumerEntry(
        ConsumeFromWhere consumeFromWhere,
        ConsumeType consumeType,
        String groupName,
        MessageModel messageModel,
        List<SubscriptionEntry> subscriptions,
        boolean unitMode)
        implements JsonBody {
    public static ConsumerEntry read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    /** Reads the body. */
    public static ConsumerEntry read(JsonObject json) {
        return new ConsumerEntry(
                Tables.constant(json, "consumeFromWhere", ConsumeFromWhere.CONSUME_FROM_LAST_OFFSET),
                Tables.constant(json, "consumeType", ConsumeType.CONSUME_PASSIVELY),
                json.requiredText("groupName"),
                Tables.constant(json, "messageModel", MessageModel.CLUSTERING),
                Tables.list(json, "subscriptionDataSet", SubscriptionEntry::read),
                json.booleanOr("unitMode", false));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        out.field("consumeFromWhere", consumeFromWhere.name());
        out.field("consumeType", consumeType.name());
        out.field("groupName", groupName);
        out.field("messageModel", messageModel.name());
        Tables.writeList(out, "subscriptionDataSet", subscriptions);
        out.field("unitMode", unitMode);
        out.endObject();
    }
}
