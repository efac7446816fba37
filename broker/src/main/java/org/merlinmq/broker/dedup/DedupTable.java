package org.merlinmq.broker.dedup;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The unique keys that were sent to one topic within its window: where the first send of each was stored, or that it is
 * under way.
 *
 * <p>Keys are known by a 64-bit hash; whoever finds one compares the stored record. The table is cut into stripes by hash.
 * A stripe has generations, the newest of which takes keys; each covers at most half the window, so that keys are
 * forgotten by dropping whole generations, between one window and two after they came. The exact age is that of
 * the stored record.
 *
 * <p>Threading: any thread; each stripe has a lock of its own, a leaf, under which nothing is done but on its arrays.
 *
 * <p>Limits: {@link DedupMemory}. Where it gives no more, the oldest generation is forgotten early:
 * {@link #coveredMillis}. A table has at least {@value #MIN_SLOTS} slots a stripe, however little is left.
 *
 * <p>Units: times in milliseconds since 1970; 16 bytes a slot, of which at most three quarters are used.
 */
public final class DedupTable {
    /** The key was new: it is under way now, until {@link #settle} or {@link #release}. */
    public static final long CLAIMED = -1;

    /** Another send of the key is under way. */
    public static final long UNDER_WAY = -2;

    /** No place that {@link #claim} would return. */
    public static final long NO_PLACE = Long.MIN_VALUE;

    static final int STRIPES = 64;
    static final int MIN_SLOTS = 16;

    /** What begins a generation is done under the stripe's lock: clearing so much takes less than a millisecond. */
    private static final int MAX_SLOTS = 1 << 18;

    /** Up to here a full generation is copied into a larger one, which takes as long: each generation is one more to look into. */
    private static final int MAX_COPIED_SLOTS = 1 << 14;

    private static final int SLOT_BYTES = 16;

    /** In place of a log offset: the send was refused, and its key is as good as new. */
    private static final long REFUSED = -3;

    private final DedupMemory memory;
    private final Stripe[] stripes = new Stripe[STRIPES];
    private volatile long windowMillis;

    /** {@link DedupMemory#table} makes one. */
    DedupTable(long windowMillis, DedupMemory memory) {
        this.windowMillis = windowMillis;
        this.memory = memory;
        for (int i = 0; i < STRIPES; i++) {
            stripes[i] = new Stripe();
        }
    }

    /** The topic's window. */
    public long windowMillis() {
        return windowMillis;
    }

    /** Changes the window. Keys that were forgotten already do not come back. */
    public void windowMillis(long millis) {
        windowMillis = millis;
    }

    private Stripe stripe(long hash) {
        return stripes[(int) (hash >>> 58)];
    }

    /** 0 marks a free slot. */
    private static long marked(long hash) {
        return hash == 0 ? 1 : hash;
    }

    /**
     * Takes a key for a send, unless it is known.
     *
     * @param hash of the key
     * @param nowMillis the time
     * @param stale a place that an earlier call returned and that is no such send: it counts as unknown; or {@link #NO_PLACE}
     * @return {@link #CLAIMED}, {@link #UNDER_WAY}, or the log offset of the key's first send
     */
    public long claim(long hash, long nowMillis, long stale) {
        long known = stripe(hash).claim(marked(hash), nowMillis, stale);
        memory.sweepIfLacking(nowMillis);
        return known;
    }

    /**
     * Says where the send was stored that has the key, and wakes those that wait for it.
     *
     * @param hash of the key
     * @param logOffset where its record is
     * @param nowMillis the time
     */
    public void settle(long hash, long logOffset, long nowMillis) {
        run(stripe(hash).settle(marked(hash), logOffset, nowMillis));
    }

    /**
     * Gives the key back: its send was not stored. Wakes those that wait for it.
     *
     * @param hash of the key
     */
    public void release(long hash) {
        run(stripe(hash).release(marked(hash)));
    }

    /**
     * Waits for a send that is under way.
     *
     * @param hash of its key
     * @param then run once it is settled or released, on that thread
     * @return false if it is no longer under way: then it is not run
     */
    public boolean await(long hash, Runnable then) {
        return stripe(hash).await(marked(hash), then);
    }

    private static void run(List<Runnable> woken) {
        for (Runnable each : woken) {
            each.run();
        }
    }

    /**
     * For how long back duplicates are found in any case: the window, unless memory was too small for it.
     *
     * @param nowMillis the time
     * @return milliseconds
     */
    public long coveredMillis(long nowMillis) {
        long covered = windowMillis;
        for (Stripe each : stripes) {
            covered = Math.min(covered, each.coveredMillis(nowMillis));
        }
        return covered;
    }

    /** Forgets the keys whose window is over, which otherwise happens when others come. */
    void forgetOver(long nowMillis) {
        for (Stripe each : stripes) {
            each.forgetOver(nowMillis);
        }
    }

    /** Forgets all keys and gives the memory back; from now on each key is new. Wakes all that wait. */
    public void close() {
        memory.closed(this);
        for (Stripe each : stripes) {
            run(each.close());
        }
    }

    /** Hashes and places of the keys that came in some time: open addressing, each slot in one line of the cache. */
    private static final class Generation {
        final long[] slots;
        final int mask;
        final long beginMillis;

        /** When it took the last of its keys, or a key of it got its place. */
        long lastMillis;

        int count;

        /** How many keys are under way. */
        int underWay;

        Generation(long[] slots, long beginMillis) {
            this.slots = slots;
            this.beginMillis = beginMillis;
            lastMillis = beginMillis;
            mask = slots.length / 2 - 1;
        }

        /** The same in an array of twice the size. */
        Generation twice() {
            Generation larger = new Generation(new long[2 * slots.length], beginMillis);
            for (int i = 0; i < slots.length; i += 2) {
                if (slots[i] != 0) {
                    larger.put(slots[i], slots[i + 1], lastMillis);
                }
            }
            return larger;
        }

        boolean full() {
            return count > mask / 4 * 3;
        }

        long bytes() {
            return (long) slots.length * Long.BYTES;
        }

        /** Where the key is, or, as the complement, where it would be. */
        int find(long hash) {
            for (int slot = (int) (hash >>> 20) & mask; ; slot = (slot + 1) & mask) {
                long found = slots[2 * slot];
                if (found == hash) {
                    return slot;
                }
                if (found == 0) {
                    return ~slot;
                }
            }
        }

        long place(int slot) {
            return slots[2 * slot + 1];
        }

        void put(long hash, long place, long now) {
            lastMillis = Math.max(lastMillis, now);
            int slot = find(hash);
            if (slot < 0) {
                slot = ~slot;
                count++;
                slots[2 * slot] = hash;
            }
            set(slot, place);
        }

        void set(int slot, long place) {
            underWay += (place == UNDER_WAY ? 1 : 0) - (place(slot) == UNDER_WAY ? 1 : 0);
            slots[2 * slot + 1] = place;
        }
    }

    /** Guarded by itself. */
    private final class Stripe {
        private static final Generation[] NONE = {};

        /** The newest first. */
        private Generation[] generations = NONE;

        private Map<Long, List<Runnable>> waiting = Map.of();
        private long forgottenMillis = Long.MIN_VALUE;
        private boolean closed;

        synchronized long claim(long hash, long now, long stale) {
            if (closed) {
                return CLAIMED;
            }
            for (Generation each : generations) {
                int slot = each.find(hash);
                if (slot >= 0) {
                    long place = each.place(slot);
                    if (place == REFUSED || place == stale) {
                        break;
                    }
                    return place;
                }
            }
            newest(now).put(hash, UNDER_WAY, now);
            return CLAIMED;
        }

        synchronized List<Runnable> settle(long hash, long place, long now) {
            if (!closed && !replace(hash, place, now)) {
                newest(now).put(hash, place, now);
            }
            return wake(hash);
        }

        synchronized List<Runnable> release(long hash) {
            replace(hash, REFUSED, Long.MIN_VALUE);
            return wake(hash);
        }

        private boolean replace(long hash, long place, long now) {
            for (Generation each : generations) {
                int slot = each.find(hash);
                if (slot >= 0) {
                    each.set(slot, place);
                    each.lastMillis = Math.max(each.lastMillis, now);
                    return true;
                }
            }
            return false;
        }

        synchronized boolean await(long hash, Runnable then) {
            for (Generation each : generations) {
                int slot = each.find(hash);
                if (slot >= 0) {
                    if (each.place(slot) != UNDER_WAY) {
                        return false;
                    }
                    if (waiting.isEmpty()) {
                        waiting = new HashMap<>();
                    }
                    waiting.computeIfAbsent(hash, of -> new ArrayList<>()).add(then);
                    return true;
                }
            }
            return false;
        }

        private List<Runnable> wake(long hash) {
            List<Runnable> woken = waiting.isEmpty() ? null : waiting.remove(hash);
            return woken == null ? List.of() : woken;
        }

        synchronized long coveredMillis(long now) {
            return forgottenMillis == Long.MIN_VALUE ? Long.MAX_VALUE : Math.max(0, now - forgottenMillis);
        }

        synchronized List<Runnable> close() {
            closed = true;
            for (Generation each : generations) {
                memory.release(each.bytes());
            }
            generations = NONE;
            List<Runnable> woken = new ArrayList<>();
            waiting.values().forEach(woken::addAll);
            waiting = Map.of();
            return woken;
        }

        /** The generation that takes keys, with room for one. */
        private Generation newest(long now) {
            if (generations.length == 0) {
                memory.force((long) MIN_SLOTS * SLOT_BYTES);
                generations = new Generation[] {new Generation(new long[2 * MIN_SLOTS], now)};
            }
            Generation newest = generations[0];
            boolean half = now - newest.beginMillis >= Math.max(1, windowMillis / 2);
            if (half || (newest.full() && !grow(newest))) {
                begin(newest, now);
            }
            return generations[0];
        }

        private boolean grow(Generation newest) {
            if (newest.slots.length > MAX_COPIED_SLOTS || !memory.reserve(newest.bytes())) {
                return false;
            }
            generations[0] = newest.twice();
            return true;
        }

        synchronized void forgetOver(long now) {
            int kept = generations.length;
            while (kept > 0 && isOver(generations[kept - 1], now) && generations[kept - 1].underWay == 0) {
                forget(generations[--kept]);
            }
            generations = Arrays.copyOf(generations, kept);
        }

        private boolean isOver(Generation generation, long now) {
            return now - generation.lastMillis >= windowMillis;
        }

        private void forget(Generation generation) {
            memory.release(generation.bytes());
            forgottenMillis = Math.max(forgottenMillis, generation.lastMillis);
        }

        /** Begins the next generation, and forgets those whose window is over; without memory for it, the oldest too. */
        private void begin(Generation newest, long now) {
            List<Generation> kept = new ArrayList<>(List.of(generations));
            List<Generation> gone = new ArrayList<>();
            while (!kept.isEmpty() && isOver(kept.getLast(), now)) {
                gone.add(kept.removeLast());
            }
            int slots = slotsAfter(newest);
            gone.forEach(this::forget);
            if (!memory.reserve((long) slots * SLOT_BYTES)) {
                if (!kept.isEmpty()) {
                    Generation oldest = kept.removeLast();
                    gone.add(oldest);
                    forget(oldest);
                    slots = Math.min(slots, oldest.mask + 1);
                } else {
                    slots = MIN_SLOTS;
                }
                int underWay = gone.stream().mapToInt(each -> each.underWay).sum();
                slots = Math.max(slots, powerOfTwo(2 * underWay));
                memory.force((long) slots * SLOT_BYTES);
            }
            Generation next = new Generation(new long[2 * slots], now);
            kept.addFirst(next);
            generations = kept.toArray(NONE);
            gone.forEach(each -> keepUnderWay(each, next, now));
        }

        private static int slotsAfter(Generation newest) {
            if (newest.full()) {
                return Math.min(MAX_SLOTS, (newest.mask + 1) * 2);
            }
            // Twice what came is three eighths full on average, and full when the rate doubles.
            return Math.min(MAX_SLOTS, powerOfTwo(newest.count * 2));
        }

        /** At least so many slots, and {@link #MIN_SLOTS}. */
        private static int powerOfTwo(int slots) {
            return Integer.highestOneBit(Math.max(MIN_SLOTS, slots) - 1) << 1;
        }

        /** A send under way is not forgotten: the second one would be stored as well. */
        private static void keepUnderWay(Generation gone, Generation next, long now) {
            for (int slot = 0; gone.underWay > 0 && slot <= gone.mask; slot++) {
                if (gone.slots[2 * slot] != 0 && gone.place(slot) == UNDER_WAY) {
                    next.put(gone.slots[2 * slot], UNDER_WAY, now);
                }
            }
        }
    }
}
