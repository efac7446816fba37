package org.merlinmq.broker.pull;

import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.client.ConsumerGroup;
import org.merlinmq.broker.client.ConsumerGroups;
import org.merlinmq.broker.client.Subscription;
import org.merlinmq.broker.dispatch.Refusal;
import org.merlinmq.broker.filter.TagFilter;
import org.merlinmq.broker.group.GroupTable;
import org.merlinmq.broker.offset.ConsumeProgress;
import org.merlinmq.broker.offset.OffsetTable;
import org.merlinmq.broker.topic.Topic;
import org.merlinmq.broker.topic.TopicTable;
import org.merlinmq.protocol.body.SubscriptionGroup;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.FrameScan;

/**
 * Who may pull what, in RocketMQ's order of questions: the broker, the group, the topic, the queue, the subscription.
 *
 * <p>Threading: one per event loop; it keeps the bytes of the names that it looks up.
 */
public final class PullChecks {
    private static final int READ = 4;
    private static final int LITE_PULL_MESSAGE = 361;
    private static final int LONGEST_NAME_BYTES = 255;
    private static final byte[] TAG = {'T', 'A', 'G'};

    private final PullConfig config;
    private final int permission;
    private final TopicTable topics;
    private final GroupTable groups;
    private final ConsumerGroups consumers;
    private final OffsetTable offsets;
    private byte[] topicName = new byte[LONGEST_NAME_BYTES];
    private byte[] groupName = new byte[LONGEST_NAME_BYTES];
    private int topicBytes;
    private int groupBytes;

    /** The expression parsed last: a group that brings its subscription brings the same one with each pull. */
    private String parsedExpression = "*";

    private TagFilter parsedFilter = TagFilter.ALL;

    /**
     * The checks of one loop.
     *
     * @param config the settings
     * @param permission the broker's own permission bits
     * @param topics the topics
     * @param groups the configured groups
     * @param consumers the live groups
     * @param offsets the committed offsets
     */
    public PullChecks(
            PullConfig config,
            int permission,
            TopicTable topics,
            GroupTable groups,
            ConsumerGroups consumers,
            OffsetTable offsets) {
        this.config = config;
        this.permission = permission;
        this.topics = topics;
        this.groups = groups;
        this.consumers = consumers;
        this.offsets = offsets;
    }

    PullConfig config() {
        return config;
    }

    PullOutcome resolve(FrameScan frame, PullFields fields) {
        if ((permission & READ) == 0) {
            return forbid(
                    Forbidden.BROKER,
                    "the broker gives out no messages now: brokerPermission=" + permission + " lacks 4");
        }
        if (frame.code() == LITE_PULL_MESSAGE && !config.litePull()) {
            return forbid(Forbidden.BROKER, "lite pulls are switched off: litePullMessageEnable=false");
        }
        readNames(frame, fields);
        SubscriptionGroup group = groups.find(groupName, 0, groupBytes);
        if (group == null) {
            group = groups.findOrCreate(frame.value(fields.group));
        }
        if (group == null) {
            return refuse(ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST, groups.whyNone(frame.value(fields.group)));
        }
        if (!group.consumeEnable()) {
            return forbid(
                    Forbidden.GROUP, "the group " + group.groupName() + " may not consume: its consumeEnable is false");
        }
        Topic topic = topics.find(topicName, 0, topicBytes);
        if (topic == null) {
            return refuse(
                    ResponseCode.TOPIC_NOT_EXIST,
                    "the topic " + frame.value(fields.topic) + " does not exist: send to it or create it first");
        }
        if (!topic.readable()) {
            return forbid(
                    Forbidden.TOPIC,
                    "the topic " + topic.name() + " may not be read: its perm is "
                            + topic.config().perm());
        }
        if (fields.queueId < 0 || fields.queueId >= topic.config().readQueueNums()) {
            return refuse(
                    ResponseCode.INVALID_PARAMETER,
                    "the topic " + topic.name() + " has no queue " + fields.queueId + " to read, only 0 to "
                            + (topic.config().readQueueNums() - 1));
        }
        TagFilter filter = null;
        if (fields.bringsSubscription()) {
            if (!isTag(frame, fields.expressionType)) {
                return notTags(group, topic, frame.value(fields.expressionType));
            }
            filter = broughtFilter(frame, fields);
            if (filter == null) {
                return refuse(
                        ResponseCode.SUBSCRIPTION_PARSE_FAILED,
                        "the subscription " + frame.value(fields.subscription) + " is no list of tags");
            }
        } else {
            PullOutcome refused = checkSubscription(group, topic, fields);
            if (refused != null) {
                return refused;
            }
            filter = registeredFilter(topic);
        }
        return new PullOutcome.Ready(new PullTarget(
                topic.queue(fields.queueId),
                filter,
                topic.config().topicSysFlag(),
                group.groupSysFlag(),
                progress(group, topic),
                fields.bringsSubscription(),
                Math.clamp(fields.maxMessages, 1, config.maxMessages()),
                Math.min(fields.maxBytes, config.maxBytes())));
    }

    private void readNames(FrameScan frame, PullFields fields) {
        topicName = roomFor(topicName, frame.valueBytes(fields.topic));
        groupName = roomFor(groupName, frame.valueBytes(fields.group));
        topicBytes = frame.copyValue(fields.topic, topicName, 0);
        groupBytes = frame.copyValue(fields.group, groupName, 0);
    }

    private static byte[] roomFor(byte[] array, int bytes) {
        return bytes <= array.length ? array : new byte[bytes];
    }

    private ConsumeProgress progress(SubscriptionGroup group, Topic topic) {
        ConsumeProgress known = offsets.find(groupName, 0, groupBytes, topicName, 0, topicBytes);
        return known != null ? known : offsets.findOrAdd(group.groupName(), topic.name());
    }

    private @Nullable TagFilter broughtFilter(FrameScan frame, PullFields fields) {
        if (fields.subscription < 0) {
            return TagFilter.ALL;
        }
        if (frame.valueBytes(fields.subscription) == 1) {
            return frame.bytes()[frame.valueAt(fields.subscription)] == '*' ? TagFilter.ALL : parse(frame, fields);
        }
        return parse(frame, fields);
    }

    private @Nullable TagFilter parse(FrameScan frame, PullFields fields) {
        String expression = frame.value(fields.subscription);
        if (!expression.equals(parsedExpression)) {
            TagFilter filter = TagFilter.parse(expression);
            if (filter == null) {
                return null;
            }
            parsedFilter = filter;
            parsedExpression = expression;
        }
        return parsedFilter;
    }

    private @Nullable PullOutcome checkSubscription(SubscriptionGroup group, Topic topic, PullFields fields) {
        ConsumerGroup live = consumers.find(groupName, 0, groupBytes);
        if (live == null) {
            return refuse(
                    ResponseCode.SUBSCRIPTION_NOT_EXIST,
                    "the group " + group.groupName() + " has no live consumer: its heartbeat has not arrived");
        }
        if (live.isBroadcasting() && !group.consumeBroadcastEnable()) {
            return forbid(
                    Forbidden.BROADCASTING,
                    "the group " + group.groupName() + " may not broadcast: its consumeBroadcastEnable is false");
        }
        PullOutcome forbidden = checkForbidden(group.groupName(), topic.name());
        if (forbidden != null) {
            return forbidden;
        }
        Subscription subscription = live.subscription(topicName, 0, topicBytes);
        if (subscription == null) {
            return refuse(
                    ResponseCode.SUBSCRIPTION_NOT_EXIST,
                    "the group " + group.groupName() + " has not subscribed to " + topic.name());
        }
        if (subscription.version() < fields.subscriptionVersion) {
            return refuse(
                    ResponseCode.SUBSCRIPTION_NOT_LATEST,
                    "the broker knows an older subscription of " + group.groupName() + " to " + topic.name());
        }
        if (!subscription.isTag()) {
            return notTags(group, topic, subscription.expressionType());
        }
        return null;
    }

    /** A kind that is missing or empty is the kind by tags. */
    private static boolean isTag(FrameScan frame, int expressionType) {
        return expressionType < 0 || frame.valueBytes(expressionType) == 0 || frame.valueEquals(expressionType, TAG);
    }

    /** Whether a pull may go on that waited while an administrator may have forbidden its group the topic. */
    @Nullable PullOutcome checkForbidden(PullTarget target) {
        ConsumeProgress of = target.progress();
        return target.ownSubscription() ? null : checkForbidden(of.group(), of.topic());
    }

    private @Nullable PullOutcome checkForbidden(String group, String topic) {
        return groups.mayRead(group, topic)
                ? null
                : forbid(
                        Forbidden.SUBSCRIPTION,
                        "the group " + group + " is forbidden to read the topic " + topic
                                + ": an administrator set it to readable=false (request 353) and can set it back");
    }

    private static PullOutcome notTags(SubscriptionGroup group, Topic topic, String type) {
        return refuse(
                ResponseCode.SYSTEM_ERROR,
                "The broker does not support consumer to filter message by " + type + ": the group " + group.groupName()
                        + " has to subscribe to " + topic.name() + " by tags");
    }

    private TagFilter registeredFilter(Topic topic) {
        ConsumerGroup live = consumers.find(groupName, 0, groupBytes);
        Subscription subscription = live == null ? null : live.subscription(topic.name());
        return subscription == null ? TagFilter.ALL : subscription.filter();
    }

    private static PullOutcome refuse(ResponseCode code, String sentence) {
        return new PullOutcome.Refused(new Refusal(code, sentence), Forbidden.NOTHING);
    }

    private static PullOutcome forbid(Forbidden what, String sentence) {
        return new PullOutcome.Refused(new Refusal(ResponseCode.NO_PERMISSION, sentence), what);
    }
}
