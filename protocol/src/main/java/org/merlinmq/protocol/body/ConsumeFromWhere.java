package org.merlinmq.protocol.body;

import org.merlinmq.protocol.json.JsonException;

/** Where a group without offsets starts. */
public enum ConsumeFromWhere {
    /** At the end. */
    CONSUME_FROM_LAST_OFFSET,
    /** Deprecated, as the last. */
    CONSUME_FROM_LAST_OFFSET_AND_FROM_MIN_WHEN_BOOT_FIRST,
    /** Deprecated, as the last. */
    CONSUME_FROM_MIN_OFFSET,
    /** Deprecated, as the last. */
    CONSUME_FROM_MAX_OFFSET,
    /** At the start. */
    CONSUME_FROM_FIRST_OFFSET,
    /** At a time. */
    CONSUME_FROM_TIMESTAMP;

    /**
     * Finds a constant.
     *
     * @param name its name
     * @return the constant
     * @throws JsonException if there is none of this name
     */
    static ConsumeFromWhere named(String name) {
        for (ConsumeFromWhere constant : values()) {
            if (constant.name().equals(name)) {
                return constant;
            }
        }
        throw new JsonException("no ConsumeFromWhere is called " + name);
    }
}
