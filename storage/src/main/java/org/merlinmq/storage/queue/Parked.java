package org.merlinmq.storage.queue;

import org.jspecify.annotations.Nullable;
import org.merlinmq.storage.index.Wakeup;

/**
 * One waiter parked on a queue; once taken by an append, a link in the chain of all that this append wakes. If the entry turns
 * out to be none for it, it is parked again behind that.
 *
 * <p>Threading: guarded by its queue's {@link QueueWaiters} while parked; owned by the appending thread once taken, and by
 * whoever cancelled it otherwise.
 */
public final class Parked extends Wakeup {
    long turn;

    /** The tags code that it is found by, unless it is asked about each entry. */
    final long code;

    /** The one behind it in its list; only while it is parked. */
    @Nullable Parked behind;

    /** The one in front of it; only while it is parked. */
    @Nullable Parked before;

    /** The ring of all that stand for the same waiter, each for a code of its own; null if there is but this one. */
    @Nullable Parked sibling;

    boolean isAsked;

    /** Whether it alone stands for its waiter. */
    boolean isAlone;

    /** Whether it stands in a list. */
    boolean waits = true;

    private final Queue queue;
    private final QueueWaiter waiter;
    private long awaited;
    private long tagsCode;
    private long queueOffset;
    private long passedTo;

    /** Behind the last entry that was offered when it began to wait: those before were not offered to it. */
    private long offeredBefore;

    Parked(Queue queue, QueueWaiter waiter, long awaited, long code, long turn, long offeredBefore) {
        this.queue = queue;
        this.waiter = waiter;
        this.awaited = awaited;
        this.code = code;
        this.turn = turn;
        this.passedTo = awaited;
        this.offeredBefore = offeredBefore;
    }

    /** Whether an entry is one to wake the waiter for. Entries below the awaited one may come while it begins to wait. */
    boolean wants(long entryTagsCode, long entryOffset) {
        return entryOffset >= awaited && (isAsked ? waiter.wants(entryTagsCode) : code == entryTagsCode);
    }

    /** It waits again, for the entries from an offset on. */
    void again(long queueOffsetAwaited, long newTurn, long offeredSoFar) {
        waits = true;
        awaited = queueOffsetAwaited;
        passedTo = queueOffsetAwaited;
        turn = newTurn;
        offeredBefore = offeredSoFar;
    }

    /**
     * Makes it a link of the chain of those whom an append wakes. If entries from the awaited one on came just when it began to
     * wait, it is woken for the first of them: whether it wants that one it has not been asked.
     *
     * @param offeredFrom from here up to the entry all were offered to those who waited
     */
    void taken(long entryTagsCode, long entryOffset, long offeredFrom, @Nullable Wakeup chain) {
        tagsCode = entryTagsCode;
        queueOffset = hasSeenAll(offeredFrom) ? entryOffset : awaited;
        next = chain;
    }

    /** Makes it a link of the chain as one that sees for itself what there is from the awaited entry on. */
    void takenAsIs(@Nullable Wakeup chain) {
        tagsCode = code;
        queueOffset = awaited;
        next = chain;
    }

    /** The entry that it waits for, or a later one that it wants. */
    long awaits() {
        return awaited;
    }

    /** It is cancelled; entries of a stretch were offered to those who waited. */
    void passed(long offeredFrom, long offeredTo) {
        passedTo = hasSeenAll(offeredFrom) ? Math.max(awaited, offeredTo) : awaited;
    }

    private boolean hasSeenAll(long offeredFrom) {
        return offeredBefore <= awaited && offeredFrom <= awaited;
    }

    /**
     * Where a waiter that was cancelled goes on: it takes none of the entries from the awaited one up to here.
     *
     * @return a queue offset
     */
    public long passedTo() {
        return passedTo;
    }

    @Override
    protected void wake() {
        // Once it waits again, the next append writes to its fields.
        long code = tagsCode;
        long arrived = queueOffset;
        if (isAlone && !waiter.takes(queue, arrived) && queue.awaitAgain(this, arrived + 1)) {
            waiter.waitsOn();
        } else {
            waiter.arrived(queue, code, arrived);
        }
    }
}
