package org.merlinmq.replication.apache;

import java.time.Duration;

/**
 * When something happens on a replication connection that carries no bytes of the log.
 *
 * @param heartbeat after so long without anything else a master sends a heartbeat and a slave a report
 * @param silence after so long without a byte from the other side the connection is closed
 * @param connect how long connecting may take
 * @param retry how long a slave waits until it connects again, the first time
 * @param maxRetry and at most, after many failures
 */
public record StreamTiming(Duration heartbeat, Duration silence, Duration connect, Duration retry, Duration maxRetry) {
    /** Checks that each is positive and the silence longer than the heartbeat. */
    public StreamTiming {
        if (!heartbeat.isPositive()
                || !connect.isPositive()
                || !retry.isPositive()
                || silence.compareTo(heartbeat) <= 0
                || maxRetry.compareTo(retry) < 0) {
            throw new IllegalArgumentException("no such timing: heartbeat " + heartbeat + ", silence " + silence
                    + ", connect " + connect + ", retry " + retry + " to " + maxRetry);
        }
    }

    /**
     * RocketMQ's times.
     *
     * @return a heartbeat each 5 s, the end after 20 s of silence
     */
    public static StreamTiming defaults() {
        return new StreamTiming(
                Duration.ofSeconds(5),
                Duration.ofSeconds(20),
                Duration.ofSeconds(5),
                Duration.ofMillis(500),
                Duration.ofSeconds(10));
    }
}
