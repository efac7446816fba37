package org.merlinmq.transport;

import java.time.Duration;

/**
 * How {@link Calls} connects and what it allows a connection.
 *
 * @param connectTimeout how long making a connection may take
 * @param limits what each connection may use up
 * @param closeWhenOverdue whether a connection that leaves a call without its answer in time is closed, so that the next
 *     call makes a new one
 */
public record CallsConfig(Duration connectTimeout, ConnectionLimits limits, boolean closeWhenOverdue) {
    /** Checks the values. */
    public CallsConfig {
        if (connectTimeout.toMillis() < 1 || connectTimeout.toMillis() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("connectTimeout must be 1 ms to 24 days, found " + connectTimeout);
        }
    }

    /** The default settings: 3 s to connect, the default limits, and connections that outlive an overdue answer. */
    public static CallsConfig defaults() {
        return new CallsConfig(Duration.ofSeconds(3), ConnectionLimits.defaults(), false);
    }
}
