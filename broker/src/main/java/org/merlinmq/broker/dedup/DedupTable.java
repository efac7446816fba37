package org.merlinmq.broker.dedup;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.merlinmq.storage.facts.KeyHash;

/**
 * The unique keys that were sent to one topic within its window: where the first send of each was stored, or that it is
 * under way.
 *
 * <p>The table is cut into stripes by hash, each an open-addressed array, so that a new key costs one miss of the cache at most. When an
 * array is full it is copied without the keys whose window is over, into a larger one if need be. Keys are known by 44 bits of
 * their hash and those that chose the stripe; whoever finds one compares the stored record.
 *
 * <pre>
 *  a slot   44 bits of the hash | 20 bits: when, in tenths of a second, around again after 29 hours
 *           64 bits: the log offset, or what stands in its place
 * </pre>
 *
 * <p>Threading: any thread; each stripe has a lock of its own, a leaf, under which nothing is done but on its array.
 *
 * <p>Limits: {@link DedupMemory}. Where it gives no more, the older half of a stripe is forgotten early: {@link #coveredMillis}. A
 * send under way is never forgotten. A stripe that was used has at least {@value #MIN_SLOTS} slots, however little is left.
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

    static final int MIN_SLOTS = 16;

    /** A stripe is copied under its lock: so much takes a fraction of a millisecond. */
    private static final int MAX_SLOTS = 1 << 14;

    private static final int SLOT_BYTES = 16;
    private static final int MIN_STRIPES = 64;
    private static final int MAX_STRIPES = 1 << 16;

    /** In place of a log offset: the send was refused, and its key is as good as new. */
    private static final long REFUSED = -3;

    private static final int TIME_BITS = 20;
    private static final long HASH_MASK = -1L << TIME_BITS;
    private static final long TICK_MILLIS = 100;

    /** Times are from 1 to this: a slot of 0 is free. */
    private static final int TICKS = (1 << TIME_BITS) - 1;

    private static final int HOUR_TICKS = 36_000;

    private static final int BESIDE_BITS = 3;

    /** Of 16 bytes each: two lines of the cache, which are read together. */
    private static final int BESIDE = 1 << BESIDE_BITS;

    /** Among the bits of a hash that choose neither slot nor stripe. */
    private static final int LAST_AT = 40;

    private static final int AGES = 64;
    private static final long[] NONE = {};

    private final DedupMemory memory;
    private final Stripe[] stripes;
    private final int stripeShift;
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicInteger shrunk = new AtomicInteger();
    private volatile long windowMillis;
    private volatile long usedMillis;

    /** {@link DedupMemory#table} makes one. */
    DedupTable(long windowMillis, DedupMemory memory) {
        this.windowMillis = windowMillis;
        this.memory = memory;
        int largest = Math.clamp(memory.maxBytes() / (MAX_SLOTS * SLOT_BYTES), MIN_STRIPES, MAX_STRIPES);
        stripes = new Stripe[powerOfTwo(largest)];
        stripeShift = Long.SIZE - Integer.numberOfTrailingZeros(stripes.length);
        for (int i = 0; i < stripes.length; i++) {
            stripes[i] = new Stripe();
        }
    }

    /** So many, or the next power of two. */
    private static int powerOfTwo(int least) {
        return Integer.highestOneBit(least - 1) << 1;
    }

    /**
     * The hash by which a key is known here. The clients of RocketMQ count in the last letters of a key: up to {@value #BESIDE} keys
     * that differ in the last one alone get slots beside each other, so that not each of a producer's keys costs a miss of the
     * cache. Other keys are spread as by {@link KeyHash}.
     *
     * @param topicHash of {@link KeyHash#topic}
     * @param b holds the key
     * @param at where it begins
     * @param length its bytes, at least 1
     * @return the hash
     */
    public static long hash(long topicHash, byte[] b, int at, int length) {
        int last = b[at + length - 1] & 0xFF;
        int digit = (last & 0xF) + (last >>> 6) * 9; // its value if it is hexadecimal
        long mixed = KeyHash.of(topicHash + digit / BESIDE, b, at, length - 1);
        mixed = (mixed & (-1L << (TIME_BITS + BESIDE_BITS))) | ((long) (digit % BESIDE) << TIME_BITS);
        return mixed ^ ((long) last << LAST_AT);
    }

    /** The topic's window. */
    public long windowMillis() {
        return windowMillis;
    }

    /** Changes the window. Keys that were forgotten already do not come back. */
    public void windowMillis(long millis) {
        windowMillis = millis;
    }

    long bytes() {
        return bytes.get();
    }

    private Stripe stripe(long hash) {
        return stripes[(int) (hash >>> stripeShift)];
    }

    private static int tick(long millis) {
        return 1 + Math.floorMod(millis / TICK_MILLIS, TICKS);
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
        if (nowMillis - usedMillis >= TICK_MILLIS) {
            usedMillis = nowMillis;
        }
        long known = stripe(hash).claim(hash, nowMillis, stale);
        memory.shareIfLacking(this, nowMillis);
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
        run(stripe(hash).settle(hash, logOffset, nowMillis));
    }

    /**
     * Gives the key back: its send was not stored. Wakes those that wait for it.
     *
     * @param hash of the key
     */
    public void release(long hash) {
        run(stripe(hash).release(hash));
    }

    /**
     * Waits for a send that is under way.
     *
     * @param hash of its key
     * @param then run once it is settled or released, on that thread
     * @return false if it is no longer under way: then it is not run
     */
    public boolean await(long hash, Runnable then) {
        return stripe(hash).await(hash, then);
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

    /** Forgets all keys if the window of each is over. */
    void forgetIfIdle(long nowMillis) {
        if (bytes.get() > 0 && nowMillis - usedMillis >= windowMillis + 2 * TICK_MILLIS) {
            for (Stripe each : stripes) {
                each.forgetIfIdle(nowMillis);
            }
        }
    }

    /** Forgets the older half of one stripe, for another table; of another one each time. */
    void shrink(long nowMillis) {
        stripes[shrunk.getAndIncrement() & (stripes.length - 1)].shrink(nowMillis);
    }

    /** Forgets all keys and gives the memory back; from now on each key is new. Wakes all that wait. */
    public void close() {
        memory.closed(this);
        for (Stripe each : stripes) {
            run(each.close());
        }
    }

    /** Guarded by itself. */
    private final class Stripe {
        private long[] slots = NONE;
        private int count;

        /** How many keys are under way. */
        private int underWay;

        private Map<Long, List<Runnable>> waiting = Map.of();
        private long lastMillis;
        private long forgottenMillis = Long.MIN_VALUE;
        private boolean closed;

        /** Where the key is, or, as the complement, where it would be. */
        private int find(long hash) {
            long[] all = slots;
            int mask = all.length / 2 - 1;
            for (int slot = (int) (hash >>> TIME_BITS) & mask; ; slot = (slot + 1) & mask) {
                long found = all[2 * slot];
                if (found == 0) {
                    return ~slot;
                }
                if (((found ^ hash) & HASH_MASK) == 0) {
                    return slot;
                }
            }
        }

        private int known(long hash) {
            return slots.length == 0 ? -1 : find(hash);
        }

        private void set(int slot, long hash, long place, long now) {
            underWay += (place == UNDER_WAY ? 1 : 0) - (slots[2 * slot + 1] == UNDER_WAY ? 1 : 0);
            slots[2 * slot] = (hash & HASH_MASK) | tick(now);
            slots[2 * slot + 1] = place;
            lastMillis = Math.max(lastMillis, now);
        }

        /** Adds a key where {@link #known} has not found it. */
        private void add(int missing, long hash, long place, long now) {
            int slot = ~missing;
            if (count >= slots.length / 8 * 3) {
                makeRoom(now);
                slot = ~find(hash);
            }
            set(slot, hash, place, now);
            count++;
        }

        synchronized long claim(long hash, long now, long stale) {
            if (closed) {
                return CLAIMED;
            }
            int slot = known(hash);
            if (slot < 0) {
                add(slot, hash, UNDER_WAY, now);
                return CLAIMED;
            }
            long place = slots[2 * slot + 1];
            if (place != REFUSED && place != stale) {
                return place;
            }
            set(slot, hash, UNDER_WAY, now);
            return CLAIMED;
        }

        synchronized List<Runnable> settle(long hash, long place, long now) {
            if (!closed) {
                int slot = known(hash);
                if (slot >= 0) {
                    set(slot, hash, place, now);
                } else {
                    add(slot, hash, place, now);
                }
            }
            return wake(hash);
        }

        synchronized List<Runnable> release(long hash) {
            int slot = known(hash);
            if (slot >= 0) {
                set(slot, hash, REFUSED, lastMillis);
            }
            return wake(hash);
        }

        synchronized boolean await(long hash, Runnable then) {
            int slot = known(hash);
            if (slot < 0 || slots[2 * slot + 1] != UNDER_WAY) {
                return false;
            }
            if (waiting.isEmpty()) {
                waiting = new HashMap<>();
            }
            waiting.computeIfAbsent(hash, of -> new ArrayList<>()).add(then);
            return true;
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
            forgetAll();
            List<Runnable> woken = new ArrayList<>();
            waiting.values().forEach(woken::addAll);
            waiting = Map.of();
            return woken;
        }

        synchronized void forgetIfIdle(long now) {
            if (underWay == 0 && now - lastMillis >= windowMillis) {
                forgottenMillis = Math.max(forgottenMillis, lastMillis);
                forgetAll();
            }
        }

        private void forgetAll() {
            account(-slots.length / 2);
            slots = NONE;
            count = 0;
            underWay = 0;
        }

        private void account(int slotCount) {
            memory.force((long) slotCount * SLOT_BYTES);
            bytes.addAndGet((long) slotCount * SLOT_BYTES);
        }

        synchronized void shrink(long now) {
            if (slots.length > 2 * MIN_SLOTS) {
                copy(slots.length / 4, olderHalf(now), now);
            }
        }

        /** Copies without what is over; into twice the room if that was little, and there is memory. */
        private void makeRoom(long now) {
            int slotCount = slots.length / 2;
            int window = (int) Math.min(TICKS - 1, windowMillis / TICK_MILLIS + 2);
            int young = young(window, now);
            int wanted = Math.clamp(powerOfTwo(2 * (young + 1)), MIN_SLOTS, MAX_SLOTS);
            if (slotCount > 0 && wanted > slotCount && !memory.has((long) (wanted - slotCount) * SLOT_BYTES)) {
                wanted = slotCount;
            }
            copy(wanted, young <= wanted / 8 * 5 ? window : Math.min(window, olderHalf(now)), now);
        }

        /** In ticks. One that seems to come from the next hour is new: threads read the clock before they have the lock. */
        private int age(int slot, int nowTick) {
            int age = Math.floorMod(nowTick - (int) (slots[2 * slot] & ~HASH_MASK), TICKS);
            return age > TICKS - HOUR_TICKS ? 0 : age;
        }

        /** How many keys are younger than so many ticks, or under way. */
        private int young(int ticks, long now) {
            int nowTick = tick(now);
            int found = 0;
            for (int slot = 0; slot < slots.length / 2; slot++) {
                if (slots[2 * slot] != 0 && (slots[2 * slot + 1] == UNDER_WAY || age(slot, nowTick) < ticks)) {
                    found++;
                }
            }
            return found;
        }

        /** The least age, in ticks, of the older half of the keys. */
        private int olderHalf(long now) {
            int nowTick = tick(now);
            int oldest = 0;
            for (int slot = 0; slot < slots.length / 2; slot++) {
                oldest = slots[2 * slot] == 0 ? oldest : Math.max(oldest, age(slot, nowTick));
            }
            int[] counts = new int[AGES];
            int width = oldest / AGES + 1;
            for (int slot = 0; slot < slots.length / 2; slot++) {
                if (slots[2 * slot] != 0) {
                    counts[age(slot, nowTick) / width]++;
                }
            }
            int part = AGES - 1;
            for (int older = counts[part]; older < (count + 1) / 2 && part > 0; older += counts[part]) {
                part--;
            }
            return part * width;
        }

        /** Copies the keys that are younger than so many ticks, or under way. */
        private void copy(int slotCount, int ticks, long now) {
            long[] before = slots;
            int nowTick = tick(now);
            int least = powerOfTwo(Math.max(MIN_SLOTS, 4 * underWay));
            int room = Math.max(slotCount, least);
            account(room - before.length / 2);
            int[] kept = new int[count];
            int found = 0;
            for (int slot = 0; slot < before.length / 2; slot++) {
                if (before[2 * slot] != 0 && (before[2 * slot + 1] == UNDER_WAY || age(slot, nowTick) < ticks)) {
                    kept[found++] = slot;
                }
            }
            if (found < count) {
                forgottenMillis = Math.max(forgottenMillis, now - ticks * TICK_MILLIS + TICK_MILLIS);
            }
            slots = new long[2 * room];
            for (int i = 0; i < found; i++) {
                int to = ~find(before[2 * kept[i]]);
                slots[2 * to] = before[2 * kept[i]];
                slots[2 * to + 1] = before[2 * kept[i] + 1];
            }
            count = found;
        }
    }
}
