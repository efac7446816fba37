package org.merlinmq.broker.dedup;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The memory that the tables of all topics share ({@code dedup.max-memory}).
 *
 * <p>A table forgets what is over when it takes new keys. One of a topic that is no longer sent to keeps its memory until
 * another table lacks it. Nor does a table keep more than twice what another one has that lacks memory.
 *
 * <p>Threading: any thread, without a lock.
 *
 * <p>Units: bytes.
 */
public final class DedupMemory {
    /** As often as once a millisecond. */
    private static final int SHRUNK_STRIPES = 2;

    private final long maxBytes;
    private final AtomicLong used = new AtomicLong();
    private final Set<DedupTable> tables = ConcurrentHashMap.newKeySet();
    private final AtomicLong sharedMillis = new AtomicLong(Long.MIN_VALUE);
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
        return false;
    }

    /** Takes what a table has at least, whether it is allowed or not. */
    void force(long bytes) {
        used.addAndGet(bytes);
    }

    void release(long bytes) {
        used.addAndGet(-bytes);
    }

    /** Whether so many bytes are left; {@link #force} takes them. */
    boolean has(long bytes) {
        boolean enough = used.get() + bytes <= maxBytes;
        if (!enough) {
            lacking = true;
        }
        return enough;
    }

    /**
     * If there was not enough for a table lately: lets those forget all that are no longer used, and the largest a part, unless
     * this one has as much. To be called with no lock of a table held.
     */
    void shareIfLacking(DedupTable table, long nowMillis) {
        if (!lacking) {
            return;
        }
        long shared = sharedMillis.get();
        if (nowMillis != shared && sharedMillis.compareAndSet(shared, nowMillis)) {
            lacking = false;
            DedupTable largest = table;
            for (DedupTable each : tables) {
                each.forgetIfIdle(nowMillis);
                largest = each.bytes() > largest.bytes() ? each : largest;
            }
            for (int i = 0; i < SHRUNK_STRIPES && largest.bytes() > 2 * table.bytes(); i++) {
                largest.shrink(nowMillis);
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
