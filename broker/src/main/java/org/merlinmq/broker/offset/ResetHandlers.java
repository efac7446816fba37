package org.merlinmq.broker.offset;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.client.ClientRelay;
import org.merlinmq.broker.client.ConsumerGroups;
import org.merlinmq.broker.dispatch.Answer;
import org.merlinmq.broker.dispatch.Handlers;
import org.merlinmq.broker.dispatch.Refusal;
import org.merlinmq.broker.dispatch.Request;
import org.merlinmq.broker.group.GroupTable;
import org.merlinmq.broker.group.Topics;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Language;
import org.merlinmq.protocol.json.JsonWriter;
import org.merlinmq.storage.queue.Queue;

/**
 * What administrators do with offsets: set them to a time or a number, copy them, ask who reads a topic.
 *
 * <p>A reset is the broker's own: stored as committed and told to the next pull, so that it works for groups that are
 * offline, and is kept through a crash. Clients that are online are told besides, so that they drop what they hold.
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

    /**
     * What the handlers work on.
     *
     * @param offsets committed offsets
     * @param groups the groups that exist
     * @param consumers the groups that are online
     * @param topics the topics that exist
     * @param messages the queues
     * @param relay tells clients
     * @param brokerName stands in the answers
     * @param brokerAddress stands in the answers
     */
    public record Parts(
            OffsetTable offsets,
            GroupTable groups,
            ConsumerGroups consumers,
            Topics topics,
            StoredMessages messages,
            ClientRelay relay,
            String brokerName,
            String brokerAddress) {}

    /**
     * Handlers over these tables.
     *
     * @param parts what they work on
     */
    public ResetHandlers(Parts parts) {
        this.offsets = parts.offsets();
        this.groups = parts.groups();
        this.consumers = parts.consumers();
        this.topics = parts.topics();
        this.messages = parts.messages();
        this.relay = parts.relay();
        this.brokerName = parts.brokerName();
        this.brokerAddress = parts.brokerAddress();
    }

    /**
     * Registers requests 222, 300, 308, 314 and 343.
     *
     * @param handlers takes them
     */
    public void register(Handlers handlers) {
        handlers.blocking(RequestCode.INVOKE_BROKER_TO_RESET_OFFSET, this::reset)
                .blocking(RequestCode.QUERY_TOPIC_CONSUME_BY_WHO, this::readersOf)
                .blocking(RequestCode.QUERY_TOPICS_BY_CONSUMER, this::topicsOf)
                .blocking(RequestCode.CLONE_GROUP_OFFSET, this::copy)
                .blocking(RequestCode.QUERY_CORRECTION_OFFSET, this::correction);
    }

    private Answer reset(Request request) {
        boolean listed = Language.of(request.frame().language()) == Language.CPP;
        return reset(request, listed);
    }

    /** Request 222; {@code listed}: the form that C++ clients read. */
    Answer reset(Fields request, boolean listed) {
        String topic = request.requiredText("topic");
        String group = request.requiredText("group");
        long timestamp = request.requiredLong("timestamp");
        int queueId = request.intOr("queueId", ALL_QUEUES);
        long wanted = request.longOr("offset", BY_TIME);
        Topics.Shape shape = topics.find(topic);
        Refusal refusal = check(topic, shape, group, queueId);
        if (refusal != null || shape == null) {
            return refusal == null ? unknownTopic(topic) : Answer.refuse(refusal);
        }
        Map<Integer, Long> target = new TreeMap<>();
        int first = queueId == ALL_QUEUES ? 0 : queueId;
        int last = queueId == ALL_QUEUES ? shape.readQueueCount() - 1 : queueId;
        for (int id = first; id <= last; id++) {
            long offset = queueId == ALL_QUEUES || wanted == BY_TIME ? byTime(topic, id, timestamp) : wanted;
            if (outOfRange(topic, id, offset)) {
                return Answer.refuse(
                        ResponseCode.SYSTEM_ERROR,
                        "offset " + offset + " lies outside queue " + id + " of " + topic
                                + ": ask for its bounds with GET_MIN_OFFSET and GET_MAX_OFFSET");
            }
            target.put(id, offset);
        }
        target.forEach((id, offset) -> offsets.findOrAdd(group, topic).startAgain(id, offset));
        offsets.flush();
        relay.tellReset(group, topic, timestamp, body(topic, target, false), body(topic, target, true));
        return Answer.ok(body(topic, target, listed));
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
        return timestamp < 0 ? queue.maxOffset() : messages.offsetAt(queue, timestamp, false);
    }

    private boolean outOfRange(String topic, int queueId, long offset) {
        Queue queue = messages.queue(topic, queueId);
        long min = queue == null ? 0 : queue.minOffset();
        long max = queue == null ? 0 : queue.maxOffset();
        return offset < min || offset > max + 1;
    }

    private byte[] body(String topic, Map<Integer, Long> target, boolean listed) {
        JsonWriter out = new JsonWriter().beginObject().key("offsetTable");
        if (listed) {
            out.beginArray();
            target.forEach((id, offset) -> out.beginObject()
                    .field("brokerName", brokerName)
                    .field("offset", offset)
                    .field("queueId", id)
                    .field("topic", topic)
                    .endObject());
            out.endArray();
        } else {
            out.beginObject();
            target.forEach((id, offset) -> out.beginObject()
                    .field("brokerName", brokerName)
                    .field("queueId", id)
                    .field("topic", topic)
                    .endObject()
                    .value(offset));
            out.endObject();
        }
        return out.endObject().toByteArray();
    }

    /** Request 300: who is online for a topic or has an offset in it. */
    Answer readersOf(Fields request) {
        String topic = request.requiredText("topic");
        Set<String> found = new TreeSet<>(consumers.subscribersOf(topic));
        offsets.ofTopic(topic).forEach(of -> found.add(of.group()));
        return Answer.ok(new JsonWriter()
                .beginObject()
                .field("groupList", found)
                .endObject()
                .toByteArray());
    }

    /** Request 343: which topics a group has read. */
    Answer topicsOf(Fields request) {
        Set<String> found = new TreeSet<>();
        offsets.ofGroup(request.requiredText("group")).forEach(of -> found.add(of.topic()));
        return Answer.ok(new JsonWriter()
                .beginObject()
                .field("brokerAddr", brokerAddress)
                .field("topicList", found)
                .endObject()
                .toByteArray());
    }

    /** Request 314: gives one group the offsets of another. */
    Answer copy(Fields request) {
        String from = request.requiredText("srcGroup");
        String to = request.requiredText("destGroup");
        String only = request.textOr("topic", "");
        boolean offline = request.flagOr("offline", false);
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
            if (!offline && !consumers.subscribersOf(of.topic()).contains(from)) {
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
        return Answer.ok();
    }

    /** Request 308: the lowest offset of all other groups, queue by queue, where it is not beyond the compared group's. */
    Answer correction(Fields request) {
        String topic = request.requiredText("topic");
        ConsumeProgress compared = offsets.find(request.textOr("compareGroup", ""), topic);
        Set<String> left =
                new HashSet<>(List.of(request.textOr("filterGroups", "").split(",", -1)));
        Map<Integer, Long> lowest = new TreeMap<>();
        for (ConsumeProgress of : offsets.ofTopic(topic)) {
            for (int id = 0; !left.contains(of.group()) && id < of.queues(); id++) {
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
        JsonWriter out = new JsonWriter().beginObject().key("correctionOffsets").beginObject();
        lowest.forEach((id, offset) -> out.key(id).value(offset));
        return Answer.ok(out.endObject().endObject().toByteArray());
    }
}
