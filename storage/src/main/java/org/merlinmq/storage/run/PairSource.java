package org.merlinmq.storage.run;

/** Sorted pairs that can be walked: a run, or pairs in memory. */
public interface PairSource {

    /** How many pairs there are. */
    long entries();

    /**
     * One long of a pair.
     *
     * @param entry from 0
     * @param field 0 for the key, 1 for the value
     * @return the long
     */
    long field(long entry, int field);

    /**
     * Copies pairs.
     *
     * @param entry the first one's number
     * @param count how many, 1 at least
     * @param to gets them side by side, from its beginning on
     */
    void copy(long entry, int count, long[] to);

    /**
     * Finds the first pair that is not below another.
     *
     * @param key compared without sign
     * @param value decides among equal keys
     * @return the pair's number; {@link #entries()} if all are below
     */
    default long ceiling(long key, long value) {
        long low = 0;
        long high = entries();
        while (low < high) {
            long mid = (low + high) >>> 1;
            int order = Long.compareUnsigned(field(mid, 0), key);
            if (order < 0 || (order == 0 && field(mid, 1) < value)) {
                low = mid + 1;
            } else {
                high = mid;
            }
        }
        return low;
    }

    /**
     * Pairs in memory as a source.
     *
     * @param pairs sorted by key and value, side by side
     * @param count how many pairs
     * @return the source
     */
    static PairSource of(long[] pairs, int count) {
        return new PairSource() {
            @Override
            public long entries() {
                return count;
            }

            @Override
            public long field(long entry, int field) {
                return pairs[(int) entry * 2 + field];
            }

            @Override
            public void copy(long entry, int some, long[] to) {
                System.arraycopy(pairs, (int) entry * 2, to, 0, some * 2);
            }
        };
    }
}
