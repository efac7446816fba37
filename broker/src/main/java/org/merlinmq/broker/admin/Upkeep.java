package org.merlinmq.broker.admin;

/**
 * What an administrator can set off; the storage does it in its own time, too.
 *
 * <p>Threading: on virtual threads.
 */
public interface Upkeep {
    /** Deletes what of the log is older than it is kept. */
    void deleteExpiredLog();

    /** Forgets queues of topics that are no more. */
    void forgetUnusedTopics();
}
