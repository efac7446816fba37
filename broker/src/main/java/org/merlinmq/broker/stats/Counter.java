package org.merlinmq.broker.stats;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * Messages and bytes that went one way, such as into a topic or to a group.
 *
 * <p>Threading: {@link #add} on any thread, without a lock; the rest under the {@link Traffic} that made it.
 */
public final class Counter {
    private static final VarHandle MESSAGES;
    private static final VarHandle BYTES;

    static {
        try {
            MESSAGES = MethodHandles.lookup().findVarHandle(Counter.class, "messages", long.class);
            BYTES = MethodHandles.lookup().findVarHandle(Counter.class, "bytes", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Traffic traffic;

    // In this object, not in adders of their own: with thousands of topics each hop is a miss of the cache.
    private volatile long messages;
    private volatile long bytes;

    // What the totals were when each sample was taken; by window, made at the first sample with traffic.
    private long @Nullable [][] messagesThen;
    private long @Nullable [][] bytesThen;
    private volatile long messagesSampled;

    Counter(Traffic traffic) {
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

    /**
     * All messages so far.
     *
     * @return the total since start
     */
    public long messages() {
        return messages;
    }

    /**
     * All bytes so far.
     *
     * @return the total since start
     */
    public long bytes() {
        return bytes;
    }

    /** Notes the totals at a sample's place; tells whether messages came since the last look. */
    boolean sample(Samples[] windows, int[] places) {
        long total = messages;
        boolean changed = total != messagesSampled;
        messagesSampled = total;
        if (messagesThen == null && total == 0) {
            return false;
        }
        if (messagesThen == null) {
            messagesThen = new long[windows.length][];
            bytesThen = new long[windows.length][];
        }
        for (int w = 0; w < windows.length; w++) {
            if (places[w] >= 0) {
                note(messagesThen, w, windows[w], places[w], total);
                note(bytesThen, w, windows[w], places[w], bytes);
            }
        }
        return changed;
    }

    /** The messages at the last sample; nothing came between it and an idle time's end. */
    long sampled() {
        return messagesSampled;
    }

    private static void note(long @Nullable [][] then, int window, Samples samples, int place, long total) {
        if (then == null) {
            return;
        }
        if (then[window] == null) {
            then[window] = new long[samples.kept()];
        }
        then[window][place] = total;
    }

    long messagesAt(int window, int place) {
        return at(messagesThen, window, place);
    }

    long bytesAt(int window, int place) {
        return at(bytesThen, window, place);
    }

    // A counter that had no traffic yet when a sample was taken stood at 0.
    private static long at(long @Nullable [][] then, int window, int place) {
        return then == null || then[window] == null || place < 0 ? 0 : then[window][place];
    }
}
