package org.merlinmq.storage.log;

/**
 * How safe records are when their sender hears that they are stored. A level of replicas will come: code decides with a
 * {@code switch} over all levels, not by comparing with one of them.
 */
public enum AckLevel {
    /** The operating system has them: a crash of the process loses nothing. */
    WRITTEN,
    /** The disk has confirmed them: a loss of power loses nothing. */
    FLUSHED
}
