package org.merlinmq.broker.dedup;

/**
 * How duplicates are found in topics with a window.
 *
 * @param maxBytes most memory of the keys of all such topics; where it is not enough windows are shortened
 */
public record DedupConfig(long maxBytes) {
    /** Checks the bounds. */
    public DedupConfig {
        if (maxBytes < 0) {
            throw new IllegalArgumentException("dedup.max-memory must be 0 or more bytes, not " + maxBytes);
        }
    }

    /** The default: 64 MiB. */
    public static DedupConfig defaults() {
        return new DedupConfig(64 << 20);
    }
}
