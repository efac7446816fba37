package org.merlinmq.storage.queue;

import org.jspecify.annotations.Nullable;
import org.merlinmq.storage.index.Wakeup;

/**
 * One waiter parked on a queue; once taken by an append, a link in the chain of all that this append wakes.
 *
 * <p>Threading: guarded by its queue while parked; owned by the appending thread once taken.
 */
public final class Parked extends Wakeup {

    final Queue queue;
    final QueueWaiter waiter;

    /** The one behind it; only while it is parked. */
    @Nullable Parked behind;

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

    /** Makes it a link of the chain of those whom an append wakes. */
    void taken(long tagsCode, long queueOffset, @Nullable Wakeup chain) {
        this.tagsCode = tagsCode;
        this.queueOffset = queueOffset;
        next = chain;
    }

    @Override
    protected void wake() {
        waiter.arrived(queue, tagsCode, queueOffset);
    }
}
