package org.merlinmq.broker.pull;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.HeaderForm;
import org.merlinmq.storage.queue.Parked;
import org.merlinmq.storage.queue.Queue;
import org.merlinmq.storage.queue.QueueWaiter;
import org.merlinmq.transport.Connection;

/**
 * A pull that found nothing and waits for the next message of its queue, or for its time to be up.
 *
 * <p>Threading: owned by its connection's loop; {@link #arrived} on any thread.
 */
final class ParkedPull implements QueueWaiter {
    final PullHandler handler;
    final Connection connection;
    final HeaderForm form;
    final int requestId;
    final PullTarget target;

    /** The offset asked for. */
    final long askedOffset;

    /** What lies below was looked at, and the filter took none of it. */
    long queueOffset;

    /** When to answer that nothing came, by the loop's clock. */
    final long deadlineMillis;

    /** Neighbours among the parked pulls of one slot of time. */
    @Nullable ParkedPull before;

    @Nullable ParkedPull after;

    boolean parked;

    /** Its place among those who wait on the queue; null while it waits for its time only. */
    @Nullable Parked place;

    ParkedPull(
            PullHandler handler,
            Connection connection,
            HeaderForm form,
            int requestId,
            PullTarget target,
            long askedOffset,
            long deadlineMillis) {
        this.handler = handler;
        this.connection = connection;
        this.form = form;
        this.requestId = requestId;
        this.target = target;
        this.askedOffset = askedOffset;
        this.queueOffset = askedOffset;
        this.deadlineMillis = deadlineMillis;
    }

    @Override
    public void arrived(Queue arrivedAt, long tagsCode, long arrivedOffset) {
        if (connection.loop().inLoop()) {
            handler.wake(this);
        } else {
            connection.loop().execute(() -> handler.wake(this));
        }
    }
}
