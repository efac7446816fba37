package org.merlinmq.cli;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Counts times in buckets that are at most 6 % wide, up to an hour.
 *
 * <p>Threading: any thread.
 */
final class LatencyHistogram {
    private static final int SUB_BITS = 4;
    private static final int SUBS = 1 << SUB_BITS;

    private final AtomicLongArray counts = new AtomicLongArray(SUBS * 48);

    void record(long nanos) {
        counts.incrementAndGet(bucket(Math.max(0, nanos)));
    }

    /** The time below which a share of all lies, in nanoseconds; 0 if there is none. */
    long percentile(double share) {
        long total = 0;
        for (int at = 0; at < counts.length(); at++) {
            total += counts.get(at);
        }
        long rank = (long) Math.ceil(share * total);
        long below = 0;
        for (int at = 0; at < counts.length() && total > 0; at++) {
            below += counts.get(at);
            if (below >= rank) {
                return upper(at);
            }
        }
        return 0;
    }

    private int bucket(long value) {
        if (value < SUBS) {
            return (int) value;
        }
        int shift = 63 - Long.numberOfLeadingZeros(value) - SUB_BITS;
        return Math.min(counts.length() - 1, (shift + 1) * SUBS + (int) (value >>> shift) - SUBS);
    }

    private static long upper(int bucket) {
        if (bucket < SUBS) {
            return bucket;
        }
        int shift = bucket / SUBS - 1;
        return ((long) (bucket % SUBS + SUBS + 1) << shift) - 1;
    }
}
