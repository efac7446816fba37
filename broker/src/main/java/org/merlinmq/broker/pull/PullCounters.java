package org.merlinmq.broker.pull;

import org.merlinmq.broker.dispatch.LatencyBuckets;
import org.merlinmq.broker.dispatch.LoopCounters;
import org.merlinmq.broker.stats.ThroughputStats;

/**
 * What one loop counts of its pulls.
 *
 * <p>Threading: written by its loop alone; read by anyone, a little late.
 */
public final class PullCounters {
    private static final int MESSAGES = 0;
    private static final int BYTES = 1;
    private static final int FOUND = 2;
    private static final int MISSED = 3;
    private static final int PARKED = 4;
    private static final int WOKEN = 5;

    private final LoopCounters counters = new LoopCounters(6);
    private final LatencyBuckets latency = new LatencyBuckets();

    private final ThroughputStats throughput;

    /**
     * All at zero.
     *
     * @param throughput counts what all loops hand out
     */
    public PullCounters(ThroughputStats throughput) {
        this.throughput = throughput;
    }

    void found(int messages, int bytes, long nanos) {
        throughput.consumed().add(messages, bytes);
        counters.add(MESSAGES, messages);
        counters.add(BYTES, bytes);
        counters.add(FOUND, 1);
        latency.add(nanos, 1);
    }

    void missed() {
        counters.add(MISSED, 1);
    }

    void parked(int change) {
        counters.add(PARKED, change);
    }

    void woken() {
        counters.add(WOKEN, 1);
    }

    /**
     * How often an append woke a pull that waited.
     *
     * @return the number since the start
     */
    public long wakeUps() {
        return counters.value(WOKEN);
    }

    /**
     * Messages handed out since the start.
     *
     * @return the number
     */
    public long messages() {
        return counters.value(MESSAGES);
    }

    /**
     * Bytes of their records.
     *
     * @return the bytes
     */
    public long bytes() {
        return counters.value(BYTES);
    }

    /**
     * Pulls answered with messages.
     *
     * @return the number
     */
    public long hits() {
        return counters.value(FOUND);
    }

    /**
     * Pulls answered without one.
     *
     * @return the number
     */
    public long misses() {
        return counters.value(MISSED);
    }

    /**
     * Pulls that wait now.
     *
     * @return the number
     */
    public long parked() {
        return counters.value(PARKED);
    }

    /**
     * How long it took to put an answer with messages together.
     *
     * @return the buckets
     */
    public LatencyBuckets latency() {
        return latency;
    }
}
