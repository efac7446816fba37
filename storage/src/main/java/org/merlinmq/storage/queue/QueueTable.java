package org.merlinmq.storage.queue;

import java.util.Arrays;
import java.util.concurrent.locks.Lock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All queues of a store.
 *
 * <p>Threading: looking up on any thread without a lock; making and deleting on any thread, under a lock of the
 * table's own, which may be taken before the append lock and never after it.
 */
public final class QueueTable {

    /** The highest number that a queue may have in its topic. */
    public static final int MAX_QUEUE_ID = (1 << 20) - 1;

    private final Lock appendLock;
    private final TopicMap topics = new TopicMap();
    private final QueueRuns runs = new QueueRuns();
    private volatile long minLogOffset;
    private int nextHandle;

    /** Queues with entries in their tail, in no order. Guarded by the append lock. */
    private Queue[] active = new Queue[16];

    private int activeCount;
    private volatile long tailSlots;

    /**
     * A table in memory.
     *
     * @param appendLock the log's append lock
     */
    public QueueTable(Lock appendLock) {
        this.appendLock = appendLock;
    }

    /**
     * Finds or makes a queue. A new one is on file, in the page cache, when this returns.
     *
     * @param topic the topic's name
     * @param queueId its number in the topic, 0 to {@link #MAX_QUEUE_ID}
     * @return the queue
     */
    public Queue queue(String topic, int queueId) {
        Queue found = find(topic, queueId);
        return found != null ? found : make(topic, queueId);
    }

    private synchronized Queue make(String name, int queueId) {
        if (queueId < 0 || queueId > MAX_QUEUE_ID) {
            throw new IllegalArgumentException("queueId " + queueId + " is not in 0.." + MAX_QUEUE_ID);
        }
        TopicQueues topic = topics.find(name);
        Queue there = topic == null ? null : topic.queue(queueId);
        if (there != null) {
            return there;
        }
        TopicQueues owner = topic == null ? topics.add(name) : topic;
        Queue queue = new Queue(this, owner, queueId, nextHandle++);
        owner.add(queue);
        return queue;
    }

    /**
     * Finds a queue.
     *
     * @param topic the topic's name
     * @param queueId its number in the topic
     * @return the queue, null if there is none
     */
    public @Nullable Queue find(String topic, int queueId) {
        TopicQueues found = topics.find(topic);
        return found == null ? null : found.queue(queueId);
    }

    /**
     * Finds a queue by the bytes of its topic's name. Allocates nothing.
     *
     * @param bytes holds the name in UTF-8
     * @param at where it begins
     * @param length its bytes
     * @param queueId its number in the topic
     * @return the queue, null if there is none
     */
    public @Nullable Queue find(byte[] bytes, int at, int length, int queueId) {
        TopicQueues found = topics.find(bytes, at, length);
        return found == null ? null : found.queue(queueId);
    }

    /**
     * Visits all queues, in no order; those made meanwhile may be missed.
     *
     * @param each the visitor
     */
    public void forEach(Consumer<Queue> each) {
        topics.forEach(topic -> {
            for (int id = 0; id < topic.limit(); id++) {
                Queue queue = topic.queue(id);
                if (queue != null) {
                    each.accept(queue);
                }
            }
        });
    }

    /**
     * Deletes a topic's queues. A topic of that name made later starts at 0, and records of the old one below the
     * offset do not come back at recovery.
     *
     * <p>Threading: takes the append lock.
     *
     * @param topic the topic's name; unknown is no error
     * @param logOffset the log's end now
     */
    public synchronized void deleteTopic(String topic, long logOffset) {
        TopicQueues found = topics.find(topic);
        if (found == null) {
            return;
        }
        topics.remove(found);
        appendLock.lock();
        try {
            for (int id = 0; id < found.limit(); id++) {
                Queue queue = found.queue(id);
                if (queue != null) {
                    queue.retire();
                }
            }
        } finally {
            appendLock.unlock();
        }
    }

    /**
     * The entries that tails have room for: what {@link TailChunk}s cost, at 24 bytes each. The store's sign to flush.
     *
     * @return entries
     */
    public long tailEntries() {
        return tailSlots;
    }

    /**
     * The log's beginning, as told last.
     *
     * @return a log offset
     */
    public long minLogOffset() {
        return minLogOffset;
    }

    QueueRuns runs() {
        return runs;
    }

    /** Under the append lock. */
    void becameActive(Queue queue, int slots) {
        if (activeCount == active.length) {
            active = Arrays.copyOf(active, activeCount * 2);
        }
        active[activeCount++] = queue;
        tailGrew(slots);
    }

    /** Under the append lock. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer at a time
    void tailGrew(int slots) {
        tailSlots += slots;
    }
}
