package org.merlinmq.broker.pull;

import org.merlinmq.broker.subscription.FilterConfig;

/**
 * How messages are handed out.
 *
 * @param maxMessages most messages in one answer (maxTransferCountOnMessageInMemory)
 * @param maxBytes most bytes in one answer, except that the first message always fits (maxTransferBytesOnMessageInMemory)
 * @param longPolling hold a pull that finds nothing until something comes (longPollingEnable)
 * @param shortPollingMillis how long to hold it otherwise (shortPollingTimeMills)
 * @param maxParked most pulls held at a time; one more is answered at once
 * @param litePull serve LITE_PULL_MESSAGE (litePullMessageEnable)
 * @param filters which expressions clients may subscribe by
 */
public record PullConfig(
        int maxMessages,
        int maxBytes,
        boolean longPolling,
        int shortPollingMillis,
        int maxParked,
        boolean litePull,
        FilterConfig filters) {

    /** Checks the bounds. */
    public PullConfig {
        if (maxMessages < 1 || maxMessages > 4096) {
            throw new IllegalArgumentException(
                    "maxTransferCountOnMessageInMemory must lie between 1 and 4096, not " + maxMessages);
        }
        if (maxBytes < 1024 || maxBytes > 8 << 20) {
            throw new IllegalArgumentException(
                    "maxTransferBytesOnMessageInMemory must lie between 1024 and 8388608 bytes, not " + maxBytes);
        }
    }
}
