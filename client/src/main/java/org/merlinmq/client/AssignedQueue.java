package org.merlinmq.client;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.body.MessageQueueId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One queue that is assigned to this consumer: pulls it, passes its messages on, and knows the offset up to which all of
 * them are consumed.
 *
 * <pre>
 *   done … done | waiting, done, waiting … | pulled next
 *               ^ commitOffset              ^ nextPull
 * </pre>
 *
 * <p>Threading: any thread; the lock guards the offsets and is never held during a call to another class.
 */
final class AssignedQueue {
    private static final Logger LOG = LoggerFactory.getLogger(AssignedQueue.class);
    private static final Duration HOLD = Duration.ofSeconds(15);
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);
    private static final Duration AFTER_EMPTY = Duration.ofMillis(100);
    /** A broker that answers "nothing" faster than this does not hold pulls. */
    private static final long HELD_NANOS = Duration.ofMillis(50).toNanos();

    /** Consumes messages; must call {@link #done} for each of them at some time. */
    interface MessageHandler {
        void handle(AssignedQueue from, List<ReceivedMessage> messages);
    }

    private final Cluster cluster;
    private final QueueClient queueClient;
    private final ConsumerConfig config;
    private final MessageQueueId queue;
    private final TagFilter filter;
    private final MessageHandler handler;

    private final Object lock = new Object();
    private final TreeSet<Long> waiting = new TreeSet<>();
    private long nextPull;
    private boolean pulling;
    private volatile boolean stopped;
    private long committed = -1;
    private volatile boolean dropped;
    private volatile @Nullable String address;

    AssignedQueue(
            Cluster cluster,
            QueueClient queueClient,
            ConsumerConfig config,
            MessageQueueId queue,
            TagFilter filter,
            MessageHandler handler,
            long startOffset) {
        this.cluster = cluster;
        this.queueClient = queueClient;
        this.config = config;
        this.queue = queue;
        this.filter = filter;
        this.handler = handler;
        this.nextPull = startOffset;
    }

    MessageQueueId queue() {
        return queue;
    }

    boolean dropped() {
        return dropped;
    }

    /** Begins to pull; on a thread that may block. */
    void start() {
        try {
            address = queueClient.readAddress(queue);
            pull();
        } catch (ClientException failed) {
            LOG.warn("pull-delayed queue={} cause=\"{}\"", queue, failed.getMessage());
            cluster.schedule(AFTER_FAILURE, this::start);
        }
    }

    /** The queue is assigned to another consumer: stops pulling and passing messages on. */
    void drop() {
        dropped = true;
    }

    /** Stops pulling; messages that were passed on can still be consumed and committed. */
    void stopPulling() {
        synchronized (lock) {
            stopped = true;
        }
    }

    private void pull() {
        String from = address;
        long offset;
        synchronized (lock) {
            if (dropped || stopped || pulling || from == null || waiting.size() >= config.maxCachedMessages()) {
                return;
            }
            pulling = true;
            offset = nextPull;
        }
        long started = System.nanoTime();
        CompletableFuture<Void> unused = queueClient
                .pull(from, config.group(), queue, offset, filter, config.pullSize(), HOLD)
                .handle((result, failure) -> {
                    pulled(result, failure, System.nanoTime() - started);
                    return null;
                });
    }

    private void pulled(@Nullable PullResult result, @Nullable Throwable failure, long tookNanos) {
        if (result == null) {
            synchronized (lock) {
                pulling = false;
            }
            if (!dropped && !stopped) {
                LOG.warn(
                        "pull-failed queue={} cause=\"{}\"", queue, failure == null ? "unknown" : failure.getMessage());
                cluster.schedule(AFTER_FAILURE, this::start);
            }
            return;
        }
        synchronized (lock) {
            pulling = false;
            if (dropped || stopped) {
                return;
            }
            nextPull = result.nextOffset();
            result.messages().forEach(message -> waiting.add(message.queueOffset()));
        }
        List<ReceivedMessage> messages = result.messages();
        for (int at = 0; at < messages.size(); at += config.batchSize()) {
            handler.handle(
                    this, new ArrayList<>(messages.subList(at, Math.min(messages.size(), at + config.batchSize()))));
        }
        boolean unheld = result.status() != PullResult.Status.FOUND
                && result.status() != PullResult.Status.NO_MATCHED_MESSAGE
                && tookNanos < HELD_NANOS;
        if (unheld) {
            cluster.schedule(AFTER_EMPTY, this::pull);
        } else {
            pull();
        }
    }

    /** A message is consumed, or the broker has taken it back for a retry. */
    void done(ReceivedMessage message) {
        boolean wasFull;
        synchronized (lock) {
            wasFull = waiting.size() >= config.maxCachedMessages();
            waiting.remove(message.queueOffset());
        }
        if (wasFull) {
            pull();
        }
    }

    /** Commits the offset up to which everything is consumed, if it has changed; blocks. */
    void commit() {
        long offset;
        synchronized (lock) {
            offset = waiting.isEmpty() ? nextPull : waiting.first();
            if (offset == committed) {
                return;
            }
        }
        queueClient.commit(config.group(), queue, offset);
        synchronized (lock) {
            committed = offset;
        }
    }
}
