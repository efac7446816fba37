package org.merlinmq.broker.stats;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A counter that is added to.
 *
 * <p>Threading: {@link #add} on any thread, without a lock.
 */
public final class Meter extends Counter {
    private static final VarHandle MESSAGES;
    private static final VarHandle BYTES;

    static {
        try {
            MESSAGES = MethodHandles.lookup().findVarHandle(Meter.class, "messages", long.class);
            BYTES = MethodHandles.lookup().findVarHandle(Meter.class, "bytes", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final ThroughputStats throughput;
    private volatile long messages;
    private volatile long bytes;

    Meter(ThroughputStats throughput) {
        this.throughput = throughput;
    }

    /**
     * Adds what went through; best once for many messages, since threads contend for the totals.
     *
     * @param messageCount messages
     * @param byteCount their bytes
     */
    public void add(long messageCount, long byteCount) {
        MESSAGES.getAndAdd(this, messageCount);
        BYTES.getAndAdd(this, byteCount);
        throughput.wake();
    }

    @Override
    public long messages() {
        return messages;
    }

    @Override
    public long bytes() {
        return bytes;
    }
}
