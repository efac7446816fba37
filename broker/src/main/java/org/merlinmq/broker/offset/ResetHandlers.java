package org.merlinmq.broker.offset;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.client.ClientRelay;
import org.merlinmq.broker.client.ConsumerGroups;
import org.merlinmq.broker.group.GroupTable;
import org.merlinmq.broker.group.Topics;
import org.merlinmq.broker.identity.BrokerIdentity;
import org.merlinmq.protocol.body.CorrectionOffsets;
import org.merlinmq.protocol.body.GroupList;
import org.merlinmq.protocol.body.MessageQueueId;
import org.merlinmq.protocol.body.ResetOffsets;
import org.merlinmq.protocol.body.TopicList;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.Language;
import org.merlinmq.protocol.request.CloneOffsetRequest;
import org.merlinmq.protocol.request.CorrectionOffsetRequest;
import org.merlinmq.protocol.request.GroupRequest;
import org.merlinmq.protocol.request.ResetClientOffsetRequest;
import org.merlinmq.protocol.request.ResetOffsetRequest;
import org.merlinmq.protocol.request.TopicRequest;
import org.merlinmq.storage.queue.Queue;
import org.merlinmq.transport.dispatch.Access;
import org.merlinmq.transport.dispatch.Access.Action;
import org.merlinmq.transport.dispatch.Access.Resource;
import org.merlinmq.transport.dispatch.Answer;
import org.merlinmq.transport.dispatch.Handlers;
import org.merlinmq.transport.dispatch.Refusal;
import org.merlinmq.transport.dispatch.Request;

/**
 * Administration of offsets: set them to a time or a number, copy them, list the groups of a topic.
 *
 * <p>The broker itself keeps a reset: it is stored as committed, and the next pull is answered with it. So it works for
 * groups that are offline, and survives a crash. Connected clients get a request besides, so that they drop the messages
 * that they hold.
 *
 * <p>Threading: on virtual threads.
 * <p>Source: requests 222, 300, 308, 314 and 343.
 */
public final class ResetHandlers {
    private static final int ALL_QUEUES = -1;
    private static final long BY_TIME = -1;

    private final OffsetTable offsets;
    private final GroupTable groups;
    private final ConsumerGroups consumers;
    private final Topics topics;
    private final StoredMessages messages;
    private final ClientRelay relay;
    private final String brokerName;
    private final String brokerAddress;
    private final Runnable makeDurable;

    /**
     * Handlers over these tables.
     *
     * @param offsets committed offsets
     * @param groups the groups that exist
     * @param consumers the groups that have clients connected
     * @param topics the topics that exist
     * @param messages the queues
     * @param relay sends resets to clients
     * @param identity the broker that stands in the answers
     * @param makeDurable run before a change is answered: waits for the disk if messages do, too
     */
    public ResetHandlers(
            OffsetTable offsets,
            GroupTable groups,
            ConsumerGroups consumers,
            Topics topics,
            StoredMessages messages,
            ClientRelay relay,
            BrokerIdentity identity,
            Runnable makeDurable) {
        this.offsets = offsets;
        this.groups = groups;
        this.consumers = consumers;
        this.topics = topics;
        this.messages = messages;
        this.relay = relay;
        this.brokerName = identity.brokerName();
        this.brokerAddress = identity.address();
        this.makeDurable = makeDurable;
    }

    /**
     * Registers requests 222, 300, 308, 314 and 343.
     *
     * @param handlers takes them
     */
    public void register(Handlers handlers) {
        handlers.blocking(
                        RequestCode.INVOKE_BROKER_TO_RESET_OFFSET,
                        Access.of(Resource.GROUP, Action.UPDATE),
                        this::reset)
                .blocking(
                        RequestCode.QUERY_TOPIC_CONSUME_BY_WHO,
                        Access.of(Resource.TOPIC, Action.GET),
                        request -> groupsOf(TopicRequest.read(request)))
                .blocking(
                        RequestCode.QUERY_TOPICS_BY_CONSUMER,
                        Access.of(Resource.GROUP, Action.GET),
                        request -> topicsOf(GroupRequest.read(request)))
                .blocking(
                        RequestCode.CLONE_GROUP_OFFSET,
                        Access.of(Resource.GROUP, Action.UPDATE),
                        request -> copy(CloneOffsetRequest.read(request)))
                .blocking(
                        RequestCode.QUERY_CORRECTION_OFFSET,
                        Access.of(Resource.GROUP, Action.GET),
                        request -> correction(CorrectionOffsetRequest.read(request)));
    }

    private Answer reset(Request request) {
        boolean asList = Language.of(request.frame().language()) == Language.CPP;
        return reset(ResetOffsetRequest.read(request), asList);
    }

    /** Request 222; {@code asList}: in the form that C++ clients read. */
    Answer reset(ResetOffsetRequest request, boolean asList) {
        String topic = request.topic();
        String group = request.group();
        Topics.Shape shape = topics.find(topic);
        Refusal refusal = check(topic, shape, group, request.queueId());
        if (refusal != null || shape == null) {
            return refusal == null ? unknownTopic(topic) : Answer.refuse(refusal);
        }
        boolean all = request.queueId() == ALL_QUEUES;
        long wanted = Objects.requireNonNullElse(request.offset(), BY_TIME);
        Map<MessageQueueId, Long> target = new LinkedHashMap<>();
        int first = all ? 0 : request.queueId();
        int last = all ? shape.readQueueCount() - 1 : request.queueId();
        for (int id = first; id <= last; id++) {
            long offset = all || wanted == BY_TIME ? byTime(topic, id, request.timestamp()) : wanted;
            if (outOfRange(topic, id, offset)) {
                return Answer.refuse(
                        ResponseCode.SYSTEM_ERROR,
                        "offset " + offset + " lies outside queue " + id + " of " + topic
                                + ": ask for its bounds with GET_MIN_OFFSET and GET_MAX_OFFSET");
            }
            target.put(new MessageQueueId(topic, brokerName, id), offset);
        }
        target.forEach((queue, offset) -> offsets.findOrAdd(group, topic).startAgain(queue.queueId(), offset));
        offsets.flush();
        makeDurable.run();
        ResetOffsets body = new ResetOffsets(target);
        relay.sendReset(new ResetClientOffsetRequest(topic, group, request.timestamp(), true), body);
        return Answer.ok(asList ? body.writeAsList() : body.write());
    }

    private @Nullable Refusal check(String topic, Topics.@Nullable Shape shape, String group, int queueId) {
        if (shape == null) {
            return new Refusal(ResponseCode.TOPIC_NOT_EXIST, "the topic " + topic + " does not exist");
        }
        if (groups.find(group) == null) {
            return new Refusal(
                    ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST, "the consumer group " + group + " does not exist");
        }
        if (queueId < ALL_QUEUES || queueId >= shape.queueCount()) {
            return new Refusal(
                    ResponseCode.SYSTEM_ERROR,
                    topic + " has queues 0 to " + (shape.queueCount() - 1) + ", not " + queueId);
        }
        return null;
    }

    private static Answer unknownTopic(String topic) {
        return Answer.refuse(ResponseCode.TOPIC_NOT_EXIST, "the topic " + topic + " does not exist");
    }

    private long byTime(String topic, int queueId, long timestamp) {
        Queue queue = messages.queue(topic, queueId);
        if (queue == null) {
            return 0;
        }
        return timestamp < 0 ? queue.readableOffset() : messages.offsetAt(queue, timestamp, false);
    }

    private boolean outOfRange(String topic, int queueId, long offset) {
        Queue queue = messages.queue(topic, queueId);
        long min = queue == null ? 0 : queue.minOffset();
        long max = queue == null ? 0 : queue.readableOffset();
        return offset < min || offset > max + 1;
    }

    /** Request 300: which groups are online for a topic or have an offset in it. */
    Answer groupsOf(TopicRequest request) {
        Set<String> found = new TreeSet<>(consumers.subscribersOf(request.topic()));
        offsets.ofTopic(request.topic()).stream().filter(of -> !of.isEmpty()).forEach(of -> found.add(of.group()));
        return Answer.ok(new GroupList(List.copyOf(found)).write());
    }

    /** Request 343: which topics a group has read. */
    Answer topicsOf(GroupRequest request) {
        List<String> found = offsets.ofGroup(request.group()).stream()
                .filter(of -> !of.isEmpty())
                .map(ConsumeProgress::topic)
                .sorted()
                .toList();
        return Answer.ok(new TopicList(brokerAddress, found).write());
    }

    /** Request 314: gives one group the offsets of another. */
    Answer copy(CloneOffsetRequest request) {
        String from = request.srcGroup();
        String to = request.destGroup();
        String only = Objects.requireNonNullElse(request.topic(), "");
        if (groups.findOrCreate(to) == null) {
            return Answer.refuse(
                    ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST, "the consumer group " + to + " does not exist");
        }
        List<ConsumeProgress> sources = new ArrayList<>();
        for (ConsumeProgress of : offsets.ofGroup(from)) {
            if (only.isEmpty() || only.equals(of.topic())) {
                sources.add(of);
            }
        }
        for (ConsumeProgress of : sources) {
            if (!request.offline() && !consumers.subscribersOf(of.topic()).contains(from)) {
                return Answer.refuse(
                        ResponseCode.CONSUMER_NOT_ONLINE,
                        "no consumer of " + from + " is online for " + of.topic()
                                + "; offline=true copies all the same");
            }
        }
        for (ConsumeProgress of : sources) {
            for (int queueId = 0; queueId < of.queues(); queueId++) {
                offsets.commit(to, of.topic(), queueId, of.committed(queueId));
            }
        }
        offsets.flush();
        makeDurable.run();
        return Answer.ok();
    }

    /** Request 308: the lowest offset of all other groups, by queue, where it is not beyond the compared group's. */
    Answer correction(CorrectionOffsetRequest request) {
        ConsumeProgress compared = offsets.find(request.compareGroup(), request.topic());
        String filtered = Objects.requireNonNullElse(request.filterGroups(), "");
        Set<String> ignored = Set.copyOf(Arrays.asList(filtered.split(",", -1)));
        SortedMap<Integer, Long> lowest = new TreeMap<>();
        for (ConsumeProgress of : offsets.ofTopic(request.topic())) {
            for (int id = 0; !ignored.contains(of.group()) && id < of.queues(); id++) {
                if (of.committed(id) != ConsumeProgress.NONE) {
                    lowest.merge(id, of.committed(id), Math::min);
                }
            }
        }
        if (compared != null) {
            lowest.replaceAll(
                    (id, offset) -> compared.committed(id) != ConsumeProgress.NONE && offset > compared.committed(id)
                            ? Long.MAX_VALUE
                            : offset);
        }
        return Answer.ok(new CorrectionOffsets(lowest).write());
    }
}
