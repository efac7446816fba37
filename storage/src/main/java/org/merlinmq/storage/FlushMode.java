package org.merlinmq.storage;

/** How durable a message is when it is acknowledged. */
public enum FlushMode {
    /** Once it is written: a crash of the process loses nothing, a loss of power up to a flush interval. */
    ASYNC,
    /** Once the disk has confirmed it: nothing loses it but the loss of the disk. */
    SYNC
}
