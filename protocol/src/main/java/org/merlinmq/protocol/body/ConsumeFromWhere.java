package org.merlinmq.protocol.body;

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
    CONSUME_FROM_TIMESTAMP
}
