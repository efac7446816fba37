package org.merlinmq.broker.replicate;

import java.time.Duration;
import org.merlinmq.broker.topic.CopyRules;

/**
 * When a message counts as stored.
 *
 * @param copies how many slaves have to have it; 0: none is waited for
 * @param timeout how long a send waits for them (slaveTimeout)
 */
public record CopyConfig(int copies, Duration timeout) {
    /** Most slaves to wait for. */
    public static final int MAX_COPIES = CopyRules.MAX_COPIES;

    /** Checks the bounds. */
    public CopyConfig {
        if (copies < 0 || copies > MAX_COPIES) {
            throw new IllegalArgumentException("copies: expected 0 to " + MAX_COPIES + ", found " + copies);
        }
        if (timeout.toMillis() < 1) {
            throw new IllegalArgumentException("copy timeout: expected at least 1 ms, found " + timeout);
        }
    }
}
