package org.merlinmq.broker.limit;

import java.time.Duration;

/**
 * How sends wait that come faster than their limit.
 *
 * @param maxWait a send that would have to wait longer is refused: requests carry no deadline, so this has to be shorter than
 *     the time that producers wait for an answer, 3 s unless they are configured otherwise
 * @param maxHeldBytes most bytes of sends that wait, over all connections; a send beyond is refused
 */
public record LimitConfig(Duration maxWait, long maxHeldBytes) {
    /** Checks the bounds. */
    public LimitConfig {
        if (maxWait.isNegative() || maxWait.compareTo(Duration.ofMinutes(1)) > 0) {
            throw new IllegalArgumentException("limit.max-wait must lie between 0 and 60 s, not " + maxWait);
        }
        if (maxHeldBytes < 0) {
            throw new IllegalArgumentException("limit.max-held must be 0 or more bytes, not " + maxHeldBytes);
        }
    }

    /** The defaults: 2 s and 16 MiB. */
    public static LimitConfig defaults() {
        return new LimitConfig(Duration.ofSeconds(2), 16 << 20);
    }
}
