package org.merlinmq.client;

/**
 * How a {@link Consumer} consumes.
 *
 * @param group the consumer group's name
 * @param startAt where a group starts in a queue that it never consumed
 * @param threads how many call the listener
 * @param batchSize how many messages one call gets at most
 * @param pullSize how many messages one pull brings at most
 * @param maxCachedMessages messages of one queue that were pulled and not handled; pulling waits when it is reached
 */
public record ConsumerConfig(
        String group, StartAt startAt, int threads, int batchSize, int pullSize, int maxCachedMessages) {
    /** Checks the values. */
    public ConsumerConfig {
        if (group.isBlank()) {
            throw new IllegalArgumentException("a consumer needs the name of its group");
        }
        if (threads < 1 || batchSize < 1 || pullSize < 1 || maxCachedMessages < 1) {
            throw new IllegalArgumentException(
                    "threads, batchSize, pullSize and maxCachedMessages must be positive; found " + threads + ", "
                            + batchSize + ", " + pullSize + ", " + maxCachedMessages);
        }
    }

    /**
     * The default settings.
     *
     * @param group the consumer group's name
     * @return a group that begins with what comes from now on, 8 threads, one message a call, 32 a pull, 1000 cached
     */
    public static ConsumerConfig of(String group) {
        return new ConsumerConfig(group, StartAt.last(), 8, 1, 32, 1000);
    }

    /**
     * The same settings with another beginning.
     *
     * @param place where a group starts in a queue that it never consumed
     * @return the changed settings
     */
    public ConsumerConfig startingAt(StartAt place) {
        return new ConsumerConfig(group, place, threads, batchSize, pullSize, maxCachedMessages);
    }

    /**
     * The same settings with other batches.
     *
     * @param messages how many one call of the listener gets at most
     * @return the changed settings
     */
    public ConsumerConfig withBatchSize(int messages) {
        return new ConsumerConfig(group, startAt, threads, messages, pullSize, maxCachedMessages);
    }

    /**
     * The same settings with another number of threads.
     *
     * @param count how many call the listener
     * @return the changed settings
     */
    public ConsumerConfig withThreads(int count) {
        return new ConsumerConfig(group, startAt, count, batchSize, pullSize, maxCachedMessages);
    }
}
