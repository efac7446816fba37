package org.merlinmq.client;

import java.time.Duration;

/**
 * How a {@link Producer} sends.
 *
 * @param group the producer group's name
 * @param retries how often a message is sent again, to another broker if there is one, when a broker refuses or does not
 *     answer; a message may be stored twice then
 * @param timeout how long one message may take, retries included
 * @param maxInFlightBytes bodies sent and not answered; senders wait when it is reached. A body counts as at least 4 KiB
 * @param maxBodyBytes the longest body accepted
 * @param compressFromBytes bodies of this length or longer are compressed; 0 compresses none
 */
public record ProducerConfig(
        String group, int retries, Duration timeout, int maxInFlightBytes, int maxBodyBytes, int compressFromBytes) {
    /** Checks the values. */
    public ProducerConfig {
        if (group.isBlank()) {
            throw new IllegalArgumentException("a producer needs the name of its group");
        }
        if (retries < 0 || maxInFlightBytes < 4096 || maxBodyBytes < 1 || compressFromBytes < 0) {
            throw new IllegalArgumentException(
                    "expected retries >= 0, maxInFlightBytes >= 4096, maxBodyBytes >= 1, compressFromBytes >= 0; found "
                            + retries + ", " + maxInFlightBytes + ", " + maxBodyBytes + ", " + compressFromBytes);
        }
    }

    /**
     * The default settings.
     *
     * @param group the producer group's name
     * @return 2 retries within 3 s, 64 MiB in flight, bodies up to 4 MiB, no compression
     */
    public static ProducerConfig of(String group) {
        return new ProducerConfig(group, 2, Duration.ofSeconds(3), 64 << 20, 4 << 20, 0);
    }

    /**
     * The same settings with compression.
     *
     * @param bytes bodies of this length or longer are compressed with zlib; 4096 is usual
     * @return the changed settings
     */
    public ProducerConfig withCompressionFrom(int bytes) {
        return new ProducerConfig(group, retries, timeout, maxInFlightBytes, maxBodyBytes, bytes);
    }

    /**
     * The same settings with other retries.
     *
     * @param times how often a message is sent again
     * @return the changed settings
     */
    public ProducerConfig withRetries(int times) {
        return new ProducerConfig(group, times, timeout, maxInFlightBytes, maxBodyBytes, compressFromBytes);
    }

    /**
     * The same settings with another time-out.
     *
     * @param newTimeout how long one message may take
     * @return the changed settings
     */
    public ProducerConfig withTimeout(Duration newTimeout) {
        return new ProducerConfig(group, retries, newTimeout, maxInFlightBytes, maxBodyBytes, compressFromBytes);
    }

    /**
     * The same settings with another bound.
     *
     * @param bytes bodies sent and not answered
     * @return the changed settings
     */
    public ProducerConfig withMaxInFlightBytes(int bytes) {
        return new ProducerConfig(group, retries, timeout, bytes, maxBodyBytes, compressFromBytes);
    }
}
