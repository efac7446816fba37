package org.merlinmq.storage.run;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * Pairs in memory in the order they came, whose values are log offsets or grow with them: what the log has and no run
 * has yet.
 *
 * <p>Threading: {@code add} and {@code trim} under one lock; {@code snapshot} on any thread, without.
 */
public final class PairTail {

    private static final int FIRST_CAPACITY = 64;
    private static final int MAX_CAPACITY = 8192;

    private static final class Chunk {
        private static final VarHandle COUNT;

        static {
            try {
                COUNT = MethodHandles.lookup().findVarHandle(Chunk.class, "count", int.class);
            } catch (ReflectiveOperationException e) {
                throw new ExceptionInInitializerError(e);
            }
        }

        private final long[] pairs;
        private int count;

        Chunk(int capacity) {
            pairs = new long[capacity * 2];
        }

        int published() {
            return (int) COUNT.getAcquire(this);
        }

        void add(long key, long value) {
            int at = count * 2;
            pairs[at] = key;
            pairs[at + 1] = value;
            COUNT.setRelease(this, count + 1);
        }

        int below(int among, long value) {
            int low = 0;
            int high = among;
            while (low < high) {
                int mid = (low + high) >>> 1;
                if (pairs[2 * mid + 1] < value) {
                    low = mid + 1;
                } else {
                    high = mid;
                }
            }
            return low;
        }
    }

    /** What was in the tail at a moment. */
    public static final class Snapshot {
        private final Chunk[] chunks;
        private final int[] counts;
        private final int size;

        private Snapshot(Chunk[] chunks) {
            this.chunks = chunks;
            counts = new int[chunks.length];
            int sum = 0;
            for (int i = 0; i < chunks.length; i++) {
                counts[i] = chunks[i].published();
                sum += counts[i];
            }
            size = sum;
        }

        /** How many pairs there were. */
        public int size() {
            return size;
        }

        /**
         * Copies the pairs.
         *
         * @param from how many of the oldest to leave out
         * @return side by side, in the order they came
         */
        public long[] toArray(int from) {
            return toArray(from, size);
        }

        /**
         * Copies some of the pairs.
         *
         * @param from how many of the oldest to leave out
         * @param to how many of the oldest to look at
         * @return side by side, in the order they came
         */
        public long[] toArray(int from, int to) {
            long[] some = new long[Math.max(0, to - from) * 2];
            int base = 0;
            int copied = 0;
            for (int i = 0; i < chunks.length && base < to; i++) {
                int first = Math.max(0, from - base);
                int pairs = Math.min(counts[i], to - base) - first;
                if (pairs > 0) {
                    System.arraycopy(chunks[i].pairs, first * 2, some, copied, pairs * 2);
                    copied += pairs * 2;
                }
                base += counts[i];
            }
            return some;
        }

        /**
         * Counts the pairs with small values; values never fall.
         *
         * @param value the limit
         * @return how many of the oldest have a value below it
         */
        public int below(long value) {
            int below = 0;
            for (int i = 0; i < chunks.length; i++) {
                if (counts[i] > 0 && chunks[i].pairs[counts[i] * 2 - 1] >= value) {
                    return below + chunks[i].below(counts[i], value);
                }
                below += counts[i];
            }
            return below;
        }

        /**
         * Searches by key from the newest pair on.
         *
         * @param key the key
         * @param visitor takes the values; ends the search with false
         * @return whether the visitor wanted all
         */
        public boolean newestFirst(long key, ValueVisitor visitor) {
            for (int c = chunks.length - 1; c >= 0; c--) {
                long[] pairs = chunks[c].pairs;
                for (int i = counts[c] * 2 - 2; i >= 0; i -= 2) {
                    if (pairs[i] == key && !visitor.visit(pairs[i + 1])) {
                        return false;
                    }
                }
            }
            return true;
        }
    }

    /** Takes values of pairs. */
    @FunctionalInterface
    public interface ValueVisitor {
        /**
         * One value.
         *
         * @param value of a pair
         * @return whether to go on
         */
        boolean visit(long value);
    }

    private volatile Chunk[] chunks = new Chunk[0];

    /** An empty tail. */
    public PairTail() {}

    /**
     * Adds a pair at the end.
     *
     * @param key any
     * @param value not below the last one's
     */
    public void add(long key, long value) {
        Chunk[] now = chunks;
        Chunk last = now.length == 0 ? null : now[now.length - 1];
        if (last == null || last.count * 2 == last.pairs.length) {
            last = grow(now, last == null ? FIRST_CAPACITY : Math.min(MAX_CAPACITY, last.count * 2));
        }
        last.add(key, value);
    }

    private Chunk grow(Chunk[] now, int capacity) {
        Chunk[] more = Arrays.copyOf(now, now.length + 1);
        more[now.length] = new Chunk(capacity);
        chunks = more;
        return more[now.length];
    }

    /** All pairs added before. */
    public Snapshot snapshot() {
        return new Snapshot(chunks);
    }

    /**
     * Lets go of the chunks whose values are all below a limit; single pairs below it may stay.
     *
     * @param valueLimit the limit
     */
    public void trim(long valueLimit) {
        Chunk[] now = chunks;
        int gone = 0;
        while (gone < now.length && now[gone].pairs[now[gone].count * 2 - 1] < valueLimit) {
            gone++;
        }
        chunks = Arrays.copyOfRange(now, gone, now.length);
    }
}
