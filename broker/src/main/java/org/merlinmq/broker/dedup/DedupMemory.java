package org.merlinmq.broker.dedup;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The memory that the tables of all topics share ({@code dedup.max-memory}).
 *
 * <p>A table forgets what is over when it takes new keys. One of a topic that is no longer sent to keeps its memory until
 * another table lacks it: then all are looked through, at most once a second.
 *
 * <p>Threading: any thread, without a lock.
 *
 * <p>Units: bytes.
 */
public final class DedupMemory {
    private static final long SWEEP_EVERY_MILLIS = 1_000;

    private final long maxBytes;
    private final AtomicLong used = new AtomicLong();
    private final Set<DedupTable> tables = ConcurrentHashMap.newKeySet();
    private final AtomicLong sweptMillis = new AtomicLong(Long.MIN_VALUE / 2);
    private volatile boolean lacking;

    /**
     * Nothing is used.
     *
     * @param maxBytes the most that tables are given
     */
    public DedupMemory(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /**
     * Makes a table, which is accounted here until it is closed.
     *
     * @param windowMillis its topic's window
     * @return a table without keys
     */
    public DedupTable table(long windowMillis) {
        DedupTable made = new DedupTable(windowMillis, this);
        tables.add(made);
        return made;
    }

    void closed(DedupTable table) {
        tables.remove(table);
    }

    /** Takes bytes, unless that would be more than allowed. */
    boolean reserve(long bytes) {
        if (used.addAndGet(bytes) <= maxBytes) {
            return true;
        }
        used.addAndGet(-bytes);
        lacking = true;
        return false;
    }

    /** Takes what a table has at least, whether it is allowed or not. */
    void force(long bytes) {
        used.addAndGet(bytes);
    }

    void release(long bytes) {
        used.addAndGet(-bytes);
    }

    /** Lets all tables forget what is over if a reservation has failed lately. To be called with no lock of a table held. */
    void sweepIfLacking(long nowMillis) {
        if (lacking) {
            long swept = sweptMillis.get();
            if (nowMillis - swept >= SWEEP_EVERY_MILLIS && sweptMillis.compareAndSet(swept, nowMillis)) {
                lacking = false;
                tables.forEach(each -> each.forgetOver(nowMillis));
            }
        }
    }

    /** What is used now. */
    public long usedBytes() {
        return used.get();
    }

    /** The most that may be used. */
    public long maxBytes() {
        return maxBytes;
    }
}
