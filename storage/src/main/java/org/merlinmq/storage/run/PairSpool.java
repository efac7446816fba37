package org.merlinmq.storage.run;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Takes pairs in any order of their keys and gives them back sorted, also if they are more than fit in memory.
 *
 * <p>Memory: at most {@link #SLICE_PAIRS} pairs, twice while they are sorted; what comes before them goes to runs that no
 * checkpoint names and that are gone with the spool, or with the next start.
 *
 * <p>Threading: on the store's tail thread, or at the start.
 */
public final class PairSpool implements AutoCloseable {
    private static final int SLICE_PAIRS = 64 << 10;

    private final RunStore store;
    private final List<Run> runs = new ArrayList<>();
    private List<PairSource> sorted = List.of();
    private long[] pairs = new long[1024];
    private int count;

    /**
     * An empty spool.
     *
     * @param store where its runs lie
     */
    public PairSpool(RunStore store) {
        this.store = store;
    }

    /**
     * Adds a pair; none after {@link #sorted}.
     *
     * @param key any
     * @param value not below those that came before with this key
     */
    public void add(long key, long value) {
        if (count == SLICE_PAIRS) {
            writeSlice();
        }
        if (count * 2 == pairs.length) {
            pairs = Arrays.copyOf(pairs, count * 4);
        }
        pairs[count * 2] = key;
        pairs[count * 2 + 1] = value;
        count++;
    }

    private void writeSlice() {
        long[] slice = PairSort.sort(pairs, count);
        try (RunWriter out = store.newRun()) {
            for (int i = 0; i < count; i++) {
                out.pair(slice[2 * i], slice[2 * i + 1], slice[2 * i]);
            }
            runs.add(store.open(out.finish()));
        }
        count = 0;
    }

    /**
     * What was added.
     *
     * @return sources, each sorted, that belong to the spool
     */
    public List<PairSource> sorted() {
        if (sorted.isEmpty()) {
            sorted = new ArrayList<>(runs);
            sorted.add(PairSource.of(PairSort.sort(pairs, count), count));
        }
        return sorted;
    }

    /** Lets go of the runs. */
    @Override
    public void close() {
        runs.forEach(store::retire);
        runs.clear();
    }
}
