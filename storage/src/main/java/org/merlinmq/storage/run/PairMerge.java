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

    /** Those that have pairs left, in the order in which they were given. */
    private final Cursor[] cursors;

    private int left;
    private int current = -1;

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
        if (current >= 0 && !cursors[current].step()) {
            left--;
            System.arraycopy(cursors, current + 1, cursors, current, left - current);
        }
        int least = 0;
        for (int i = 1; i < left; i++) {
            if (cursors[i].isBefore(cursors[least])) {
                least = i;
            }
        }
        current = left == 0 ? -1 : least;
        return left > 0;
    }

    /** Of the present entry. */
    public long key() {
        return cursors[current].key;
    }

    /** Of the present entry. */
    public long value() {
        return cursors[current].value;
    }
}
