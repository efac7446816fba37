package org.merlinmq.storage.run;

import java.util.List;

/**
 * Walks several sources of pairs as one, in order of key and value.
 *
 * <p>Threading: owned by one thread, which holds the runs.
 */
public final class PairMerge {
    /** Read from a source at a time: 1 KiB. They never lie in two blocks of a run. */
    private static final int PART_PAIRS = 64;

    /** Those that have pairs left, as a heap: none of {@code 2i + 1} and {@code 2i + 2} stands before {@code i}. */
    private final Cursor[] cursors;

    private int left;
    private boolean begun;

    /**
     * Starts at a key.
     *
     * @param runs the sources, held by the caller
     * @param fromKey none before this
     * @param fromValue none before this among those of the first key
     */
    public PairMerge(List<? extends PairSource> runs, long fromKey, long fromValue) {
        cursors = new Cursor[runs.size()];
        for (PairSource source : runs) {
            Cursor cursor = new Cursor(source, source.ceiling(fromKey, fromValue));
            if (cursor.load()) {
                cursors[left++] = cursor;
            }
        }
        for (int i = left / 2 - 1; i >= 0; i--) {
            sink(i);
        }
    }

    /** Where the merge stands in one source. */
    private static final class Cursor {
        private final PairSource source;
        private final long[] part = new long[PART_PAIRS * 2];
        private long partAt;
        private int partPairs;
        private int at;
        private long key;
        private long value;

        Cursor(PairSource source, long first) {
            this.source = source;
            partAt = first;
        }

        boolean step() {
            at++;
            if (at == partPairs) {
                partAt += partPairs;
                return load();
            }
            key = part[2 * at];
            value = part[2 * at + 1];
            return true;
        }

        private boolean load() {
            int upToPart = PART_PAIRS - (int) (partAt % PART_PAIRS);
            partPairs = (int) Math.min(upToPart, source.entries() - partAt);
            if (partPairs <= 0) {
                return false;
            }
            source.copy(partAt, partPairs, part);
            at = 0;
            key = part[0];
            value = part[1];
            return true;
        }

        boolean isBefore(Cursor other) {
            int order = Long.compareUnsigned(key, other.key);
            return order < 0 || (order == 0 && value < other.value);
        }
    }

    /**
     * Steps to the next entry.
     *
     * @return false at the end
     */
    public boolean advance() {
        if (begun && left > 0) {
            if (!cursors[0].step()) {
                cursors[0] = cursors[--left];
            }
            sink(0);
        }
        begun = true;
        return left > 0;
    }

    /** Moves a cursor that may stand behind those below it to its place. */
    private void sink(int from) {
        Cursor moved = cursors[from];
        int at = from;
        for (int below = 2 * at + 1; below < left; below = 2 * at + 1) {
            if (below + 1 < left && cursors[below + 1].isBefore(cursors[below])) {
                below++;
            }
            if (!cursors[below].isBefore(moved)) {
                break;
            }
            cursors[at] = cursors[below];
            at = below;
        }
        cursors[at] = moved;
    }

    /** Of the present entry. */
    public long key() {
        return cursors[0].key;
    }

    /** Of the present entry. */
    public long value() {
        return cursors[0].value;
    }
}
