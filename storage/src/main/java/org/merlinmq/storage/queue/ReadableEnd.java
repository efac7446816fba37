package org.merlinmq.storage.queue;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.merlinmq.storage.index.Wakeup;

/**
 * Up to where consumers may read the log. A store whose messages count only when other brokers have them shows nothing beyond;
 * any other store has no bound.
 *
 * <p>A pull that waits for an entry which is there, and may not be read yet, is found when the end advances: its queue is watched
 * from the append, or from the parking, on. So an advance looks at the queues that somebody waits on, and at no others.
 *
 * <p>Threading: {@link #logOffset} on any thread; {@link #bound} before others know the store; {@link #advance} on one thread at a
 * time; the list is guarded by this object, whose monitor is a leaf and held for moments.
 */
public final class ReadableEnd {
    /** The end of a store without a bound. */
    public static final long UNBOUNDED = Long.MAX_VALUE;

    /** If more entries of a queue become readable at once, all who wait there are woken, and look for themselves. */
    static final int MAX_OFFERED = 1024;

    private volatile long logOffset = UNBOUNDED;

    /** Queues with entries that somebody waits for and that may not be read yet. */
    private final List<QueueWaiters> watched = new ArrayList<>();

    // Of the thread that advances.
    private final List<QueueWaiters> reached = new ArrayList<>();
    private final EntrySlice entries = new EntrySlice(64);

    ReadableEnd() {}

    /** Records that begin below may be read; {@link #UNBOUNDED} if all may. Grows only. */
    public long logOffset() {
        return logOffset;
    }

    /**
     * Bounds what may be read from now on.
     *
     * @param end records that begin below may be read
     */
    public void bound(long end) {
        if (logOffset != UNBOUNDED) {
            throw new IllegalStateException("what may be read is bounded already, by log offset " + logOffset);
        }
        logOffset = end;
    }

    boolean isBounded() {
        return logOffset != UNBOUNDED;
    }

    /**
     * Lets more be read.
     *
     * @param end records that begin below may be read; a lower one than before changes nothing
     * @return those who waited for them, for {@link Wakeup#wakeAll} with no lock held; null if nobody did
     */
    public @Nullable Wakeup advance(long end) {
        if (end <= logOffset) {
            return null;
        }
        takeReached(end);
        Wakeup woken = null;
        for (QueueWaiters each : reached) {
            woken = each.offerReadable(entries, woken);
        }
        reached.clear();
        return woken;
    }

    private synchronized void takeReached(long end) {
        logOffset = end;
        int left = 0;
        for (QueueWaiters each : watched) {
            if (each.watchedAt < end) {
                each.isWatched = false;
                each.reachedFrom = each.watchedFrom;
                reached.add(each);
            } else {
                watched.set(left++, each);
            }
        }
        watched.subList(left, watched.size()).clear();
    }

    /**
     * Watches a queue until the end has advanced beyond an entry.
     *
     * @param waiters of the queue
     * @param queueOffset the entry
     * @param entryLogOffset where its record begins, or 0 if that is not known: then the next advance looks
     * @param seenEnd where the end was when the entry was found to lie beyond
     * @return false, and nothing has changed, if it has advanced since
     */
    synchronized boolean watch(QueueWaiters waiters, long queueOffset, long entryLogOffset, long seenEnd) {
        if (logOffset != seenEnd) {
            return false;
        }
        if (waiters.isWatched) {
            waiters.watchedFrom = Math.min(waiters.watchedFrom, queueOffset);
            waiters.watchedAt = Math.min(waiters.watchedAt, entryLogOffset);
        } else {
            waiters.isWatched = true;
            waiters.watchedFrom = queueOffset;
            waiters.watchedAt = entryLogOffset;
            watched.add(waiters);
        }
        return true;
    }

    /** How many queues are watched. */
    synchronized int watchedQueues() {
        return watched.size();
    }
}
