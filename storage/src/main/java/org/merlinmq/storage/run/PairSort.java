package org.merlinmq.storage.run;

/** Sorts pairs of longs that lie side by side in one array. */
public final class PairSort {

    private static final int DIGITS = 256;

    private PairSort() {}

    /**
     * Sorts by the first long of each pair, without sign; pairs of one key stay in their order. Bytes in which no two
     * keys differ cost one pass of counting only.
     *
     * @param pairs the pairs, changed
     * @param count how many pairs
     * @return the sorted pairs: the given array or a new one
     */
    public static long[] sort(long[] pairs, int count) {
        long[] from = pairs;
        long[] to = new long[count * 2];
        long differing = differing(pairs, count);
        for (int shift = 0; shift < Long.SIZE; shift += 8) {
            if ((differing >>> shift & 0xFF) != 0) {
                pass(from, to, count, shift);
                long[] swap = from;
                from = to;
                to = swap;
            }
        }
        return from;
    }

    private static long differing(long[] pairs, int count) {
        long differing = 0;
        for (int i = 0; i < count; i++) {
            differing |= pairs[0] ^ pairs[2 * i];
        }
        return differing;
    }

    private static void pass(long[] from, long[] to, int count, int shift) {
        int[] starts = new int[DIGITS + 1];
        for (int i = 0; i < count; i++) {
            starts[(int) (from[2 * i] >>> shift & 0xFF) + 1]++;
        }
        for (int d = 0; d < DIGITS; d++) {
            starts[d + 1] += starts[d];
        }
        for (int i = 0; i < count; i++) {
            int at = starts[(int) (from[2 * i] >>> shift & 0xFF)]++;
            to[2 * at] = from[2 * i];
            to[2 * at + 1] = from[2 * i + 1];
        }
    }
}
