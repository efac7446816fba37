package org.merlinmq.storage.queue;

/** A pull that waits for the next entry of a queue. */
@FunctionalInterface
public interface QueueWaiter {

    /**
     * Says that the queue has entries from the awaited offset on. Called once per registration, unless cancelled.
     *
     * <p>Threading: on the thread that appended, outside all locks of the store; must not block.
     *
     * @param queue the queue waited on
     * @param tagsCode tags code of the first entry that came
     * @param queueOffset the first entry that came; more may have followed, so read on from here
     */
    void arrived(Queue queue, long tagsCode, long queueOffset);
}
