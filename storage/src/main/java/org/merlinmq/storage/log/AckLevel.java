package org.merlinmq.storage.log;

/** How safe records are when their sender hears that they are stored. Code decides with a {@code switch} over all levels. */
public enum AckLevel {
    /** The operating system has them: a crash of the process loses nothing. */
    WRITTEN,
    /** The disk has confirmed them: a loss of power loses nothing. */
    FLUSHED,
    /** Written here, and as many other brokers have them as {@link CopyWaits} requires. */
    COPIED,
    /** The disk here has confirmed them, and as many other brokers have them as {@link CopyWaits} requires. */
    FLUSHED_AND_COPIED
}
