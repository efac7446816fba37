package org.merlinmq.broker.dedup;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * Some of the keys of a {@link DedupTable}: an open-addressed array.
 *
 * <pre>
 *  a slot   44 bits of the hash | 20 bits: when, in tenths of a second, around again after 29 hours
 *           64 bits: the log offset, or what stands in its place
 * </pre>
 *
 * <p>Threading: any thread. All is guarded by a lock that spins, held for as long as a slot is looked for, or the array is copied. Each
 * send takes it twice: a monitor costs two exchanges with the other cores where this costs one, and more for minutes after two
 * loops have met at it.
 *
 * <p>Units: times in milliseconds since 1970; 16 bytes a slot, of which at most three quarters are used.
 */
final class DedupStripe {
    static final int MIN_SLOTS = 16;

    /** Copied under the lock: so much takes a fraction of a millisecond. */
    static final int MAX_SLOTS = 1 << 14;

    static final int SLOT_BYTES = 16;

    /** So many slots lie beside each other for keys that were counted up. */
    static final int BESIDE = 64;

    /** A hash has the slot above these, the lowest bits, and the stripe in its highest. */
    static final int TIME_BITS = 20;

    static final long TICK_MILLIS = 100;

    /** In place of a log offset: the send was refused, and its key is as good as new. */
    private static final long REFUSED = -3;

    private static final long HASH_MASK = -1L << TIME_BITS;

    /** Times are from 1 to this: a slot of 0 is free. */
    private static final int TICKS = (1 << TIME_BITS) - 1;

    private static final int HOUR_TICKS = 36_000;
    private static final int AGES = 64;

    /** Who finds the lock taken looks so often again at once, and then rests between. */
    private static final int SPINS = 200;

    private static final long REST_NANOS = 50_000;
    private static final VarHandle LOCKED;

    static {
        try {
            LOCKED = MethodHandles.lookup().findVarHandle(DedupStripe.class, "locked", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static final long[] NONE = {};

    private final DedupTable table;
    private final DedupMemory memory;

    /** Changed through {@link #LOCKED}. */
    private volatile boolean locked;

    private long[] slots = NONE;
    private int count;

    /** How many keys are under way. */
    private int underWay;

    private Map<Long, List<Runnable>> waiting = Map.of();
    private long lastMillis;
    private long forgottenMillis = Long.MIN_VALUE;
    private boolean closed;

    /** Without keys. */
    DedupStripe(DedupTable table, DedupMemory memory) {
        this.table = table;
        this.memory = memory;
    }

    private static int tick(long millis) {
        return 1 + Math.floorMod(millis / TICK_MILLIS, TICKS);
    }

    private void lock() {
        if (!LOCKED.compareAndSet(this, false, true)) {
            lockLater();
        }
    }

    private void lockLater() {
        for (int tries = 0; locked || !LOCKED.compareAndSet(this, false, true); tries++) {
            if (tries < SPINS) {
                Thread.onSpinWait();
            } else {
                LockSupport.parkNanos(REST_NANOS);
            }
        }
    }

    private void unlock() {
        LOCKED.setRelease(this, false);
    }

    /**
     * Where the key is, or, as the complement, where it would be. Where a slot is taken the one {@value #BESIDE} further follows, since
     * keys that were counted up take all between. Behind the last ones it begins one further, so that each slot comes.
     */
    private int find(long hash) {
        long[] all = slots;
        int mask = all.length / 2 - 1;
        int step = Math.min(BESIDE, all.length / 2);
        for (int slot = (int) (hash >>> TIME_BITS) & mask; ; ) {
            long found = all[2 * slot];
            if (found == 0) {
                return ~slot;
            }
            if (((found ^ hash) & HASH_MASK) == 0) {
                return slot;
            }
            slot += step;
            slot = slot <= mask ? slot : (slot + 1) & (step - 1);
        }
    }

    private int known(long hash) {
        return slots.length == 0 ? -1 : find(hash);
    }

    private void set(int slot, long hash, long place, long now) {
        underWay += (place == DedupTable.UNDER_WAY ? 1 : 0) - (slots[2 * slot + 1] == DedupTable.UNDER_WAY ? 1 : 0);
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

    long claim(long hash, long now, long stale) {
        lock();
        try {
            if (closed) {
                return DedupTable.CLAIMED;
            }
            int slot = known(hash);
            if (slot < 0) {
                add(slot, hash, DedupTable.UNDER_WAY, now);
                return DedupTable.CLAIMED;
            }
            long place = slots[2 * slot + 1];
            if (place != REFUSED && place != stale) {
                return place;
            }
            set(slot, hash, DedupTable.UNDER_WAY, now);
            return DedupTable.CLAIMED;
        } finally {
            unlock();
        }
    }

    List<Runnable> settle(long hash, long place, long now) {
        lock();
        try {
            if (!closed) {
                int slot = known(hash);
                if (slot >= 0) {
                    set(slot, hash, place, now);
                } else {
                    add(slot, hash, place, now);
                }
            }
            return wake(hash);
        } finally {
            unlock();
        }
    }

    List<Runnable> release(long hash) {
        lock();
        try {
            int slot = known(hash);
            if (slot >= 0) {
                set(slot, hash, REFUSED, lastMillis);
            }
            return wake(hash);
        } finally {
            unlock();
        }
    }

    boolean await(long hash, Runnable then) {
        lock();
        try {
            int slot = known(hash);
            if (slot < 0 || slots[2 * slot + 1] != DedupTable.UNDER_WAY) {
                return false;
            }
            if (waiting.isEmpty()) {
                waiting = new HashMap<>();
            }
            waiting.computeIfAbsent(hash, of -> new ArrayList<>()).add(then);
            return true;
        } finally {
            unlock();
        }
    }

    private List<Runnable> wake(long hash) {
        List<Runnable> woken = waiting.isEmpty() ? null : waiting.remove(hash);
        return woken == null ? List.of() : woken;
    }

    long coveredMillis(long now) {
        lock();
        try {
            return forgottenMillis == Long.MIN_VALUE ? Long.MAX_VALUE : Math.max(0, now - forgottenMillis);
        } finally {
            unlock();
        }
    }

    List<Runnable> close() {
        lock();
        try {
            closed = true;
            forgetAll();
            List<Runnable> woken = new ArrayList<>();
            waiting.values().forEach(woken::addAll);
            waiting = Map.of();
            return woken;
        } finally {
            unlock();
        }
    }

    void forgetIfIdle(long now) {
        lock();
        try {
            if (underWay == 0 && now - lastMillis >= table.windowMillis()) {
                forgottenMillis = Math.max(forgottenMillis, lastMillis);
                forgetAll();
            }
        } finally {
            unlock();
        }
    }

    private void forgetAll() {
        account(-slots.length / 2);
        slots = NONE;
        count = 0;
        underWay = 0;
    }

    private void account(int slotCount) {
        table.account((long) slotCount * SLOT_BYTES);
    }

    void shrink(long now) {
        lock();
        try {
            if (slots.length > 2 * MIN_SLOTS) {
                copy(slots.length / 4, olderHalf(now), now);
            }
        } finally {
            unlock();
        }
    }

    /** Copies without what is over; into twice the room if that was little, and there is memory. */
    private void makeRoom(long now) {
        int slotCount = slots.length / 2;
        int window = (int) Math.min(TICKS - 1, table.windowMillis() / TICK_MILLIS + 2);
        int young = young(window, now);
        int wanted = Math.clamp(DedupTable.powerOfTwo(2 * (young + 1)), MIN_SLOTS, MAX_SLOTS);
        if (slotCount > 0 && wanted > slotCount && !memory.has((long) (wanted - slotCount) * SLOT_BYTES)) {
            wanted = slotCount;
        }
        copy(wanted, young <= wanted / 8 * 5 ? window : Math.min(window, olderHalf(now)), now);
    }

    /** In ticks. One that seems to come from the next hour is new: threads read the clock before they have the lock. */
    private static int age(long word, int nowTick) {
        int age = Math.floorMod(nowTick - (int) (word & ~HASH_MASK), TICKS);
        return age > TICKS - HOUR_TICKS ? 0 : age;
    }

    /** How many keys are younger than so many ticks, or under way. */
    private int young(int ticks, long now) {
        int nowTick = tick(now);
        int found = 0;
        for (int slot = 0; slot < slots.length / 2; slot++) {
            if (slots[2 * slot] != 0
                    && (slots[2 * slot + 1] == DedupTable.UNDER_WAY || age(slots[2 * slot], nowTick) < ticks)) {
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
            oldest = slots[2 * slot] == 0 ? oldest : Math.max(oldest, age(slots[2 * slot], nowTick));
        }
        int[] counts = new int[AGES];
        int width = oldest / AGES + 1;
        for (int slot = 0; slot < slots.length / 2; slot++) {
            if (slots[2 * slot] != 0) {
                counts[age(slots[2 * slot], nowTick) / width]++;
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
        int least = DedupTable.powerOfTwo(Math.max(MIN_SLOTS, 4 * underWay));
        int room = Math.max(slotCount, least);
        account(room - before.length / 2);
        slots = new long[2 * room];
        int found = 0;
        for (int slot = 0; slot < before.length / 2; slot++) {
            if (before[2 * slot] != 0
                    && (before[2 * slot + 1] == DedupTable.UNDER_WAY || age(before[2 * slot], nowTick) < ticks)) {
                int to = ~find(before[2 * slot]);
                slots[2 * to] = before[2 * slot];
                slots[2 * to + 1] = before[2 * slot + 1];
                found++;
            }
        }
        if (found < count) {
            forgottenMillis = Math.max(forgottenMillis, now - ticks * TICK_MILLIS + TICK_MILLIS);
        }
        count = found;
    }
}
