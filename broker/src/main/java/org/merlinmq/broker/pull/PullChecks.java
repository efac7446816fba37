package org.merlinmq.broker.pull;

import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.client.ConsumerGroup;
import org.merlinmq.broker.client.ConsumerGroups;
import org.merlinmq.broker.client.Subscription;
import org.merlinmq.broker.filter.Filter;
import org.merlinmq.broker.filter.TagFilter;
import org.merlinmq.broker.group.GroupTable;
import org.merlinmq.broker.offset.ConsumeProgress;
import org.merlinmq.broker.offset.OffsetTable;
import org.merlinmq.broker.topic.Topic;
import org.merlinmq.broker.topic.TopicTable;
import org.merlinmq.protocol.body.SubscriptionGroup;
import org.merlinmq.protocol.bytes.ByteSlice;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.transport.dispatch.Refusal;

/**
 * Who may pull what, in RocketMQ's order of questions: the broker, the group, the topic, the queue, the subscription.
 *
 * <p>Threading: one per event loop; it keeps the expression that it parsed last.
 */
public final class PullChecks {
    private static final int READ = 4;
    private static final byte[] TAG = {'T', 'A', 'G'};

    private final Supplier<PullConfig> config;
    private final IntSupplier brokerPermission;
    private final TopicTable topics;
    private final GroupTable groups;
    private final ConsumerGroups consumers;
    private final OffsetTable offsets;

    /** The expression parsed last: a group that brings its subscription brings the same one with each pull. */
    private String parsedExpression = "*";

    private TagFilter parsedFilter = TagFilter.ALL;

    /**
     * The checks of one loop.
     *
     * @param config the settings as they are now
     * @param brokerPermission the broker's own permission bits as they are now
     * @param topics the topics
     * @param groups the configured groups
     * @param consumers the live groups
     * @param offsets the committed offsets
     */
    public PullChecks(
            Supplier<PullConfig> config,
            IntSupplier brokerPermission,
            TopicTable topics,
            GroupTable groups,
            ConsumerGroups consumers,
            OffsetTable offsets) {
        this.config = config;
        this.brokerPermission = brokerPermission;
        this.topics = topics;
        this.groups = groups;
        this.consumers = consumers;
        this.offsets = offsets;
    }

    /** Hears of the heartbeats that subscriptions come with. */
    void onHeartbeat(Consumer<ConsumerGroup> listener) {
        consumers.onHeartbeat(listener);
    }

    PullConfig config() {
        return config.get();
    }

    /** Whether a pull may go on, and what it then reads from. */
    PullOutcome resolve(PullRequest request) {
        int permission = brokerPermission.getAsInt();
        if ((permission & READ) == 0) {
            return forbid(
                    Forbidden.BROKER,
                    "the broker gives out no messages now: brokerPermission=" + permission + " lacks 4");
        }
        if (request.lite && !config().litePull()) {
            return forbid(Forbidden.BROKER, "lite pulls are switched off: litePullMessageEnable=false");
        }
        ByteSlice name = request.group;
        SubscriptionGroup group = groups.find(name.array(), name.at(), name.length());
        if (group == null) {
            group = groups.findOrCreate(name.text());
        }
        if (group == null) {
            return refuse(ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST, groups.whyNone(name.text()));
        }
        if (!group.consumeEnable()) {
            return forbid(
                    Forbidden.GROUP, "the group " + group.groupName() + " may not consume: its consumeEnable is false");
        }
        Topic topic = topics.find(request.topic.array(), request.topic.at(), request.topic.length());
        if (topic == null) {
            return refuse(
                    ResponseCode.TOPIC_NOT_EXIST,
                    "the topic " + request.topic.text() + " does not exist: send to it or create it first");
        }
        if (!topic.readable()) {
            return forbid(
                    Forbidden.TOPIC,
                    "the topic " + topic.name() + " may not be read: its perm is "
                            + topic.config().perm());
        }
        if (request.queueId < 0 || request.queueId >= topic.config().readQueueNums()) {
            return refuse(
                    ResponseCode.INVALID_PARAMETER,
                    "the topic " + topic.name() + " has no queue " + request.queueId + " to read, only 0 to "
                            + (topic.config().readQueueNums() - 1));
        }
        return request.bringsSubscription ? byOwn(request, group, topic) : byRegistered(request, group, topic);
    }

    private PullOutcome ready(PullRequest request, SubscriptionGroup group, Topic topic, Filter filter) {
        return new PullOutcome.Ready(new PullTarget(
                topic.queue(request.queueId),
                filter,
                topic.config().topicSysFlag(),
                group.groupSysFlag(),
                progress(request, group, topic),
                request.bringsSubscription,
                Math.clamp(request.maxMessages, 1, config().maxMessages()),
                Math.min(request.maxBytes, config().maxBytes())));
    }

    private ConsumeProgress progress(PullRequest request, SubscriptionGroup group, Topic topic) {
        ByteSlice of = request.group;
        ByteSlice in = request.topic;
        ConsumeProgress known = offsets.find(of.array(), of.at(), of.length(), in.array(), in.at(), in.length());
        return known != null ? known : offsets.findOrAdd(group.groupName(), topic.name());
    }

    /** By the subscription that comes with the pull. */
    private PullOutcome byOwn(PullRequest request, SubscriptionGroup group, Topic topic) {
        if (!isTag(request.expressionType)) {
            return notTags(group, topic, request.expressionType.text());
        }
        ByteSlice expression = request.expression;
        if (expression.isEmpty() || (expression.length() == 1 && expression.first() == '*')) {
            return ready(request, group, topic, TagFilter.ALL);
        }
        Filter filter = parse(expression.text());
        return filter != null
                ? ready(request, group, topic, filter)
                : refuse(
                        ResponseCode.SUBSCRIPTION_PARSE_FAILED,
                        "the subscription " + expression.text() + " is no list of tags");
    }

    private @Nullable Filter parse(String expression) {
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

    /** By what the group's heartbeats said. */
    private PullOutcome byRegistered(PullRequest request, SubscriptionGroup group, Topic topic) {
        ConsumerGroup live = consumers.find(request.group.array(), request.group.at(), request.group.length());
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
        ByteSlice name = request.topic;
        Subscription subscription = live.subscription(name.array(), name.at(), name.length());
        if (subscription == null) {
            return refuse(
                    ResponseCode.SUBSCRIPTION_NOT_EXIST,
                    "the group " + group.groupName() + " has not subscribed to " + topic.name());
        }
        if (subscription.version() < request.subscriptionVersion) {
            return byNewer(request, group, topic, subscription);
        }
        return subscription.isTag()
                ? ready(request, group, topic, subscription.filter())
                : notTags(group, topic, subscription.expressionType());
    }

    /**
     * By a subscription that no heartbeat has brought yet. Clients number theirs anew at each rebalance, and send no
     * heartbeat if another one is under way. Whether the tags are those known is not said, so all messages are served:
     * clients compare tags themselves. They do not evaluate expressions of other kinds.
     */
    private PullOutcome byNewer(PullRequest request, SubscriptionGroup group, Topic topic, Subscription older) {
        return older.isTag() && isTag(request.expressionType)
                ? ready(request, group, topic, TagFilter.ALL)
                : refuse(
                        ResponseCode.SUBSCRIPTION_NOT_LATEST,
                        "the broker knows an older subscription of " + group.groupName() + " to " + topic.name());
    }

    /** A kind that is missing or empty is the kind by tags. */
    private static boolean isTag(ByteSlice expressionType) {
        return expressionType.isEmpty() || expressionType.is(TAG);
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

    private static PullOutcome refuse(ResponseCode code, String sentence) {
        return new PullOutcome.Refused(new Refusal(code, sentence), Forbidden.NOTHING);
    }

    private static PullOutcome forbid(Forbidden what, String sentence) {
        return new PullOutcome.Refused(new Refusal(ResponseCode.NO_PERMISSION, sentence), what);
    }
}
