package org.merlinmq.broker.stats;

import org.jspecify.annotations.Nullable;

/**
 * Messages and bytes that went one way, such as into a topic or to a group, and what they were when samples were taken.
 *
 * <p>Threading: the totals on any thread, without a lock; the samples under the {@link ThroughputStats} that made it.
 */
public abstract sealed class Counter permits Meter, TotalMeter {

    // What the totals were when each sample was taken; by window, made at the first sample with traffic.
    private long @Nullable [][] messagesThen;
    private long @Nullable [][] bytesThen;
    private volatile long messagesSampled;

    Counter() {}

    /** All messages so far. */
    public abstract long messages();

    /** All bytes so far. */
    public abstract long bytes();

    /** Notes the totals at a sample's place; returns whether messages came since the last sample. */
    boolean sample(Samples[] windows, int[] places) {
        long total = messages();
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
                note(bytesThen, w, windows[w], places[w], bytes());
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
