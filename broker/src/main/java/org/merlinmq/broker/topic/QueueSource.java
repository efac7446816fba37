package org.merlinmq.broker.topic;

import org.jspecify.annotations.Nullable;
import org.merlinmq.storage.queue.Queue;

/**
 * Where a topic's queues come from.
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
     * A queue of a topic that is being deleted: it takes no messages.
     *
     * @param topic the topic
     * @param queueId the queue's number in it
     * @return a queue that the store does not know
     */
    Queue ended(String topic, int queueId);

    /** How {@link QueueSource#queue} and {@link QueueSource#ended} are done. */
    @FunctionalInterface
    interface Making {
        /**
         * Makes a queue, or finds it.
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
     * @param ended makes a queue that takes no messages
     * @return the source
     */
    static QueueSource of(Making making, Finding finding, Making ended) {
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
            public Queue ended(String topic, int queueId) {
                return ended.queue(topic, queueId);
            }
        };
    }
}
