package org.merlinmq.broker.stats;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A counter that is added to.
 *
 * <p>Threading: {@link #add} on any thread, without a lock.
 */
public final class Tally extends Counter {
    private static final VarHandle MESSAGES;
    private static final VarHandle BYTES;

    static {
        try {
            MESSAGES = MethodHandles.lookup().findVarHandle(Tally.class, "messages", long.class);
            BYTES = MethodHandles.lookup().findVarHandle(Tally.class, "bytes", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Traffic traffic;
    private volatile long messages;
    private volatile long bytes;

    Tally(Traffic traffic) {
        this.traffic = traffic;
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
        traffic.wake();
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
