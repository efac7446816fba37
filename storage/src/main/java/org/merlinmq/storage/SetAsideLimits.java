package org.merlinmq.storage;

/**
 * How much is kept of what {@link Storage#empty} sets aside; the oldest goes first.
 *
 * @param count so many stores at most; 0 keeps nothing
 * @param bytes all together; a store that alone has more is not kept
 */
public record SetAsideLimits(int count, long bytes) {
    /** Two stores of 32 GiB together. */
    public static final SetAsideLimits DEFAULT = new SetAsideLimits(2, 32L << 30);

    /** Checks both. */
    public SetAsideLimits {
        if (count < 0 || bytes < 0) {
            throw new IllegalArgumentException(
                    "expected a count and a size of at least 0, found " + count + " and " + bytes);
        }
    }
}
