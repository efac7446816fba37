package org.merlinmq.storage.queue;

import org.jspecify.annotations.Nullable;

/** A pull that waits for the next entry of a queue. */
@FunctionalInterface
public interface QueueWaiter {
    /**
     * The tags codes of the entries that it waits for, each once. An entry finds the waiter by its code then, and those
     * with other codes do not meet it.
     *
     * @return the codes, not to be changed; null to be asked about each entry
     */
    default long @Nullable [] tagsCodes() {
        return null;
    }

    /**
     * Whether an entry is one to be woken for, if {@link #tagsCodes} does not say it.
     *
     * <p>Threading: on the thread that appends, under the append lock and the monitor of the queue's waiters: must be short
     * and take no lock.
     *
     * @param tagsCode tags code of the entry
     * @return false to go on waiting
     */
    default boolean wants(long tagsCode) {
        return true;
    }

    /**
     * Whether an entry that {@link #wants} let pass is one to be woken for, as far as its record tells. If not, the waiter
     * goes on waiting for those behind it, and no other thread is woken.
     *
     * <p>Threading: on the thread that appended, outside all locks of the store; must not block.
     *
     * @param queue the queue waited on
     * @param queueOffset the entry's number
     * @return false to go on waiting
     */
    default boolean takes(Queue queue, long queueOffset) {
        return true;
    }

    /**
     * The waiter goes on waiting, after {@link #takes} was false. Whoever wanted to cancel it in the meantime could not, and has
     * to do so again.
     *
     * <p>Threading: as {@link #takes}; another append may have called {@link #arrived} already.
     */
    default void waitsOn() {}

    /**
     * An entry came that the waiter wants, and none of those between the awaited one and this is. Called once per
     * registration, unless cancelled.
     *
     * <p>Threading: on the thread that appended, outside all locks of the store; must not block.
     *
     * @param queue the queue waited on
     * @param tagsCode tags code of the entry
     * @param queueOffset the entry's number; more may have followed
     */
    void arrived(Queue queue, long tagsCode, long queueOffset);
}
