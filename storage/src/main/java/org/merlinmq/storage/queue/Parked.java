package org.merlinmq.storage.queue;

import org.jspecify.annotations.Nullable;

/**
 * One waiter parked on a queue; once taken by an append, a link in the chain of all that this append wakes.
 *
 * <p>Threading: guarded by its queue while parked; owned by the appending thread once taken.
 */
public final class Parked {

    final Queue queue;
    final QueueWaiter waiter;

    @Nullable Parked next;

    /** The one in front of it; only while it is parked. */
    @Nullable Parked before;

    /** Whether it stands in its queue's list. */
    boolean waits = true;

    private long tagsCode;
    private long queueOffset;

    Parked(Queue queue, QueueWaiter waiter) {
        this.queue = queue;
        this.waiter = waiter;
    }

    void woken(long tagsCode, long queueOffset) {
        this.tagsCode = tagsCode;
        this.queueOffset = queueOffset;
    }

    /**
     * Tells each waiter of a chain. To be called after the append lock was released.
     *
     * @param chain what {@link Queue#takeWaiters} built; null for nobody
     */
    public static void wake(@Nullable Parked chain) {
        for (Parked p = chain; p != null; p = p.next) {
            p.waiter.arrived(p.queue, p.tagsCode, p.queueOffset);
        }
    }
}
