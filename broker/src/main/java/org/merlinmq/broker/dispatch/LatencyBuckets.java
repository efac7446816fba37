package org.merlinmq.broker.dispatch;

/**
 * How long things took, counted in fixed buckets.
 *
 * <p>Threading: written by one loop; read by anyone.
 *
 * <p>Units: microseconds.
 */
public final class LatencyBuckets {
    private static final long[] BOUND_MICROS = {
        25, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 50_000, 100_000, 500_000, 1_000_000, 5_000_000
    };

    private static final int SUM = BOUND_MICROS.length + 1;

    private final LoopCounters counters = new LoopCounters(SUM + 1);

    /** All empty. */
    public LatencyBuckets() {}

    /**
     * Counts things that took equally long.
     *
     * @param nanos how long each took, in nanoseconds
     * @param times how many they were
     */
    public void add(long nanos, int times) {
        long micros = nanos / 1_000;
        int bucket = 0;
        while (bucket < BOUND_MICROS.length && micros > BOUND_MICROS[bucket]) {
            bucket++;
        }
        counters.add(bucket, times);
        counters.add(SUM, micros * times);
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
        return counters.value(bucket);
    }

    /** All durations added up, in microseconds. */
    public long sumMicros() {
        return counters.value(SUM);
    }
}
