package org.merlinmq.broker.topic;

import org.merlinmq.storage.queue.Queue;

/**
 * What the answer to request 202 contains besides offsets.
 *
 * <p>Threading: any thread that may block.
 */
public interface TopicFacts {
    /**
     * When the last message of a queue was stored.
     *
     * @param queue a queue that is not empty
     * @return milliseconds since 1970; 0 if the message cannot be read any more
     */
    long lastStoreMillis(Queue queue);

    /**
     * How many messages a second a topic gets.
     *
     * @param topic the topic's name
     * @return the rate of the last minute
     */
    double putPerSecond(String topic);
}
