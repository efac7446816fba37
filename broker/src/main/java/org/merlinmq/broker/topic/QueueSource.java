package org.merlinmq.broker.topic;

import java.util.function.Consumer;
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

    /** How {@link QueueSource#queue} is done. */
    @FunctionalInterface
    interface Making {
        /**
         * As {@link QueueSource#queue}.
         *
         * @param topic the topic
         * @param queueId the queue's number in it
         * @return the queue
         */
        Queue queue(String topic, int queueId);
    }

    /** How {@link QueueSource#find} is done. */
    @FunctionalInterface
    interface Finding {
        /**
         * As {@link QueueSource#find}.
         *
         * @param topic the topic
         * @param queueId the queue's number in it
         * @return null if nothing was ever stored in it
         */
        @Nullable Queue find(String topic, int queueId);
    }

    /**
     * A source of three parts.
     *
     * @param making finds or makes a queue
     * @param finding finds a queue
     * @param deleting deletes a topic's queues
     * @return the source
     */
    static QueueSource of(Making making, Finding finding, Consumer<String> deleting) {
        return new QueueSource() {
            @Override
            public Queue queue(String topic, int queueId) {
                return making.queue(topic, queueId);
            }

            @Override
            public @Nullable Queue find(String topic, int queueId) {
                return finding.find(topic, queueId);
            }

            @Override
            public void delete(String topic) {
                deleting.accept(topic);
            }
        };
    }
}
