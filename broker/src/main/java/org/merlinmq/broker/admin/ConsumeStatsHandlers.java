package org.merlinmq.broker.admin;

import java.time.Clock;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.client.ConsumerGroup;
import org.merlinmq.broker.client.ConsumerGroups;
import org.merlinmq.broker.group.Topics;
import org.merlinmq.broker.identity.BrokerIdentity;
import org.merlinmq.broker.offset.ConsumeProgress;
import org.merlinmq.broker.offset.OffsetTable;
import org.merlinmq.broker.offset.StoredMessages;
import org.merlinmq.broker.stats.ThroughputStats;
import org.merlinmq.protocol.body.BrokerConsumeStats;
import org.merlinmq.protocol.body.ConsumeStats;
import org.merlinmq.protocol.body.ConsumeTimeSpans;
import org.merlinmq.protocol.body.MessageQueueId;
import org.merlinmq.protocol.body.QueueProgress;
import org.merlinmq.protocol.body.TimeSpan;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.request.ConsumeStatsRequest;
import org.merlinmq.protocol.request.TopicGroupRequest;
import org.merlinmq.storage.queue.Queue;
import org.merlinmq.transport.dispatch.Access;
import org.merlinmq.transport.dispatch.Access.Action;
import org.merlinmq.transport.dispatch.Access.Resource;
import org.merlinmq.transport.dispatch.Answer;
import org.merlinmq.transport.dispatch.Handlers;

/**
 * Shows how far groups are behind what was sent.
 *
 * <p>Threading: on virtual threads.
 * <p>Source: requests 208, 303 and 317.
 */
public final class ConsumeStatsHandlers {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd'#'HH:mm:ss:SSS");
    private static final int RATE_SECONDS = 60;

    private final OffsetTable offsets;
    private final ConsumerGroups consumers;
    private final Topics topics;
    private final StoredMessages messages;
    private final ThroughputStats throughput;
    private final BrokerIdentity identity;
    private final Clock clock;

    /**
     * Handlers over these tables.
     *
     * @param offsets committed offsets and the meters of groups
     * @param consumers the groups that have clients connected
     * @param topics the topics that exist
     * @param messages the queues
     * @param throughput the rates of meters
     * @param identity the broker that stands in the answers
     * @param clock the wall clock; times are written in its zone
     */
    public ConsumeStatsHandlers(
            OffsetTable offsets,
            ConsumerGroups consumers,
            Topics topics,
            StoredMessages messages,
            ThroughputStats throughput,
            BrokerIdentity identity,
            Clock clock) {
        this.offsets = offsets;
        this.consumers = consumers;
        this.topics = topics;
        this.messages = messages;
        this.throughput = throughput;
        this.identity = identity;
        this.clock = clock;
    }

    /**
     * Registers requests 208, 303 and 317.
     *
     * @param handlers takes them
     */
    public void register(Handlers handlers) {
        handlers.blocking(
                        RequestCode.GET_CONSUME_STATS,
                        Access.of(Resource.GROUP, Action.GET),
                        request -> lagOfGroup(ConsumeStatsRequest.read(request)))
                .blocking(
                        RequestCode.QUERY_CONSUME_TIME_SPAN,
                        Access.of(Resource.GROUP, Action.GET),
                        request -> timeSpans(TopicGroupRequest.read(request)))
                .blocking(
                        RequestCode.GET_BROKER_CONSUME_STATS,
                        Access.of(Resource.GROUP, Action.LIST),
                        request -> lagOfAll());
    }

    Answer lagOfGroup(ConsumeStatsRequest request) {
        String group = request.consumerGroup();
        Map<MessageQueueId, QueueProgress> queues = new LinkedHashMap<>();
        double perSecond = 0;
        for (String topic : topicsOf(request)) {
            ConsumeStats stats = statsOf(group, topic);
            queues.putAll(stats.offsetTable());
            perSecond += stats.consumeTps();
        }
        return Answer.ok(new ConsumeStats(perSecond, queues).write());
    }

    private Collection<String> topicsOf(ConsumeStatsRequest request) {
        String listed = Objects.requireNonNullElse(request.topicList(), "");
        String one = Objects.requireNonNullElse(request.topic(), "");
        TreeSet<String> found = new TreeSet<>();
        if (!listed.isEmpty()) {
            found.addAll(Arrays.asList(listed.split(";", -1)));
        } else if (!one.isEmpty()) {
            found.add(one);
        } else {
            offsets.ofGroup(request.consumerGroup()).stream()
                    .filter(of -> !of.isEmpty())
                    .forEach(of -> found.add(of.topic()));
        }
        ConsumerGroup online = consumers.find(request.consumerGroup());
        if (online != null && !online.subscriptions().isEmpty()) {
            found.removeIf(topic -> online.subscription(topic) == null);
        }
        found.removeIf(topic -> topics.find(topic) == null);
        return found;
    }

    /** A group's progress in each queue of a topic, and its rate of the last minute. */
    private ConsumeStats statsOf(String group, String topic) {
        Topics.Shape shape = topics.find(topic);
        ConsumeProgress of = offsets.find(group, topic);
        Map<MessageQueueId, QueueProgress> queues = new LinkedHashMap<>();
        for (int queueId = 0; shape != null && queueId < shape.readQueueCount(); queueId++) {
            Queue queue = messages.queue(topic, queueId);
            long consumed = of == null ? 0 : Math.max(0, of.committed(queueId));
            long pulled = of == null ? consumed : Math.max(consumed, of.pulled(queueId));
            long last = queue == null || consumed == 0 ? 0 : Math.max(0, messages.storeMillis(queue, consumed - 1));
            queues.put(
                    queueId(topic, queueId),
                    new QueueProgress(queue == null ? 0 : end(queue, consumed), consumed, last, pulled));
        }
        return new ConsumeStats(of == null ? 0 : throughput.perSecond(of.consumed(), RATE_SECONDS), queues);
    }

    /** What consumers can get of a queue, and at least what they have got of it at another broker that led before. */
    private static long end(Queue queue, long consumed) {
        return Math.max(queue.readableOffset(), Math.min(consumed, queue.maxOffset()));
    }

    private MessageQueueId queueId(String topic, int queueId) {
        return new MessageQueueId(topic, identity.brokerName(), queueId);
    }

    /** Request 317: the progress of all groups, by topic. */
    Answer lagOfAll() {
        Map<String, List<ConsumeStats>> groups = new TreeMap<>();
        offsets.forEach(of -> {
            if (!of.isEmpty()) {
                groups.computeIfAbsent(of.group(), made -> new ArrayList<>()).add(statsOf(of.group(), of.topic()));
            }
        });
        List<Map<String, List<ConsumeStats>>> list = new ArrayList<>();
        long behind = 0;
        long inFlight = 0;
        for (Map.Entry<String, List<ConsumeStats>> group : groups.entrySet()) {
            list.add(Map.of(group.getKey(), group.getValue()));
            for (ConsumeStats stats : group.getValue()) {
                for (QueueProgress queue : stats.offsetTable().values()) {
                    behind += Math.max(0, queue.brokerOffset() - queue.consumerOffset());
                    inFlight += Math.max(0, queue.pullOffset() - queue.consumerOffset());
                }
            }
        }
        return Answer.ok(new BrokerConsumeStats(identity.address(), list, behind, inFlight).write());
    }

    /** Request 303: the times that a group's queues span, and for how long the first unread message has waited. */
    Answer timeSpans(TopicGroupRequest request) {
        String topic = request.topic();
        Topics.Shape shape = topics.find(topic);
        if (shape == null) {
            return Answer.refuse(ResponseCode.TOPIC_NOT_EXIST, "the topic " + topic + " does not exist");
        }
        List<TimeSpan> spans = new ArrayList<>();
        for (int queueId = 0; queueId < shape.writeQueueCount(); queueId++) {
            long consumed = offsets.committed(request.group(), topic, queueId);
            spans.add(span(queueId(topic, queueId), consumed, messages.queue(topic, queueId)));
        }
        return Answer.ok(new ConsumeTimeSpans(spans).write());
    }

    private TimeSpan span(MessageQueueId id, long consumed, @Nullable Queue queue) {
        long min = queue == null ? -1 : messages.storeMillis(queue, queue.minOffset());
        long max = queue == null ? -1 : messages.storeMillis(queue, queue.readableOffset() - 1);
        long at = queue == null || consumed <= 0 ? min : messages.storeMillis(queue, consumed - 1);
        long unread = queue == null || consumed >= queue.readableOffset()
                ? -1
                : messages.storeMillis(queue, Math.max(consumed, queue.minOffset()));
        long waits = unread < 0 ? 0 : Math.max(0, clock.millis() - unread);
        return new TimeSpan(at, text(at), waits, max, text(max), id, min, text(min));
    }

    private String text(long millis) {
        return TIME.format(Instant.ofEpochMilli(millis).atZone(clock.getZone()));
    }
}
