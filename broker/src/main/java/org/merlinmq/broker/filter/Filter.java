package org.merlinmq.broker.filter;

import org.jspecify.annotations.Nullable;

/**
 * Which messages of a topic a subscription takes. A filter by tags decides on the queue entry alone; one that has to see the
 * message decides on its record too, after the entry did not rule it out.
 *
 * <p>Threading: immutable; any thread.
 */
public sealed interface Filter permits TagFilter, RecordFilter {
    /**
     * Whether a message may be taken, by the tag hash in its queue entry. Allocates nothing.
     *
     * @param tagsCode the tag hash, sign-extended
     * @return false if the filter does not take the message, whatever its record holds
     */
    boolean mayMatch(long tagsCode);

    /**
     * The tag hashes that {@link #mayMatch} is true for, where that is all there is to know.
     *
     * @return each hash once, not to be changed; null if messages can be taken by something else
     */
    default long @Nullable [] tagsCodes() {
        return null;
    }

    /** Whether every message is taken, so that nothing needs to be looked at. */
    boolean takesAll();
}
