package org.merlinmq.storage.queue;

import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;
import org.merlinmq.storage.index.Wakeup;

/**
 * Those who wait for the next entry of one queue. An entry finds whom it wakes by its tags code, so that it costs the same
 * however many wait for other tags.
 *
 * <pre>
 *   slots by the hash of a tags code:  [0] ◄── a ◄── d      one link for each code that a waiter takes
 *                                      [1]
 *                                      [2] ◄── b            in each list the last one has waited shortest
 *   asked about each entry:            c ◄── e              any code, or too many of them
 * </pre>
 *
 * <p>Threading: {@link #take} and {@link #published} under the log's append lock, or {@link #take} by {@link #offerReadable}
 * where what may be read is bounded; all else on any thread. The lists are guarded by this object.
 */
final class QueueWaiters {
    /** A waiter for more tags than this is asked about each entry: parking has to cost about the same for all. */
    static final int MAX_LINKS = 16;

    private static final int FIRST_SLOTS = 8;

    /** A table that has grown beyond this is let go when nobody waits. */
    private static final int KEPT_SLOTS = 64;

    private static final @Nullable Parked[] NO_SLOTS = {};

    private final Queue queue;

    /** How many wait; for appends, which look without the monitor. */
    private volatile int waiting;

    private @Nullable Parked[] slots = NO_SLOTS;
    private int links;
    private @Nullable Parked asked;
    private long turns;

    /** All entries of this stretch were offered to those who waited; none are while nobody waits. */
    private long offeredFrom;

    private long offeredTo;

    // Guarded by the readable end: whether it looks at this queue, from which entry on, and the log offset where that
    // begins.
    boolean isWatched;
    long watchedFrom;
    long watchedAt;

    /** Of the thread that advances the readable end. */
    long reachedFrom;

    QueueWaiters(Queue queue) {
        this.queue = queue;
    }

    /** As {@link Queue#await}. */
    @Nullable Parked await(QueueWaiter waiter, long queueOffset) {
        Parked parked = park(waiter, queueOffset);
        // Either the publisher sees the waiter, or we see what it published: both sides fence between write and read.
        VarHandle.fullFence();
        return mayBeRead(queueOffset) && cancel(parked) ? null : parked;
    }

    /** Whether an entry is there and may be read. One that may not yet is watched from now on. */
    private boolean mayBeRead(long queueOffset) {
        ReadableEnd end = queue.readableEnd();
        while (true) {
            long seen = end.logOffset();
            if (queue.readableOffset(seen) > queueOffset) {
                return true;
            }
            if (!end.isBounded() || queue.maxOffset() <= queueOffset || end.watch(this, queueOffset, 0, seen)) {
                return false;
            }
        }
    }

    /**
     * Entries came, from one on that begins at a log offset, in a store in which they may be read later. Takes who waits for
     * what may be read since.
     *
     * @param chain waiters taken before
     * @return the chain with those in front
     */
    @Nullable Wakeup published(long queueOffset, long logOffset, @Nullable Wakeup chain) {
        ReadableEnd end = queue.readableEnd();
        Wakeup woken = chain;
        long seen = end.logOffset();
        while (true) {
            if (logOffset < seen) {
                // Confirmed before we came here.
                woken = takeBelow(queue.readableOffset(seen), woken);
            }
            if (end.watch(this, queueOffset, logOffset, seen)) {
                return woken;
            }
            seen = end.logOffset();
        }
    }

    /**
     * Offers the entries from {@link #reachedFrom} on that may be read now to those who wait, in their order. On the thread that
     * advances the readable end.
     */
    @Nullable Wakeup offerReadable(EntrySlice room, @Nullable Wakeup chain) {
        ReadableEnd end = queue.readableEnd();
        long seen = end.logOffset();
        long to = queue.readableOffset(seen);
        Wakeup woken = chain;
        if (to - reachedFrom > ReadableEnd.MAX_OFFERED) {
            woken = takeBelow(to, woken);
        } else {
            for (long at = reachedFrom; at < to && any(); ) {
                int count = queue.read(at, (int) Math.min(room.capacity(), to - at), room);
                for (int i = 0; i < count; i++) {
                    woken = take(room.tagsCode[i], at + i, woken);
                }
                if (count == 0) {
                    // Deleted, or damaged: who waits sees for himself.
                    woken = takeBelow(to, woken);
                    break;
                }
                at += count;
            }
        }
        if (any() && queue.maxOffset() > to) {
            long next = Math.max(reachedFrom, to);
            // Nobody else advances the end.
            boolean watched = end.watch(this, next, Math.max(0, queue.logOffsetAt(next)), seen);
            assert watched;
        }
        return woken;
    }

    /** Takes all who wait for entries below an offset: whatever their tags, they look for themselves. */
    private synchronized @Nullable Wakeup takeBelow(long queueOffset, @Nullable Wakeup chain) {
        Wakeup taken = chain;
        for (Parked last : slots) {
            taken = takeBelow(last, queueOffset, taken);
        }
        return takeBelow(asked, queueOffset, taken);
    }

    private @Nullable Wakeup takeBelow(@Nullable Parked last, long queueOffset, @Nullable Wakeup chain) {
        Wakeup taken = chain;
        for (Parked each = last; each != null; ) {
            Parked before = each.before;
            if (each.awaits() < queueOffset) {
                while (before != null && before.turn == each.turn) {
                    before = before.before;
                }
                unpark(each);
                each.takenAsIs(taken);
                taken = each;
            }
            each = before;
        }
        return taken;
    }

    // Written with the monitor held: the field is volatile for those who look at it without.
    @SuppressWarnings("NonAtomicVolatileUpdate")
    synchronized Parked park(QueueWaiter waiter, long queueOffset) {
        long turn = turns++;
        long[] codes = waiter.tagsCodes();
        waiting++;
        if (codes == null || codes.length == 0 || codes.length > MAX_LINKS) {
            Parked only = new Parked(queue, waiter, queueOffset, 0, turn, offeredTo);
            only.isAsked = true;
            only.isAlone = true;
            asked = append(only, asked);
            return only;
        }
        if (links + codes.length > slots.length) {
            grow(links + codes.length);
        }
        links += codes.length;
        Parked first = new Parked(queue, waiter, queueOffset, codes[0], turn, offeredTo);
        first.isAlone = codes.length == 1;
        link(first);
        Parked last = first;
        for (int i = 1; i < codes.length; i++) {
            Parked sibling = new Parked(queue, waiter, queueOffset, codes[i], turn, offeredTo);
            link(sibling);
            last.sibling = sibling;
            last = sibling;
            last.sibling = first;
        }
        return first;
    }

    /** As {@link Queue#awaitAgain}; for one that stands alone for its waiter. */
    boolean awaitAgain(Parked parked, long queueOffset) {
        parkAgain(parked, queueOffset);
        VarHandle.fullFence();
        return !(mayBeRead(queueOffset) && cancel(parked));
    }

    @SuppressWarnings("NonAtomicVolatileUpdate")
    private synchronized void parkAgain(Parked parked, long queueOffset) {
        parked.again(queueOffset, turns++, offeredTo);
        waiting++;
        if (parked.isAsked) {
            asked = append(parked, asked);
        } else {
            if (links + 1 > slots.length) {
                grow(links + 1);
            }
            links++;
            link(parked);
        }
    }

    /** As {@link Queue#cancel}. */
    synchronized boolean cancel(Parked parked) {
        if (!parked.waits) {
            return false;
        }
        unpark(parked);
        parked.passed(offeredFrom, offeredTo);
        return true;
    }

    /** As {@link Queue#hasWaiters}. */
    boolean any() {
        return waiting > 0;
    }

    /** As {@link Queue#takeWaiters}. */
    @Nullable Wakeup take(long tagsCode, long queueOffset, @Nullable Wakeup chain) {
        return waiting == 0 ? chain : takeParked(tagsCode, queueOffset, chain);
    }

    private synchronized @Nullable Wakeup takeParked(long tagsCode, long queueOffset, @Nullable Wakeup chain) {
        if (queueOffset != offeredTo) {
            offeredFrom = queueOffset;
        }
        offeredTo = queueOffset + 1;
        Wakeup taken = chain;
        Parked byTag = links == 0 ? null : slots[slot(tagsCode)];
        Parked any = asked;
        // From the last on in both lists, so that the one who has waited longest is woken first.
        for (Parked each = later(byTag, any); each != null; each = later(byTag, any)) {
            Parked before = each.before;
            if (each.wants(tagsCode, queueOffset)) {
                // Another link of the same waiter may stand in the same slot, then right before this one.
                while (before != null && before.turn == each.turn) {
                    before = before.before;
                }
                unpark(each);
                each.taken(tagsCode, queueOffset, offeredFrom, taken);
                taken = each;
            }
            if (each.isAsked) {
                any = before;
            } else {
                byTag = before;
            }
        }
        return taken;
    }

    private static @Nullable Parked later(@Nullable Parked a, @Nullable Parked b) {
        if (a == null || b == null) {
            return a == null ? b : a;
        }
        return a.turn > b.turn ? a : b;
    }

    // ---- the lists

    private void link(Parked parked) {
        int slot = slot(parked.code);
        slots[slot] = append(parked, slots[slot]);
    }

    private static Parked append(Parked parked, @Nullable Parked last) {
        parked.before = last;
        if (last != null) {
            last.behind = parked;
        }
        return parked;
    }

    /** Takes a waiter out of all lists in which it has a link. */
    @SuppressWarnings("NonAtomicVolatileUpdate")
    private void unpark(Parked parked) {
        waiting--;
        Parked each = parked;
        do {
            unlink(each);
            Parked next = each.sibling;
            each.sibling = null;
            each = next;
        } while (each != null && each != parked);
        if (links == 0 && slots.length > KEPT_SLOTS) {
            slots = NO_SLOTS;
        }
    }

    private void unlink(Parked parked) {
        parked.waits = false;
        Parked before = parked.before;
        Parked behind = parked.behind;
        if (behind != null) {
            behind.before = before;
        } else if (parked.isAsked) {
            asked = before;
        } else {
            slots[slot(parked.code)] = before;
        }
        if (before != null) {
            before.behind = behind;
        }
        if (!parked.isAsked) {
            links--;
        }
        parked.before = null;
        parked.behind = null;
    }

    private int slot(long code) {
        // Fibonacci hashing: the upper bits of the product are the mixed ones.
        return (int) ((code * 0x9E3779B97F4A7C15L) >>> 33) & (slots.length - 1);
    }

    private void grow(int least) {
        @Nullable Parked[] former = slots;
        int size = Math.max(FIRST_SLOTS, former.length);
        while (size < least) {
            size *= 2;
        }
        slots = new @Nullable Parked[size];
        for (Parked last : former) {
            Parked each = last;
            while (each != null && each.before != null) {
                each = each.before;
            }
            // From the first on, so that each list keeps its order.
            while (each != null) {
                Parked behind = each.behind;
                each.behind = null;
                link(each);
                each = behind;
            }
        }
    }
}
