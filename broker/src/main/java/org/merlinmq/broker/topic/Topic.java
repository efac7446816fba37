package org.merlinmq.broker.topic;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.HashMap;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.dedup.DedupMemory;
import org.merlinmq.broker.dedup.DedupRules;
import org.merlinmq.broker.dedup.DedupTable;
import org.merlinmq.broker.limit.LimitRules;
import org.merlinmq.broker.limit.RateLimit;
import org.merlinmq.broker.stats.Counter;
import org.merlinmq.broker.stats.ThroughputStats;
import org.merlinmq.protocol.body.TopicConfig;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.storage.queue.Queue;

/**
 * One topic: its configuration and the way to its queues. The same object as long as the topic exists, whatever changes
 * in its configuration.
 *
 * <p>Threading: any thread, without lock; {@link TopicTable} alone changes the configuration.
 */
public final class Topic {
    private static final @Nullable Queue[] NONE = {};
    private static final VarHandle QUEUE_AT = MethodHandles.arrayElementVarHandle(Queue[].class);

    private final String name;
    private final byte[] nameBytes;
    private final boolean system;
    private final boolean closedToClients;
    private final QueueSource source;
    private volatile TopicConfig config;
    private volatile int queueLimit;

    /** As many as the configuration has; a place once filled stays so. Read through {@link #QUEUE_AT}. */
    private volatile @Nullable Queue[] queues;

    /** Queues that were asked for and that the configuration does not have. Replaced, under this. */
    private volatile Map<Integer, Queue> others = Map.of();

    private volatile boolean deleted;
    private @Nullable Counter produced;

    /** Once there, it stays: while sends wait for it none may pass them by. */
    private volatile @Nullable RateLimit sendLimit;

    private volatile @Nullable RateLimit deliverLimit;

    /** 0 if second sends with one unique key are stored as well. */
    private volatile long dedupMillis;

    /** For how many slaves a send waits; -1 for as many as the broker's settings say. */
    private volatile int copies;

    /** Made by the first send that asks for it. Replaced under this. */
    private volatile @Nullable DedupTable dedup;

    Topic(TopicConfig config, TopicRules rules, QueueSource source) {
        this.name = config.topicName();
        this.nameBytes = Bytes.utf8(name);
        this.system = rules.isSystem(name);
        this.closedToClients = TopicRules.closedToClients(name);
        this.source = source;
        this.config = config;
        this.queueLimit = limitOf(config);
        this.queues = new @Nullable Queue[queueLimit];
        limit(config);
        deduplicate(config);
        copies = copies(config);
    }

    /** A retry topic follows the settings: nobody sets attributes of it. */
    private int copies(TopicConfig by) {
        return system || name.startsWith("%") ? CopyRules.AS_CONFIGURED : CopyRules.copies(by.attributes());
    }

    private void limit(TopicConfig by) {
        sendLimit = limit(sendLimit, name, by, LimitRules.SEND);
        deliverLimit = limit(deliverLimit, name, by, LimitRules.DELIVER);
    }

    /** A retry topic has none: a message that is given back keeps its unique key. */
    private synchronized void deduplicate(TopicConfig by) {
        long millis = system || name.startsWith("%") ? 0 : DedupRules.windowMillis(by.attributes());
        dedupMillis = millis;
        DedupTable known = dedup;
        if (known != null && millis == 0) {
            dedup = null;
            known.close();
        } else if (known != null) {
            known.windowMillis(millis);
        }
    }

    private static @Nullable RateLimit limit(@Nullable RateLimit known, String name, TopicConfig by, String prefix) {
        RateLimit.Rates rates = LimitRules.rates(by.attributes(), prefix);
        if (known == null && rates.none()) {
            return null;
        }
        RateLimit limit = known == null ? new RateLimit(RateLimit.Kind.TOPIC, name) : known;
        limit.set(rates);
        return limit;
    }

    private static int limitOf(TopicConfig config) {
        return Math.max(config.readQueueNums(), config.writeQueueNums());
    }

    public String name() {
        return name;
    }

    /** The topic's name in UTF-8, as it stands in requests and records; not to be changed. */
    public byte[] nameBytes() {
        return nameBytes;
    }

    /** The configuration as it is now. Take it once per decision: the next call may return another. */
    public TopicConfig config() {
        return config;
    }

    synchronized void configure(TopicConfig next) {
        int limit = limitOf(next);
        @Nullable Queue[] known = queues;
        if (limit != known.length) {
            Map<Integer, Queue> all = new HashMap<>(others);
            for (int id = 0; id < known.length; id++) {
                Queue queue = known[id];
                if (queue != null) {
                    all.put(id, queue);
                }
            }
            @Nullable Queue[] fitting = new @Nullable Queue[limit];
            all.forEach((id, queue) -> {
                if (id < limit) {
                    fitting[id] = queue;
                }
            });
            all.keySet().removeIf(id -> id < limit);
            others = Map.copyOf(all);
            queues = fitting;
        }
        limit(next);
        deduplicate(next);
        copies = copies(next);
        config = next;
        queueLimit = limit;
    }

    /** How many queues the topic has for readers or for writers, whichever is more. */
    public int queueLimit() {
        return queueLimit;
    }

    /** Whether producers may write. */
    public boolean writable() {
        return (config.perm() & TopicRules.WRITE) != 0;
    }

    /** Whether consumers may read. */
    public boolean readable() {
        return (config.perm() & TopicRules.READ) != 0;
    }

    /** Whether the broker made this topic for itself; no request may change or delete it. */
    public boolean system() {
        return system;
    }

    /** Whether clients may not send to it although it exists: the topics of delays, of transactions and the like. */
    public boolean closedToClients() {
        return closedToClients;
    }

    /**
     * How fast messages may be sent to it.
     *
     * @return null if it never had such a limit since the start
     */
    public @Nullable RateLimit sendLimit() {
        return sendLimit;
    }

    /**
     * How fast messages may be pulled from it.
     *
     * @return null if it never had such a limit since the start
     */
    public @Nullable RateLimit deliverLimit() {
        return deliverLimit;
    }

    /** For how many slaves a send to it waits; {@link CopyRules#AS_CONFIGURED} for as many as the settings say. */
    public int copies() {
        return copies;
    }

    /** For how long a second send with one unique key is a duplicate, in milliseconds; 0 for never. */
    public long dedupMillis() {
        return dedupMillis;
    }

    /**
     * The unique keys that were sent in its window.
     *
     * @param memory where a table is accounted that is made now
     * @return null if the topic has no window
     */
    public @Nullable DedupTable dedup(DedupMemory memory) {
        if (dedupMillis == 0) {
            return null;
        }
        DedupTable known = dedup;
        return known != null ? known : makeDedup(memory);
    }

    private synchronized @Nullable DedupTable makeDedup(DedupMemory memory) {
        if (dedup == null && dedupMillis > 0 && !deleted) {
            dedup = memory.table(dedupMillis);
        }
        return dedup;
    }

    /**
     * The unique keys that were sent in its window.
     *
     * @return null if it has no window, or nothing was sent since the start
     */
    public @Nullable DedupTable knownDedup() {
        return dedup;
    }

    /** Whether the topic was deleted since it was found. */
    public boolean deleted() {
        return deleted;
    }

    /** Once this returns no queue of the topic is made, and none is being made. */
    synchronized void deleted(boolean is) {
        deleted = is;
        DedupTable known = dedup;
        if (is && known != null) {
            dedup = null;
            known.close();
        }
    }

    /**
     * One of the topic's queues, made in the store when it is first asked for.
     *
     * @param queueId its number; the caller has compared it with the configuration
     * @return the queue
     */
    public Queue queue(int queueId) {
        @Nullable Queue[] known = queues;
        Queue queue = queueId < known.length ? at(known, queueId) : null;
        return queue != null ? queue : open(queueId);
    }

    /**
     * One of the topic's queues, if anything was ever stored in it.
     *
     * @param queueId its number, any
     * @return null if there is no such queue
     */
    public @Nullable Queue findQueue(int queueId) {
        @Nullable Queue[] known = queues;
        Queue queue = queueId >= 0 && queueId < known.length ? at(known, queueId) : null;
        return queue != null ? queue : source.find(name, queueId);
    }

    private synchronized Queue open(int queueId) {
        assert queueId >= 0 && queueId < TopicRules.MAX_QUEUES : name + " has no queue " + queueId;
        if (deleted) {
            return source.ended(name, queueId);
        }
        Queue queue = source.queue(name, queueId);
        @Nullable Queue[] known = queues;
        if (queueId < known.length) {
            QUEUE_AT.setRelease(known, queueId, queue);
        } else if (!others.containsKey(queueId)) {
            Map<Integer, Queue> more = new HashMap<>(others);
            more.put(queueId, queue);
            others = Map.copyOf(more);
        }
        return queue;
    }

    /**
     * The queues that clients may send to, by their numbers; null where nobody has asked for one yet.
     *
     * @return the topic's own array, until it is configured anew; not to be changed
     */
    @Nullable Queue[] openTo() {
        // A topic with a limit or a window is looked at for each send.
        return closedToClients || sendLimit != null || dedupMillis > 0 || copies >= 0 ? NONE : queues;
    }

    static @Nullable Queue at(@Nullable Queue[] known, int queueId) {
        return (Queue) QUEUE_AT.getAcquire(known, queueId);
    }

    /** The messages that were appended to its queues since the store was opened. */
    public long appendedMessages() {
        return sum(Queue::appendedMessages);
    }

    /** The bytes of these messages' records. */
    public long appendedBytes() {
        return sum(Queue::appendedBytes);
    }

    /** Over all queues, also those that only deliveries and messages sent back have written to. */
    private long sum(ToLongFunction<Queue> of) {
        long sum = others.values().stream().mapToLong(of).sum();
        int limit = queueLimit;
        for (int id = 0; id < limit; id++) {
            Queue queue = findQueue(id);
            sum += queue == null ? 0 : of.applyAsLong(queue);
        }
        return sum;
    }

    /**
     * Counts what is appended to this topic.
     *
     * @param throughput makes the counter when it is first asked for
     * @return the counter
     */
    public synchronized Counter produced(ThroughputStats throughput) {
        Counter known = produced;
        if (known == null) {
            known = throughput.counter(this::appendedMessages, this::appendedBytes);
            produced = known;
        }
        return known;
    }

    @Override
    public String toString() {
        return name;
    }
}
