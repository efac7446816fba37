package org.merlinmq.client;

import java.util.List;

/** Consumes the messages of a group. */
@FunctionalInterface
public interface MessageListener {
    /**
     * Handles messages of one queue. May block.
     *
     * <p>Threading: called on the consumer's threads, for many queues at once; for one queue in any order and at once,
     * too, unless the consumer is orderly.
     *
     * @param messages at least one, at most {@link ConsumerConfig#batchSize}, in the order of their queue offsets
     * @return the result; an exception counts as {@link ConsumeResult#RETRY_LATER}
     */
    ConsumeResult onMessages(List<ReceivedMessage> messages);
}
