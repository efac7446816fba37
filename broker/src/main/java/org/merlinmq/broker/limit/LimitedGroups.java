package org.merlinmq.broker.limit;

import org.jspecify.annotations.Nullable;

/**
 * The limits of groups.
 *
 * <p>Threading: any thread, without a lock.
 */
public interface LimitedGroups {
    /** Whether any group's sends are or were limited: if not, nobody need be looked up. */
    boolean limitSends();

    /**
     * The limit of a producer group's sends, by the bytes of its name.
     *
     * @param name where the name stands
     * @param at its first byte
     * @param length its length
     * @return null if it has none
     */
    @Nullable RateLimit sendLimit(byte[] name, int at, int length);
}
