package org.merlinmq.broker.transaction;

import java.time.Duration;

/**
 * How transactions are served.
 *
 * @param reject half messages are refused (rejectTransactionMessage)
 * @param timeOut how long after it is stored a half message is first checked (transactionTimeOut)
 * @param checkInterval how long after a check the next one is due (transactionCheckInterval)
 * @param maxChecks after so many checks a half message is given up (transactionCheckMax)
 * @param maxOpen more half messages than this are not taken
 */
public record TransactionConfig(boolean reject, Duration timeOut, Duration checkInterval, int maxChecks, long maxOpen) {
    private static final long MAX_MILLIS = Integer.MAX_VALUE;

    /** Checks the bounds. */
    public TransactionConfig {
        if (timeOut.isNegative() || timeOut.toMillis() > MAX_MILLIS) {
            throw new IllegalArgumentException("transactionTimeOut must lie between 0 and 24 days, not " + timeOut);
        }
        if (checkInterval.toMillis() < 1 || checkInterval.toMillis() > MAX_MILLIS) {
            throw new IllegalArgumentException(
                    "transactionCheckInterval must lie between 1 ms and 24 days, not " + checkInterval);
        }
        if (maxChecks < 1 || maxChecks > Short.MAX_VALUE) {
            throw new IllegalArgumentException("transactionCheckMax must lie between 1 and 32767, not " + maxChecks);
        }
        if (maxOpen < 1) {
            throw new IllegalArgumentException("the most open transactions must be at least 1, not " + maxOpen);
        }
    }

    /** RocketMQ's defaults, and at most a million open half messages. */
    public static TransactionConfig defaults() {
        return new TransactionConfig(false, Duration.ofSeconds(6), Duration.ofSeconds(30), 15, 1_000_000);
    }
}
