package org.merlinmq.replication.apache;

import java.time.Duration;

/**
 * When something happens on a replication connection, and how much.
 *
 * @param heartbeat after so long without anything else a master sends a heartbeat and a slave a report
 * @param silence after so long without a byte from the other side the connection is closed
 * @param connect how long connecting may take
 * @param retry how long a slave waits until it connects again, the first time
 * @param maxRetry and at most, after many failures
 * @param maxBytesPerSecond the most of the log that a master sends to a slave, up to {@link #MOST_BYTES_PER_SECOND}; {@link Long#MAX_VALUE} for no limit
 */
public record StreamTiming(
        Duration heartbeat,
        Duration silence,
        Duration connect,
        Duration retry,
        Duration maxRetry,
        long maxBytesPerSecond) {
    /** A larger limit is none. */
    public static final long MOST_BYTES_PER_SECOND = 1L << 40;

    /** The smallest: a frame takes half a second. */
    public static final long LEAST_BYTES_PER_SECOND = 64L << 10;

    /** Checks that each is positive and the silence longer than the heartbeat. */
    public StreamTiming {
        if (!heartbeat.isPositive()
                || !connect.isPositive()
                || !retry.isPositive()
                || silence.compareTo(heartbeat) <= 0
                || maxRetry.compareTo(retry) < 0
                || maxBytesPerSecond < LEAST_BYTES_PER_SECOND
                || (maxBytesPerSecond > MOST_BYTES_PER_SECOND && maxBytesPerSecond < Long.MAX_VALUE)) {
            throw new IllegalArgumentException(
                    "no such timing: heartbeat " + heartbeat + ", silence " + silence + ", connect " + connect
                            + ", retry " + retry + " to " + maxRetry + ", " + maxBytesPerSecond + " bytes a second");
        }
    }

    /**
     * The same for a master that limits what it sends to a slave.
     *
     * @param bytes of the log in a second
     * @return the timing
     */
    public StreamTiming withMaxBytesPerSecond(long bytes) {
        return new StreamTiming(heartbeat, silence, connect, retry, maxRetry, bytes);
    }

    /**
     * RocketMQ's times.
     *
     * @return a heartbeat each 5 s, the end after 20 s of silence, no limit
     */
    public static StreamTiming defaults() {
        return new StreamTiming(
                Duration.ofSeconds(5),
                Duration.ofSeconds(20),
                Duration.ofSeconds(5),
                Duration.ofMillis(500),
                Duration.ofSeconds(10),
                Long.MAX_VALUE);
    }
}
