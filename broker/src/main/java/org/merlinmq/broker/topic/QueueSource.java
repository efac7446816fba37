package org.merlinmq.broker.topic;

import org.jspecify.annotations.Nullable;
import org.merlinmq.storage.queue.Queue;

/**
 * Where a topic's queues come from, and where they end.
 *
 * <p>Threading: any thread; two calls with the same arguments return the same queue.
 */
public interface QueueSource {
    /**
     * Finds a queue, or makes it.
     *
     * @param topic the topic
     * @param queueId the queue's number in it
     * @return the queue
     */
    Queue queue(String topic, int queueId);

    /**
     * Finds a queue.
     *
     * @param topic the topic
     * @param queueId the queue's number in it
     * @return null if nothing was ever stored in it
     */
    @Nullable Queue find(String topic, int queueId);

    /**
     * Deletes all queues of a topic that is deleted, and what else the store knows of it. Unknown is no error.
     *
     * @param topic the topic
     * @throws org.merlinmq.storage.disk.DiskException if the disk does not take it: to be tried again
     */
    void delete(String topic);
}
