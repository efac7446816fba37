package org.merlinmq.client;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.merlinmq.protocol.body.MessageQueueId;

/**
 * Reads queues one by one, under the caller's control: no group membership, and offsets are committed only when asked.
 *
 * <p>Threading: any thread, many at once. The methods block but for {@link #pullAsync}.
 *
 * <p>Errors: {@link ClientException} with cause and cure.
 */
public final class Puller implements AutoCloseable {
    /** How many messages a pull may bring if nothing else is said. */
    public static final int DEFAULT_MAX_MESSAGES = 32;

    private final Cluster cluster;
    private final QueueReads reads;
    private final String group;

    private Puller(Cluster cluster, String group) {
        this.cluster = cluster;
        this.reads = new QueueReads(cluster);
        this.group = group;
    }

    /**
     * Starts a puller. Brokers are connected to when something is asked.
     *
     * @param client where the nameservers are
     * @param group under which name the broker sees the reader, and for which offsets are committed
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

    /**
     * Finds where to begin in a queue.
     *
     * @param queue the queue
     * @param start where
     * @return the queue offset
     */
    public long offset(MessageQueueId queue, StartAt start) {
        return offset(reads, queue, start);
    }

    static long offset(QueueReads reads, MessageQueueId queue, StartAt start) {
        if (start instanceof StartAt.Time time) {
            return reads.searchOffset(queue, time.when().toEpochMilli());
        }
        return start instanceof StartAt.First ? reads.minOffset(queue) : reads.maxOffset(queue);
    }

    /**
     * Reads from an offset on.
     *
     * @param queue the queue
     * @param offset the first queue offset wanted
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
     * @param offset the first queue offset wanted
     * @return the messages and where to go on
     */
    public PullResult pull(MessageQueueId queue, long offset) {
        return pull(queue, offset, "*", DEFAULT_MAX_MESSAGES, Duration.ZERO);
    }

    /**
     * As {@link #pull(MessageQueueId, long, String, int, Duration)}, without waiting.
     *
     * @param queue the queue
     * @param offset the first queue offset wanted
     * @param tags {@code *} for all, or tags with {@code ||} between them
     * @param maxMessages how many at most
     * @param hold how long the broker may wait for a message if there is none
     * @return the messages; completed on the network thread, so what hangs on it must not block
     */
    public CompletableFuture<PullResult> pullAsync(
            MessageQueueId queue, long offset, String tags, int maxMessages, Duration hold) {
        return reads.pull(reads.reader(queue), group, queue, offset, TagFilter.of(tags), maxMessages, hold);
    }

    /**
     * Remembers at the broker where the group is in a queue.
     *
     * @param queue the queue
     * @param offset the next queue offset wanted
     */
    public void commit(MessageQueueId queue, long offset) {
        reads.commit(group, queue, offset);
    }

    /**
     * Where the group is in a queue.
     *
     * @param queue the queue
     * @return the next queue offset wanted, or −1 if nothing was committed
     */
    public long committed(MessageQueueId queue) {
        Long known = reads.committed(group, queue);
        return known == null ? -1 : known;
    }

    /** Closes the connections. */
    @Override
    public void close() {
        cluster.close();
    }
}
