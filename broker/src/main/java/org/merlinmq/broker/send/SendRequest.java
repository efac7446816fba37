package org.merlinmq.broker.send;

import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.dispatch.Session;
import org.merlinmq.broker.topic.Topic;
import org.merlinmq.protocol.bytes.ByteSlice;
import org.merlinmq.transport.dispatch.Refusal;

/**
 * A message, or a batch of messages, that a client sends: what the core knows of a send, whatever it came in. One per event
 * loop, filled anew by the protocol's shell for each request, so that a send allocates nothing.
 *
 * <p>Threading: its loop; the slices are valid during the call that hands it to the core.
 */
final class SendRequest {
    /** In place of a queue: any that can be written to. */
    static final int ANY_QUEUE = -1;

    /** In place of the sender's own maximum of attempts: the group's counts. */
    static final int NO_MAXIMUM = -1;

    /** Who sends, as a group of producers. */
    final ByteSlice group = new ByteSlice();

    final ByteSlice topic = new ByteSlice();

    /** The topic whose pattern a new topic follows; empty for none. */
    final ByteSlice defaultTopic = new ByteSlice();

    /** The properties string; of a batch, the one around it. */
    final ByteSlice properties = new ByteSlice();

    /** The body; of a batch, its messages one behind the other. */
    final ByteSlice body = new ByteSlice();

    /** Whether the body is a batch. */
    boolean batch;

    /** The queue asked for, or below 0 for {@link #ANY_QUEUE}. The core enters the one chosen. */
    int queueId;

    int sysFlag;
    int flag;
    long bornMillis;
    int reconsumeTimes;

    /** {@link #NO_MAXIMUM}, or after how many attempts the message is a dead letter. */
    int maxReconsumeTimes;

    /** How many queues a topic made by this send gets. */
    int defaultQueueCount;

    boolean unitMode;

    /** The number of the sender's {@link org.merlinmq.protocol.frame.ProtocolVersion}. */
    int version;

    /** Where {@link TopicResolver#resolve} found that the message goes; what it says before that is of an earlier request. */
    @Nullable Topic destination;

    /** Whether its delay no longer counts, as on the way to the dead letters. */
    boolean undelayed;

    /** Whether it has waited for its turn where sends are limited. */
    boolean admitted;

    /** Why it may not wait for its turn; what it says before it is refused is of an earlier request. */
    @Nullable Refusal refusal;

    private @Nullable Session session;

    /** Begins a request of a client. */
    SendRequest of(Session from) {
        // Here and below: not stored again if it is the same, for the reason in ByteSlice.
        if (session != from) {
            session = from;
        }
        undelayed = false;
        admitted = false;
        return this;
    }

    /** A copy that outlives the call, and has waited for its turn when it is handed in. */
    SendRequest copy() {
        SendRequest copy = new SendRequest().of(session());
        copy.group.copyOf(group);
        copy.topic.copyOf(topic);
        copy.defaultTopic.copyOf(defaultTopic);
        copy.properties.copyOf(properties);
        copy.body.copyOf(body);
        copy.batch = batch;
        copy.queueId = queueId;
        copy.sysFlag = sysFlag;
        copy.flag = flag;
        copy.bornMillis = bornMillis;
        copy.reconsumeTimes = reconsumeTimes;
        copy.maxReconsumeTimes = maxReconsumeTimes;
        copy.defaultQueueCount = defaultQueueCount;
        copy.unitMode = unitMode;
        copy.version = version;
        copy.admitted = true;
        return copy;
    }

    /** Who sends. */
    Session session() {
        Session from = session;
        if (from == null) {
            throw new IllegalStateException("a send without a session");
        }
        return from;
    }
}
