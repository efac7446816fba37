package org.merlinmq.broker.pull;

import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.filter.RecordFilter;
import org.merlinmq.storage.queue.Parked;
import org.merlinmq.storage.queue.Queue;
import org.merlinmq.storage.queue.QueueWaiter;

/**
 * A pull that found nothing and waits for a message that its filter takes, or for its time to be up.
 *
 * <p>Threading: owned by its core's loop, but that the append which takes it from its queue sets {@link #queueOffset} before it
 * hands it to the loop.
 *
 * @param <C> the shell's kind of client
 */
final class ParkedPull<C> implements QueueWaiter, Runnable {
    final PullCore<C> core;
    final C client;
    final long token;
    final PullTarget target;

    /** The offset asked for. */
    final long askedOffset;

    /** What lies below was looked at, and the filter took none of it. */
    long queueOffset;

    /** When to answer that nothing came, by the loop's clock. */
    final long deadlineMillis;

    /** When to look at it again: at the deadline, or sooner while it waits for an index to be made anew. */
    long lookMillis;

    /** Neighbours among the parked pulls of one slot of time. */
    @Nullable ParkedPull<C> before;

    @Nullable ParkedPull<C> after;

    boolean parked;

    /** Its place among those who wait on the queue; null while it waits for an index to be made anew. */
    @Nullable Parked place;

    ParkedPull(PullCore<C> core, C client, long token, PullTarget target, long askedOffset, long deadlineMillis) {
        this.core = core;
        this.client = client;
        this.token = token;
        this.target = target;
        this.askedOffset = askedOffset;
        this.queueOffset = askedOffset;
        this.deadlineMillis = deadlineMillis;
        this.lookMillis = deadlineMillis;
    }

    @Override
    public long @Nullable [] tagsCodes() {
        return target.filter().tagsCodes();
    }

    @Override
    public boolean wants(long tagsCode) {
        return target.filter().mayMatch(tagsCode);
    }

    @Override
    public boolean takes(Queue arrivedAt, long arrivedOffset) {
        return !(target.filter() instanceof RecordFilter filter)
                || core.arrived().takes(filter, arrivedAt, arrivedOffset);
    }

    @Override
    public void waitsOn() {
        if (core.isDue(this)) {
            core.loop().execute(() -> core.lookAgain(this));
        }
    }

    @Override
    public void arrived(Queue arrivedAt, long tagsCode, long arrivedOffset) {
        queueOffset = arrivedOffset;
        core.loop().runOrExecute(this);
    }

    /** On the loop, when a message has arrived. */
    @Override
    public void run() {
        core.wake(this);
    }
}
