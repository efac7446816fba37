package org.merlinmq.client;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.merlinmq.protocol.body.MessageQueueId;

/**
 * Reads queues one by one, under the caller's control: no group membership, and offsets are committed only when asked.
 *
 * <p>Threading: any thread, many at once. All methods block except {@link #pullAsync}.
 *
 * <p>Errors: {@link ClientException} with cause and cure.
 */
public final class Puller implements AutoCloseable {
    /** The default for the most messages of one pull. */
    public static final int DEFAULT_MAX_MESSAGES = 32;

    private final Cluster cluster;
    private final QueueClient queueClient;
    private final String group;

    private Puller(Cluster cluster, String group) {
        this.cluster = cluster;
        this.queueClient = new QueueClient(cluster);
        this.group = group;
    }

    /**
     * Starts a puller. Connects to brokers with the first request.
     *
     * @param client where the nameservers are
     * @param group the consumer group that reads, and for which offsets are committed
     * @return the puller
     */
    public static Puller open(ClientConfig client, String group) {
        return new Puller(new Cluster(client, loop -> Cluster.refusing()), group);
    }

    /**
     * The queues of a topic that may be read.
     *
     * @param topic the topic
     * @return the queues in their order
     * @throws ClientException if the topic has no route
     */
    public List<MessageQueueId> queues(String topic) {
        return cluster.routes().of(topic).readQueues();
    }

    /** The queue offset of a starting point. */
    public long offset(MessageQueueId queue, StartAt start) {
        return offset(queueClient, queue, start);
    }

    static long offset(QueueClient queueClient, MessageQueueId queue, StartAt start) {
        if (start instanceof StartAt.Time time) {
            return queueClient.searchOffset(queue, time.when().toEpochMilli());
        }
        return start instanceof StartAt.First ? queueClient.minOffset(queue) : queueClient.maxOffset(queue);
    }

    /**
     * Reads from an offset on.
     *
     * @param queue the queue
     * @param offset the first queue offset to read
     * @param tags {@code *} for all, or tags with {@code ||} between them
     * @param maxMessages how many at most
     * @param hold how long the broker may wait for a message if there is none; zero for an answer at once
     * @return the messages and where to go on
     */
    public PullResult pull(MessageQueueId queue, long offset, String tags, int maxMessages, Duration hold) {
        return cluster.waitFor(pullAsync(queue, offset, tags, maxMessages, hold));
    }

    /**
     * Reads all kinds of messages from an offset on, and does not wait if there is none.
     *
     * @param queue the queue
     * @param offset the first queue offset to read
     * @return the messages and where to go on
     */
    public PullResult pull(MessageQueueId queue, long offset) {
        return pull(queue, offset, "*", DEFAULT_MAX_MESSAGES, Duration.ZERO);
    }

    /**
     * As {@link #pull(MessageQueueId, long, String, int, Duration)}, without waiting.
     *
     * @param queue the queue
     * @param offset the first queue offset to read
     * @param tags {@code *} for all, or tags with {@code ||} between them
     * @param maxMessages how many at most
     * @param hold how long the broker may wait for a message if there is none
     * @return the messages; completed on the network thread, so its callbacks must not block
     */
    public CompletableFuture<PullResult> pullAsync(
            MessageQueueId queue, long offset, String tags, int maxMessages, Duration hold) {
        return queueClient.pull(
                queueClient.readAddress(queue), group, queue, offset, TagFilter.of(tags), maxMessages, hold);
    }

    /**
     * Commits the group's offset in a queue.
     *
     * @param queue the queue
     * @param offset the next queue offset to consume
     */
    public void commit(MessageQueueId queue, long offset) {
        queueClient.commit(group, queue, offset);
    }

    /**
     * The group's committed offset in a queue.
     *
     * @param queue the queue
     * @return the next queue offset to consume, or −1 if nothing was committed
     */
    public long committed(MessageQueueId queue) {
        Long known = queueClient.committed(group, queue);
        return known == null ? -1 : known;
    }

    /** Closes the connections. */
    @Override
    public void close() {
        cluster.close();
    }
}
