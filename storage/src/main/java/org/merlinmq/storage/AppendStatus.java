package org.merlinmq.storage;

/** What became of a batch of records. */
public enum AppendStatus {
    /** All its records are stored, as durable as was asked. */
    STORED,
    /** All its records are stored, but the disk did not confirm them in time. */
    FLUSH_TIMEOUT,
    /** None of its records is stored; {@link AppendBatch#reason} says why. */
    REFUSED
}
