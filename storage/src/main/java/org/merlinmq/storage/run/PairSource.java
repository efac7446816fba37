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
        return ceiling(key, value, 0, entries());
    }

    private long ceiling(long key, long value, long from, long to) {
        long low = from;
        long high = to;
        while (low < high) {
            long mid = (low + high) >>> 1;
            if (isBelow(mid, key, value)) {
                low = mid + 1;
            } else {
                high = mid;
            }
        }
        return low;
    }

    /**
     * As {@link #ceiling(long, long)}, for keys that are hashes: begins where the key stands if they are spread evenly. Then all
     * that is looked at lies in a block or two.
     *
     * @param hash compared without sign
     * @param value decides among equal keys
     * @return the pair's number; {@link #entries()} if all are below
     */
    default long ceilingOfHash(long hash, long value) {
        long step = 1 + (long) Math.sqrt((double) entries());
        long guess = Math.unsignedMultiplyHigh(hash, entries());
        long from = Math.max(0, guess - step);
        long to = Math.min(entries(), guess + step);
        for (; from > 0 && !isBelow(from - 1, hash, value); step *= 2) {
            from = Math.max(0, from - step);
        }
        for (; to < entries() && isBelow(to, hash, value); step *= 2) {
            to = Math.min(entries(), to + step);
        }
        return ceiling(hash, value, from, to);
    }

    private boolean isBelow(long entry, long key, long value) {
        int order = Long.compareUnsigned(field(entry, 0), key);
        return order < 0 || (order == 0 && field(entry, 1) < value);
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
