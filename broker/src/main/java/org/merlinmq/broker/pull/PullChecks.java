package org.merlinmq.broker.pull;

import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.client.ConsumerGroup;
import org.merlinmq.broker.client.ConsumerGroups;
import org.merlinmq.broker.dispatch.Session;
import org.merlinmq.broker.filter.Filter;
import org.merlinmq.broker.filter.TagFilter;
import org.merlinmq.broker.filter.sql.SqlFilter;
import org.merlinmq.broker.group.GroupTable;
import org.merlinmq.broker.group.NameTable;
import org.merlinmq.broker.limit.DeliveryLimit;
import org.merlinmq.broker.limit.RateLimit;
import org.merlinmq.broker.offset.ConsumeProgress;
import org.merlinmq.broker.offset.OffsetTable;
import org.merlinmq.broker.subscription.ClientSubscriptions;
import org.merlinmq.broker.subscription.Compiled;
import org.merlinmq.broker.subscription.FilterConfig;
import org.merlinmq.broker.subscription.Subscription;
import org.merlinmq.broker.topic.Topic;
import org.merlinmq.broker.topic.TopicTable;
import org.merlinmq.protocol.body.SubscriptionGroup;
import org.merlinmq.protocol.bytes.ByteSlice;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.transport.dispatch.Refusal;

/**
 * Who may pull what, in RocketMQ's order of questions: the broker, the group, the topic, the queue, the subscription.
 *
 * <p>Threading: one per event loop; it keeps the expressions that pulls brought lately.
 */
public final class PullChecks {
    private static final int READ = 4;
    private static final byte[] TAG = Bytes.ascii(Subscription.TAG);
    private static final byte[] SQL = Bytes.ascii(SqlFilter.TYPE);

    /** So many expressions of each kind are kept that pulls brought, and so long ones. */
    private static final int MAX_KEPT = 256;

    private static final int MAX_KEPT_BYTES = 4096;

    /** Expressions of one kind with what became of them, by the configuration of then. */
    private static final class Brought {
        NameTable<Compiled> known = new NameTable<>();
        FilterConfig by = FilterConfig.DEFAULT;
    }

    private final Supplier<PullConfig> config;
    private final IntSupplier brokerPermission;
    private final TopicTable topics;
    private final GroupTable groups;
    private final ConsumerGroups consumers;
    private final OffsetTable offsets;

    /** What pulls brought: a group that brings its subscription brings the same one with each pull. */
    private final Brought tags = new Brought();

    private final Brought sql = new Brought();

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
                group.brokerId(),
                group.whichBrokerWhenConsumeSlowly(),
                progress(request, group, topic),
                request.bringsSubscription,
                Math.clamp(request.maxMessages, 1, config().maxMessages()),
                Math.min(request.maxBytes, config().maxBytes()),
                limit(group, topic)));
    }

    private @Nullable DeliveryLimit limit(SubscriptionGroup group, Topic topic) {
        RateLimit ofGroup = groups.limitDeliveries() ? groups.deliverLimit(group.groupName()) : null;
        return DeliveryLimit.of(topic.deliverLimit(), ofGroup);
    }

    private ConsumeProgress progress(PullRequest request, SubscriptionGroup group, Topic topic) {
        ByteSlice of = request.group;
        ByteSlice in = request.topic;
        ConsumeProgress known = offsets.find(of.array(), of.at(), of.length(), in.array(), in.at(), in.length());
        return known != null ? known : offsets.findOrAdd(group.groupName(), topic.name());
    }

    /** By the subscription that comes with the pull. */
    private PullOutcome byOwn(PullRequest request, SubscriptionGroup group, Topic topic) {
        ByteSlice expression = request.expression;
        boolean isTag = isTag(request.expressionType);
        if (isTag && (expression.isEmpty() || (expression.length() == 1 && expression.first() == '*'))) {
            return ready(request, group, topic, TagFilter.ALL);
        }
        if (isTag || request.expressionType.is(SQL)) {
            return by(request, group, topic, brought(isTag ? tags : sql, isTag, expression));
        }
        return by(request, group, topic, Compiled.of(request.expressionType.text(), "", config().filters()));
    }

    private Compiled brought(Brought of, boolean isTag, ByteSlice expression) {
        FilterConfig config = config().filters();
        Compiled known = of.known.find(expression.array(), expression.at(), expression.length());
        if (known != null && of.by.equals(config)) {
            return known;
        }
        if (of.known.size() >= MAX_KEPT || !of.by.equals(config)) {
            of.known = new NameTable<>();
            of.by = config;
        }
        String text = expression.text();
        Compiled compiled = Compiled.of(isTag ? Subscription.TAG : SqlFilter.TYPE, text, config);
        if (expression.length() <= MAX_KEPT_BYTES) {
            of.known.put(text, compiled);
        }
        return compiled;
    }

    private PullOutcome by(PullRequest request, SubscriptionGroup group, Topic topic, Compiled compiled) {
        return switch (compiled) {
            case Compiled.Usable usable -> ready(request, group, topic, usable.filter());
            case Compiled.Refused refused -> new PullOutcome.Refused(refused.refusal(), Forbidden.NOTHING);
        };
    }

    /** By what the heartbeats of the client said, or else those of its group. */
    private PullOutcome byRegistered(PullRequest request, SubscriptionGroup group, Topic topic) {
        Session session = request.session();
        ByteSlice of = request.group;
        ClientSubscriptions own = session == null ? null : session.subscriptions(of.array(), of.at(), of.length());
        boolean broadcasts;
        if (own != null) {
            broadcasts = own.broadcasts();
        } else {
            ConsumerGroup live = consumers.find(of.array(), of.at(), of.length());
            if (live == null) {
                return refuse(
                        ResponseCode.SUBSCRIPTION_NOT_EXIST,
                        "the group " + group.groupName() + " has no live consumer: its heartbeat has not arrived");
            }
            broadcasts = live.isBroadcasting();
        }
        if (broadcasts && !group.consumeBroadcastEnable()) {
            return forbid(
                    Forbidden.BROADCASTING,
                    "the group " + group.groupName() + " may not broadcast: its consumeBroadcastEnable is false");
        }
        PullOutcome forbidden = checkForbidden(group.groupName(), topic.name());
        if (forbidden != null) {
            return forbidden;
        }
        ByteSlice name = request.topic;
        Subscription subscription = own == null ? null : own.find(name.array(), name.at(), name.length());
        if (subscription != null && subscription.version() >= request.subscriptionVersion) {
            return by(request, group, topic, subscription.compiled());
        }
        return byOthers(request, group, topic, subscription);
    }

    /**
     * The heartbeats on this connection have not brought what the client pulls by: {@code older} or nothing. It may have come
     * on another connection of the client; what other clients of the group subscribe to can be something else.
     */
    private PullOutcome byOthers(
            PullRequest request, SubscriptionGroup group, Topic topic, @Nullable Subscription older) {
        ConsumerGroup live = consumers.find(group.groupName());
        Session session = request.session();
        String clientId = session == null ? null : session.clientId();
        Subscription same = live == null || clientId == null ? null : live.subscription(clientId, topic.name());
        if (same != null && same.version() >= request.subscriptionVersion) {
            return by(request, group, topic, same.compiled());
        }
        Subscription known = older != null ? older : live == null ? null : live.subscription(topic.name());
        if (known == null) {
            return refuse(
                    ResponseCode.SUBSCRIPTION_NOT_EXIST,
                    "the group " + group.groupName() + " has not subscribed to " + topic.name());
        }
        boolean isAnyones = clientId == null && live != null && !live.differs(topic.name());
        return isAnyones && known.version() >= request.subscriptionVersion
                ? by(request, group, topic, known.compiled())
                : byNewer(request, group, topic, known);
    }

    /**
     * By a subscription that no heartbeat has brought yet. Clients number theirs anew at each rebalance, and send no
     * heartbeat if another one is under way. Whether the tags are those known is not said, so all messages are served:
     * clients compare tags themselves. They do not evaluate expressions of other kinds.
     */
    private PullOutcome byNewer(PullRequest request, SubscriptionGroup group, Topic topic, Subscription known) {
        return known.isTag() && isTag(request.expressionType)
                ? ready(request, group, topic, TagFilter.ALL)
                : refuse(
                        ResponseCode.SUBSCRIPTION_NOT_LATEST,
                        "the broker knows no such new subscription of this client of " + group.groupName() + " to "
                                + topic.name());
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

    private static PullOutcome refuse(ResponseCode code, String sentence) {
        return new PullOutcome.Refused(new Refusal(code, sentence), Forbidden.NOTHING);
    }

    private static PullOutcome forbid(Forbidden what, String sentence) {
        return new PullOutcome.Refused(new Refusal(ResponseCode.NO_PERMISSION, sentence), what);
    }
}
