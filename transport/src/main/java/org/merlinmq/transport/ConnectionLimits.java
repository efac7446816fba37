package org.merlinmq.transport;

import java.time.Duration;
import org.merlinmq.protocol.frame.FrameLimits;

/**
 * What one connection may use up. A crossed limit pauses or ends that connection only.
 *
 * <p>Units: bytes and durations as named.
 *
 * @param maxFrameBytes the biggest frame taken, its four length bytes included; a longer one ends the connection
 * @param outputHighBytes unsent output from which on nothing more is read from a peer that connected to us
 * @param outputLowBytes unsent output below which reading goes on
 * @param outputMaxBytes unsent output at which our calls are refused, and with more of anything else the peer is taken for
 *     stuck and the connection is closed
 * @param idle how long a connection may neither receive nor send before it is closed
 * @param frameArrival how long one frame may take from its first to its last byte
 * @param maxCalls how many of our calls may wait for their answers on one connection
 */
public record ConnectionLimits(
        int maxFrameBytes,
        long outputHighBytes,
        long outputLowBytes,
        long outputMaxBytes,
        Duration idle,
        Duration frameArrival,
        int maxCalls) {
    /** Checks that the values fit each other. */
    public ConnectionLimits {
        require(maxFrameBytes >= 64, "maxFrameBytes must be at least 64, found " + maxFrameBytes);
        require(
                outputLowBytes >= 0 && outputLowBytes <= outputHighBytes && outputHighBytes <= outputMaxBytes,
                "expected 0 <= outputLowBytes <= outputHighBytes <= outputMaxBytes, found " + outputLowBytes + ", "
                        + outputHighBytes + ", " + outputMaxBytes);
        require(idle.toMillis() > 0, "idle must be at least 1 ms, found " + idle);
        require(frameArrival.toMillis() > 0, "frameArrival must be at least 1 ms, found " + frameArrival);
        require(maxCalls > 0, "maxCalls must be positive, found " + maxCalls);
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    /**
     * The default limits.
     *
     * @return 16 MiB frames, pause at 1 MiB of unsent output, close at 64 MiB, idle after 120 s, a minute for a frame
     */
    public static ConnectionLimits defaults() {
        return new ConnectionLimits(
                FrameLimits.MAX_FRAME_BYTES,
                1024 * 1024,
                256 * 1024,
                64 * 1024 * 1024,
                Duration.ofSeconds(120),
                Duration.ofSeconds(60),
                65_536);
    }

    /**
     * The same limits with another idle time.
     *
     * @param newIdle how long a connection may be silent
     * @return the changed limits
     */
    public ConnectionLimits withIdle(Duration newIdle) {
        return new ConnectionLimits(
                maxFrameBytes, outputHighBytes, outputLowBytes, outputMaxBytes, newIdle, frameArrival, maxCalls);
    }

    /**
     * The same limits with other marks for unsent output.
     *
     * @param low where reading goes on
     * @param high where reading stops
     * @param max where the connection is closed
     * @return the changed limits
     */
    public ConnectionLimits withOutput(long low, long high, long max) {
        return new ConnectionLimits(maxFrameBytes, high, low, max, idle, frameArrival, maxCalls);
    }

    /**
     * The same limits with another time for a single frame.
     *
     * @param newFrameArrival from the first to the last byte of a frame
     * @return the changed limits
     */
    public ConnectionLimits withFrameArrival(Duration newFrameArrival) {
        return new ConnectionLimits(
                maxFrameBytes, outputHighBytes, outputLowBytes, outputMaxBytes, idle, newFrameArrival, maxCalls);
    }

    /** How often a loop looks for silent connections: rarely, and often enough to be an eighth late at most. */
    long scanMillis() {
        long shortest = Math.min(idle.toMillis(), frameArrival.toMillis());
        return Math.max(5, Math.min(10_000, shortest / 8));
    }
}
