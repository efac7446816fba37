package org.merlinmq.storage.queue;

/** A pull that waits for the next entry of a queue. */
@FunctionalInterface
public interface QueueWaiter {
    /**
     * Whether an entry is one to be woken for. Asked about each entry that is published while it waits, in their order; an
     * entry below the awaited offset may be among them.
     *
     * <p>Threading: on the thread that appends, under the append lock and the queue's monitor: must be short and take no
     * lock.
     *
     * @param tagsCode tags code of the entry
     * @param queueOffset the entry's number
     * @return false to go on waiting
     */
    default boolean wants(long tagsCode, long queueOffset) {
        return true;
    }

    /**
     * An entry came that the waiter wants. Called once per registration, unless cancelled.
     *
     * <p>Threading: on the thread that appended, outside all locks of the store; must not block.
     *
     * @param queue the queue waited on
     * @param tagsCode tags code of the entry
     * @param queueOffset the entry's number; more may have followed
     */
    void arrived(Queue queue, long tagsCode, long queueOffset);
}
