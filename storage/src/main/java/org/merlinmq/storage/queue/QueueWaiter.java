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
