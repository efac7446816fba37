package org.merlinmq.storage.timer;

import java.util.Arrays;

/**
 * How many timers are pending in each stretch of the log, so that nobody has to walk all of them to know that none waits
 * in a segment. Counts a timer too much rather than too little: one whose end was not looked up yet is pending still.
 *
 * <p>Memory: 4 bytes for each stretch from the first that is waited for to the last.
 *
 * <p>Threading: guarded by the lock of {@link TimerMemory}.
 */
final class PendingCounts {
    private static final int STRETCH_BITS = 20;

    private int[] counts = new int[16];

    /** The stretch that the first count is of. */
    private long base;

    /** No count before this one is above 0. */
    private int first;

    private long total;

    long total() {
        return total;
    }

    void add(long logOffset) {
        long stretch = logOffset >>> STRETCH_BITS;
        if (total == 0) {
            base = stretch;
            first = 0;
        } else if (stretch < base || stretch - base >= counts.length) {
            makeRoom(stretch);
        }
        int at = (int) (stretch - base);
        first = Math.min(first, at);
        counts[at]++;
        total++;
    }

    private void makeRoom(long stretch) {
        skipZeros();
        int used = counts.length;
        while (counts[used - 1] == 0) {
            used--;
        }
        long begin = Math.min(stretch, base + first);
        long end = Math.max(stretch + 1, base + used);
        int[] moved = new int[Math.toIntExact(Math.max(16, (end - begin) * 3 / 2))];
        System.arraycopy(counts, first, moved, (int) (base + first - begin), used - first);
        first = (int) (base + first - begin);
        base = begin;
        counts = moved;
    }

    private void skipZeros() {
        while (counts[first] == 0) {
            first++;
        }
    }

    /** Whether a timer at a log offset may be pending. */
    boolean mayHave(long logOffset) {
        long at = (logOffset >>> STRETCH_BITS) - base;
        return total > 0 && at >= 0 && at < counts.length && counts[(int) at] > 0;
    }

    void remove(long logOffset) {
        long at = (logOffset >>> STRETCH_BITS) - base;
        if (at >= 0 && at < counts.length && counts[(int) at] > 0) {
            counts[(int) at]--;
            total--;
        }
    }

    /** Where the first stretch begins in which one is pending; {@link Long#MAX_VALUE} if none is. */
    long firstLogOffset() {
        if (total == 0) {
            return Long.MAX_VALUE;
        }
        skipZeros();
        return (base + first) << STRETCH_BITS;
    }

    /** Forgets those whose stretch lies below an offset as a whole: their records are gone. */
    void dropBelow(long minLogOffset) {
        int end = Math.clamp((minLogOffset >>> STRETCH_BITS) - base, 0, counts.length);
        for (int i = first; i < end; i++) {
            total -= counts[i];
        }
        if (first < end) {
            Arrays.fill(counts, first, end, 0);
        }
    }
}
