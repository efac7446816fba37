package org.merlinmq.storage.log;

/** What became of a batch. */
public enum AppendStatus {
    /** All its records are in the log, as durable as was asked. */
    STORED,
    /** All its records are in the log, but the disk did not confirm them in time. */
    FLUSH_TIMEOUT,
    /** All its records are in the log, but too few other brokers are there to have copies of them. */
    TOO_FEW_COPIES,
    /** All its records are in the log, but too few other brokers confirmed in time that they have them. */
    COPY_TIMEOUT,
    /** None of its records is in the log as far as any reader sees. */
    REFUSED
}
