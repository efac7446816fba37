package org.merlinmq.broker.admin;

import java.util.concurrent.CompletableFuture;

/**
 * What an administrator can set off; the storage does it in its own time, too.
 *
 * <p>Threading: on virtual threads.
 */
public interface Upkeep {
    /**
     * Deletes what of the log is older than it is kept, at whatever hour.
     *
     * @return how many segments are gone; later, since another thread does it
     */
    CompletableFuture<Integer> deleteExpiredLog();

    /**
     * Deletes the queues of topics that are no more, such as a crash or another broker's store left them.
     *
     * @return how many topics had such queues
     */
    int deleteUnusedTopics();
}
