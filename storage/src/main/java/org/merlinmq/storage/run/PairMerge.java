package org.merlinmq.storage.run;

import java.util.List;

/**
 * Walks several sources of pairs as one, in order of key and value.
 *
 * <p>Threading: owned by one thread, which holds the runs.
 */
public final class PairMerge {

    private final List<? extends PairSource> runs;
    private final long[] next;
    private final long[] key;
    private final long[] value;
    private int current = -1;

    /**
     * Starts at a key.
     *
     * @param runs the sources, held by the caller
     * @param fromKey none before this
     * @param fromValue none before this among those of the first key
     */
    public PairMerge(List<? extends PairSource> runs, long fromKey, long fromValue) {
        this.runs = runs;
        next = new long[runs.size()];
        key = new long[runs.size()];
        value = new long[runs.size()];
        for (int i = 0; i < next.length; i++) {
            next[i] = runs.get(i).ceiling(fromKey, fromValue);
            load(i);
        }
    }

    private void load(int i) {
        if (next[i] < runs.get(i).entries()) {
            key[i] = runs.get(i).field(next[i], 0);
            value[i] = runs.get(i).field(next[i], 1);
        }
    }

    /**
     * Steps to the next entry.
     *
     * @return false at the end
     */
    public boolean advance() {
        if (current >= 0) {
            next[current]++;
            load(current);
        }
        int least = -1;
        for (int i = 0; i < next.length; i++) {
            if (next[i] < runs.get(i).entries() && (least < 0 || before(i, least))) {
                least = i;
            }
        }
        current = least;
        return least >= 0;
    }

    private boolean before(int a, int b) {
        int order = Long.compareUnsigned(key[a], key[b]);
        return order < 0 || (order == 0 && value[a] < value[b]);
    }

    /** Of the present entry. */
    public long key() {
        return key[current];
    }

    /** Of the present entry. */
    public long value() {
        return value[current];
    }
}
