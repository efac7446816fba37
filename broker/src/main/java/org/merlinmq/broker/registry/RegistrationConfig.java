package org.merlinmq.broker.registry;

import java.time.Duration;

/**
 * How a broker registers.
 *
 * @param period how often; RocketMQ's registerNameServerPeriod, kept within 10 to 60 s
 * @param forceRegister whether to send all topics each time; else a nameserver is asked first whether it knows them
 * @param registerTimeout how long a nameserver may take to answer a registration
 * @param callTimeout how long it may take to answer anything else
 * @param changeTimeout how long a change of topics waits for slow nameservers
 */
public record RegistrationConfig(
        Duration period,
        boolean forceRegister,
        Duration registerTimeout,
        Duration callTimeout,
        Duration changeTimeout) {
    private static final Duration MIN_PERIOD = Duration.ofSeconds(10);
    private static final Duration MAX_PERIOD = Duration.ofSeconds(60);

    /** Keeps the period within what nameservers' leases allow, and checks the rest. */
    public RegistrationConfig {
        period = period.compareTo(MIN_PERIOD) < 0 ? MIN_PERIOD : period;
        period = period.compareTo(MAX_PERIOD) > 0 ? MAX_PERIOD : period;
        check("registerTimeout", registerTimeout);
        check("callTimeout", callTimeout);
        check("changeTimeout", changeTimeout);
    }

    private static void check(String name, Duration found) {
        if (found.toMillis() < 1 || found.compareTo(Duration.ofMinutes(2)) > 0) {
            throw new IllegalArgumentException(name + " must be 1 ms to 2 min, found " + found);
        }
    }

    /**
     * RocketMQ's defaults.
     *
     * @return each 30 s with all topics, 24 s to answer, 6 s for small calls, 3 s for a change
     */
    public static RegistrationConfig defaults() {
        return new RegistrationConfig(
                Duration.ofSeconds(30), true, Duration.ofSeconds(24), Duration.ofSeconds(6), Duration.ofSeconds(3));
    }
}
