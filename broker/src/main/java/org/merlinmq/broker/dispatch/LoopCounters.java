package org.merlinmq.broker.dispatch;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Numbers that one loop counts up and everyone may read: plain stores for the loop, no contention, no garbage.
 *
 * <p>Threading: written by its loop alone; read by anyone, a little late.
 */
public final class LoopCounters {
    private final AtomicLongArray values;

    /**
     * All at zero.
     *
     * @param size how many
     */
    public LoopCounters(int size) {
        values = new AtomicLongArray(size);
    }

    /**
     * Counts up. On the loop.
     *
     * @param which the counter
     * @param by how much
     */
    public void add(int which, long by) {
        values.lazySet(which, values.getPlain(which) + by);
    }

    /**
     * Reads a counter.
     *
     * @param which the counter
     * @return its value
     */
    public long value(int which) {
        return values.getOpaque(which);
    }
}
