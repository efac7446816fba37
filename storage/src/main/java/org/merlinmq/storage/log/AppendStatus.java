package org.merlinmq.storage.log;

/** What became of a batch. */
public enum AppendStatus {
    /** All its records are in the log, as durable as was asked. */
    STORED,
    /** All its records are in the log, but the disk did not confirm them in time. */
    FLUSH_TIMEOUT,
    /** None of its records is in the log as far as any reader sees. */
    REFUSED
}
