package org.merlinmq.broker.send;

import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.dispatch.DiskRefusal;
import org.merlinmq.broker.group.Topics;
import org.merlinmq.broker.topic.Topic;
import org.merlinmq.broker.topic.TopicChange;
import org.merlinmq.broker.topic.TopicTable;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.protocol.bytes.ByteSlice;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.storage.queue.Queue;
import org.merlinmq.transport.dispatch.Refusal;

/**
 * Finds the topic that a send goes to: makes it on the first send, keeps clients out of the broker's own topics, and
 * brings a message that was retried too often to the dead letters.
 *
 * <p>Threading: any event loop. A topic that exists is found by the bytes of its name, without allocation.
 */
public final class TopicResolver {
    private final TopicTable topics;
    private final RetryRule retries;
    private final RandomGenerator random;

    /** Decides where a send to a retry topic goes: {@link SendBack#destination}. */
    @FunctionalInterface
    public interface RetryRule {
        /**
         * Decides.
         *
         * @param retryTopic the topic sent to, {@code %RETRY%} and a group
         * @param reconsumeTimes how often the message was given back
         * @param maxReconsumeTimes the sender's own maximum, or −1
         * @param version the sender's version ordinal
         * @return the retry topic or that of dead letters
         */
        SendBack.Destination destination(String retryTopic, int reconsumeTimes, int maxReconsumeTimes, int version);
    }

    /**
     * Resolves among these topics.
     *
     * @param topics the topics
     * @param retries knows how often a group tries
     * @param random chooses a queue for messages that name none; used by all loops at once
     */
    public TopicResolver(TopicTable topics, RetryRule retries, RandomGenerator random) {
        this.topics = topics;
        this.retries = retries;
        this.random = random;
    }

    /**
     * The queue asked for, where it is at hand and the topic's name decides nothing else: neither needs to be made or checked
     * then.
     */
    @Nullable Queue findOpen(SendRequest request) {
        ByteSlice name = request.topic;
        return name.first() == '%' ? null : topics.findOpen(name.array(), name.at(), name.length(), request.queueId);
    }

    /** Enters the destination into the request, or returns why there is none. */
    @Nullable Refusal resolve(SendRequest request) {
        boolean derived = request.topic.first() == '%';
        Topic topic = named(request);
        if (topic != null && !derived && !topic.closedToClients()) {
            // Not stored again if it is the same, for the reason in ByteSlice.
            if (request.destination != topic) {
                request.destination = topic;
            }
            return null;
        }
        request.destination = null;
        if (derived && request.batch) {
            return SendChecks.illegal(
                    "a batch cannot go to the retry topic " + request.topic.text() + "; send its messages singly");
        }
        return topic == null || derived ? create(request, topic) : closed(topic);
    }

    /** Mostly the one that the request before it went to. */
    private @Nullable Topic named(SendRequest request) {
        ByteSlice name = request.topic;
        Topic last = request.destination;
        if (last != null && !last.deleted() && isNamed(last, name)) {
            return last;
        }
        return topics.find(name.array(), name.at(), name.length());
    }

    private static boolean isNamed(Topic topic, ByteSlice name) {
        byte[] own = topic.nameBytes();
        return own.length == name.length() && Bytes.equals(own, 0, name.array(), name.at(), own.length);
    }

    private @Nullable Refusal create(SendRequest request, @Nullable Topic known) {
        String name = request.topic.text();
        if (name.startsWith(Topics.RETRY)) {
            return retry(request, name);
        }
        if (known == null) {
            return take(
                    request,
                    topics.createOnSend(
                            name, request.defaultTopic.text(), request.defaultQueueCount, request.unitMode));
        }
        if (known.closedToClients()) {
            return closed(known);
        }
        request.destination = known;
        return null;
    }

    private @Nullable Refusal retry(SendRequest request, String name) {
        SendBack.Destination to;
        try {
            to = retries.destination(name, request.reconsumeTimes, request.maxReconsumeTimes, request.version);
        } catch (DiskException e) {
            return DiskRefusal.of(e);
        }
        if (to.unknownGroup()) {
            return new Refusal(
                    ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST,
                    "subscription group not exist, " + name + ": its consumers make it by their heartbeat");
        }
        if (to.dead()) {
            request.undelayed = true;
            // Dead letters have one queue, however many of retries there are.
            request.queueId = 0;
        }
        return take(request, topics.create(to.topic(), 1, Topics.READ_WRITE, 0));
    }

    private static @Nullable Refusal take(SendRequest request, TopicChange change) {
        return switch (change) {
            case TopicChange.Changed changed -> {
                request.destination = changed.topic();
                yield null;
            }
            case TopicChange.Unchanged unchanged -> {
                request.destination = unchanged.topic();
                yield null;
            }
            case TopicChange.Refused refused -> refused.refusal();
        };
    }

    private static Refusal closed(Topic topic) {
        return new Refusal(
                ResponseCode.NO_PERMISSION,
                "the topic[" + topic.name() + "] is conflict with system topic: it is the broker's own, send to"
                        + " another");
    }

    /** One of the queues that can be written to. */
    int anyQueue(Topic topic) {
        return random.nextInt(topic.config().writeQueueNums());
    }
}
