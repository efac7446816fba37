package org.merlinmq.storage.run;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Makes the key or timer runs that replace a damaged one, from the records of its part of the log.
 *
 * <p>Memory: at most {@link #SLICE_ENTRIES} pairs at a time; a larger run is replaced by several.
 *
 * <p>Threading: on the store's tail thread, or at the start.
 */
public final class PairRebuild implements AutoCloseable {

    private static final int SLICE_ENTRIES = 256 << 10;

    private final RunStore store;
    private final RunFile damaged;
    private final int valueShift;
    private final List<RunFile> finished = new ArrayList<>();
    private long[] pairs = new long[1024];
    private int count;

    /**
     * Begins.
     *
     * @param store of the runs
     * @param damaged the run to replace
     * @param valueShift a value is the log offset shifted left by this
     */
    public PairRebuild(RunStore store, RunFile damaged, int valueShift) {
        this.store = store;
        this.damaged = damaged;
        this.valueShift = valueShift;
    }

    /**
     * Adds one pair. Pairs come in log order; those outside the damaged run's log range are ignored.
     *
     * @param key hash or due time
     * @param logOffset where the record begins
     */
    public void add(long key, long logOffset) {
        if (logOffset >= damaged.minLogOffset() && logOffset <= damaged.maxLogOffset()) {
            if (count * 2 == pairs.length) {
                pairs = Arrays.copyOf(pairs, count * 4);
            }
            pairs[count * 2] = key;
            pairs[count * 2 + 1] = logOffset << valueShift;
            if (++count == SLICE_ENTRIES) {
                writeSlice();
            }
        }
    }

    private void writeSlice() {
        long[] sorted = PairSort.sort(pairs, count);
        try (RunWriter out = store.newRun()) {
            for (int i = 0; i < count; i++) {
                out.pair(sorted[2 * i], sorted[2 * i + 1], sorted[2 * i + 1] >> valueShift);
            }
            finished.add(out.finish());
        }
        count = 0;
    }

    /** Puts the new runs in the damaged one's place. */
    public void finish() {
        if (count > 0) {
            writeSlice();
        }
        store.replace(List.of(store.run(damaged)), finished);
        finished.clear();
        pairs = new long[0];
    }

    /** Lets go of what is not finished. */
    @Override
    public void close() {
        finished.forEach(store::discard);
    }
}
