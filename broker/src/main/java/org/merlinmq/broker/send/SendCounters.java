package org.merlinmq.broker.send;

import org.merlinmq.broker.dispatch.LatencyBuckets;
import org.merlinmq.broker.dispatch.LoopCounters;
import org.merlinmq.broker.stats.ThroughputStats;

/**
 * What one loop counts of its sends.
 *
 * <p>Threading: written by its loop alone; read by anyone, a little late.
 */
public final class SendCounters {
    private static final int MESSAGES = 0;
    private static final int BYTES = 1;
    private static final int REFUSED = 2;
    private static final int FAILED = 3;
    private static final int DUPLICATES = 4;

    private final LoopCounters counters = new LoopCounters(5);
    private final LatencyBuckets latency = new LatencyBuckets();

    private final ThroughputStats throughput;

    /**
     * All at zero.
     *
     * @param throughput counts what all loops store
     */
    public SendCounters(ThroughputStats throughput) {
        this.throughput = throughput;
    }

    void stored(int messages, int bytes, int requests, long nanos) {
        throughput.produced().add(messages, bytes);
        counters.add(MESSAGES, messages);
        counters.add(BYTES, bytes);
        latency.add(nanos, requests);
    }

    void refused() {
        counters.add(REFUSED, 1);
    }

    void failed(int requests) {
        counters.add(FAILED, requests);
    }

    void duplicate() {
        counters.add(DUPLICATES, 1);
    }

    /** Requests that were answered with what a first one had stored. */
    public long duplicates() {
        return counters.value(DUPLICATES);
    }

    /** Messages stored since the start. */
    public long messages() {
        return counters.value(MESSAGES);
    }

    /** Bytes of their records. */
    public long bytes() {
        return counters.value(BYTES);
    }

    /** Requests refused because of what they asked. */
    public long refusals() {
        return counters.value(REFUSED);
    }

    /** Requests that the log could not store. */
    public long failures() {
        return counters.value(FAILED);
    }

    /** From a request's frame to its answer, for stored ones. */
    public LatencyBuckets latency() {
        return latency;
    }
}
