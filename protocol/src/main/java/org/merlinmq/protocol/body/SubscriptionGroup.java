package org.merlinmq.protocol.body;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonValue;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * The settings of a consumer group; body of {@code UPDATE_AND_CREATE_SUBSCRIPTIONGROUP} (200) and {@code
 * GET_SUBSCRIPTIONGROUP_CONFIG} (352).
 *
 * @param groupName its name
 * @param consumeEnable whether it may consume
 * @param consumeFromMinEnable whether it may start at the first message
 * @param consumeBroadcastEnable whether it may broadcast
 * @param consumeMessageOrderly whether pops are orderly
 * @param retryQueueNums queues of its retry topic
 * @param retryMaxTimes consumptions before a message becomes a dead letter
 * @param groupRetryPolicy how retries are spaced, as JSON; null: the delay levels
 * @param brokerId broker to pull from
 * @param whichBrokerWhenConsumeSlowly broker to pull from when far behind
 * @param notifyConsumerIdsChangedEnable whether members are notified when one joins or leaves
 * @param groupSysFlag bits of the group
 * @param consumeTimeoutMinute minutes a message may take
 * @param subscriptionDataSet subscriptions that are fixed, as JSON; null for none
 * @param attributes further settings by name, without signs
 */
public record SubscriptionGroup(
        String groupName,
        boolean consumeEnable,
        boolean consumeFromMinEnable,
        boolean consumeBroadcastEnable,
        boolean consumeMessageOrderly,
        int retryQueueNums,
        int retryMaxTimes,
        @Nullable JsonObject groupRetryPolicy,
        long brokerId,
        long whichBrokerWhenConsumeSlowly,
        boolean notifyConsumerIdsChangedEnable,
        int groupSysFlag,
        int consumeTimeoutMinute,
        @Nullable JsonValue subscriptionDataSet,
        Map<String, String> attributes)
        implements JsonBody {
    private static final String BY_LEVELS = "CUSTOMIZED";
    private static final int DEFAULT_RETRIES = 16;
    private static final int DEFAULT_MINUTES = 15;

    /**
     * The settings of a new group.
     *
     * @param groupName its name
     * @return the settings
     */
    public static SubscriptionGroup of(String groupName) {
        JsonValue name = new JsonValue.Text(groupName);
        return read(new JsonObject(List.of(new JsonObject.Member(new JsonValue.Text("groupName"), name))));
    }

    /**
     * The same with other attributes.
     *
     * @param other the attributes; in a request with a sign each: {@code +name} sets, {@code -name} removes
     * @return the group
     */
    public SubscriptionGroup withAttributes(Map<String, String> other) {
        return new SubscriptionGroup(
                groupName,
                consumeEnable,
                consumeFromMinEnable,
                consumeBroadcastEnable,
                consumeMessageOrderly,
                retryQueueNums,
                retryMaxTimes,
                groupRetryPolicy,
                brokerId,
                whichBrokerWhenConsumeSlowly,
                notifyConsumerIdsChangedEnable,
                groupSysFlag,
                consumeTimeoutMinute,
                subscriptionDataSet,
                Map.copyOf(other));
    }

    /**
     * Reads the settings.
     *
     * @param body their JSON in UTF-8
     * @return the settings
     */
    public static SubscriptionGroup read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    /**
     * Reads the settings; what is absent is as for a new group.
     *
     * @param json their fields
     * @return the settings
     */
    public static SubscriptionGroup read(JsonObject json) {
        return new SubscriptionGroup(
                json.requiredText("groupName"),
                json.booleanOr("consumeEnable", true),
                json.booleanOr("consumeFromMinEnable", true),
                json.booleanOr("consumeBroadcastEnable", true),
                json.booleanOr("consumeMessageOrderly", false),
                json.intOr("retryQueueNums", 1),
                json.intOr("retryMaxTimes", DEFAULT_RETRIES),
                retryPolicy(json),
                json.longOr("brokerId", 0),
                json.longOr("whichBrokerWhenConsumeSlowly", 1),
                json.booleanOr("notifyConsumerIdsChangedEnable", true),
                json.intOr("groupSysFlag", 0),
                json.intOr("consumeTimeoutMinute", DEFAULT_MINUTES),
                json.value("subscriptionDataSet"),
                Tables.texts(json, "attributes"));
    }

    /** The policy; null for one that has nothing but the default type. */
    private static @Nullable JsonObject retryPolicy(JsonObject json) {
        JsonObject policy = json.object("groupRetryPolicy");
        boolean plain = policy != null && policy.members().size() == 1 && BY_LEVELS.equals(policy.text("type"));
        return plain ? null : policy;
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        out.field("attributes", attributes).field("brokerId", brokerId);
        out.field("consumeBroadcastEnable", consumeBroadcastEnable).field("consumeEnable", consumeEnable);
        out.field("consumeFromMinEnable", consumeFromMinEnable).field("consumeMessageOrderly", consumeMessageOrderly);
        out.field("consumeTimeoutMinute", consumeTimeoutMinute).field("groupName", groupName);
        writeRetryPolicy(out.key("groupRetryPolicy"));
        out.field("groupSysFlag", groupSysFlag);
        out.field("notifyConsumerIdsChangedEnable", notifyConsumerIdsChangedEnable);
        out.field("retryMaxTimes", retryMaxTimes).field("retryQueueNums", retryQueueNums);
        if (subscriptionDataSet != null) {
            out.key("subscriptionDataSet").value(subscriptionDataSet);
        }
        out.field("whichBrokerWhenConsumeSlowly", whichBrokerWhenConsumeSlowly);
        out.endObject();
    }

    private void writeRetryPolicy(JsonWriter out) {
        if (groupRetryPolicy == null) {
            out.beginObject().field("type", BY_LEVELS).endObject();
        } else {
            out.value(groupRetryPolicy);
        }
    }
}
