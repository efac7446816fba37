package org.merlinmq.storage.run;

/** Sorts pairs of longs that lie side by side in one array. */
public final class PairSort {
    private static final int DIGIT_BITS = 8;
    private static final int DIGITS = 1 << DIGIT_BITS;

    /** Bits beyond those that number the pairs: with so many, one in four random keys has a neighbour of the same bits. */
    private static final int SPARE_BITS = 2;

    /** Pairs moved by one place, for each pair, before all bytes are sorted after all. */
    private static final int MAX_MOVES = 4;

    private PairSort() {}

    /**
     * Sorts by the first long of each pair, without sign; pairs of one key stay in their order.
     *
     * <p>A pass over all pairs sorts by one byte of the key. Only the highest bytes in which keys differ get one, as many as
     * tell random keys apart; then the few pairs that are still out of order are moved. Keys that are not random, so
     * that too many would have to be moved, are sorted by each byte in which they differ.
     *
     * @param pairs the pairs, changed
     * @param count how many pairs
     * @return the sorted pairs: the given array or a new one
     */
    public static long[] sort(long[] pairs, int count) {
        long differing = differing(pairs, count);
        if (differing == 0) {
            return pairs;
        }
        long high = highest(differing, Integer.SIZE - Integer.numberOfLeadingZeros(count) + SPARE_BITS);
        long[] sorted = passes(pairs, count, high);
        if (high == differing || insert(sorted, count)) {
            return sorted;
        }
        return passes(sorted, count, differing);
    }

    private static long differing(long[] pairs, int count) {
        long differing = 0;
        for (int i = 0; i < count; i++) {
            differing |= pairs[0] ^ pairs[2 * i];
        }
        return differing;
    }

    /** The highest bytes of a mask that have so many of its bits; all of it if it has fewer. */
    private static long highest(long mask, int bits) {
        for (int shift = Long.SIZE - DIGIT_BITS; shift > 0; shift -= DIGIT_BITS) {
            long high = mask >>> shift << shift;
            if (Long.bitCount(high) >= bits) {
                return high;
            }
        }
        return mask;
    }

    /** Sorts by the bytes in which a mask has bits; returns the array that the last pass wrote. */
    private static long[] passes(long[] pairs, int count, long mask) {
        long[] from = pairs;
        long[] to = new long[count * 2];
        for (int shift = 0; shift < Long.SIZE; shift += DIGIT_BITS) {
            if ((mask >>> shift & (DIGITS - 1)) != 0) {
                pass(from, to, count, shift);
                long[] swap = from;
                from = to;
                to = swap;
            }
        }
        return from;
    }

    private static void pass(long[] from, long[] to, int count, int shift) {
        int[] starts = new int[DIGITS + 1];
        for (int i = 0; i < count; i++) {
            starts[(int) (from[2 * i] >>> shift & (DIGITS - 1)) + 1]++;
        }
        for (int d = 0; d < DIGITS; d++) {
            starts[d + 1] += starts[d];
        }
        for (int i = 0; i < count; i++) {
            int at = starts[(int) (from[2 * i] >>> shift & (DIGITS - 1))]++;
            to[2 * at] = from[2 * i];
            to[2 * at + 1] = from[2 * i + 1];
        }
    }

    /** Moves each pair down to its place; returns false, with all pairs there in some order, if that takes too many moves. */
    private static boolean insert(long[] pairs, int count) {
        long movesLeft = (long) count * MAX_MOVES;
        for (int i = 1; i < count; i++) {
            long key = pairs[2 * i];
            int at = i;
            while (at > 0 && Long.compareUnsigned(pairs[2 * at - 2], key) > 0) {
                at--;
            }
            if (at < i) {
                movesLeft -= i - at;
                if (movesLeft < 0) {
                    return false;
                }
                long value = pairs[2 * i + 1];
                System.arraycopy(pairs, 2 * at, pairs, 2 * at + 2, 2 * (i - at));
                pairs[2 * at] = key;
                pairs[2 * at + 1] = value;
            }
        }
        return true;
    }
}
