package org.merlinmq.storage.log;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How long things took that concern the disk, counted in fixed buckets since the log was opened.
 *
 * <p>Threading: any thread; without locks. A reader may find a bucket counted whose time is not yet in the sum.
 */
public final class Durations {
    private static final long[] BOUND_MICROS = {
        50,
        100,
        200,
        500,
        1_000,
        2_000,
        5_000,
        10_000,
        20_000,
        50_000,
        100_000,
        200_000,
        500_000,
        1_000_000,
        2_000_000,
        5_000_000,
        10_000_000
    };

    private static final int SUM = BOUND_MICROS.length + 1;

    private final AtomicLongArray counts = new AtomicLongArray(SUM + 1);

    /** All empty. */
    Durations() {}

    void add(long nanos) {
        long micros = nanos / 1_000;
        int bucket = 0;
        while (bucket < BOUND_MICROS.length && micros > BOUND_MICROS[bucket]) {
            bucket++;
        }
        counts.getAndIncrement(bucket);
        counts.getAndAdd(SUM, nanos);
    }

    /** How many buckets there are; the last has no upper bound. */
    public static int size() {
        return BOUND_MICROS.length + 1;
    }

    /**
     * The largest duration that a bucket takes.
     *
     * @param bucket 0 to size − 2
     * @return microseconds
     */
    public static long boundMicros(int bucket) {
        return BOUND_MICROS[bucket];
    }

    /**
     * How many things fell into a bucket.
     *
     * @param bucket 0 to size − 1
     * @return the number
     */
    public long count(int bucket) {
        return counts.get(bucket);
    }

    /**
     * How many things there were.
     *
     * @return the sum over all buckets
     */
    public long total() {
        long total = 0;
        for (int bucket = 0; bucket < size(); bucket++) {
            total += counts.get(bucket);
        }
        return total;
    }

    /** All durations added up, in nanoseconds. */
    public long sumNanos() {
        return counts.get(SUM);
    }
}
