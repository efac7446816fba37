package org.merlinmq.server.config;

/** When a send is answered. */
public enum FlushMode {
    /** When its bytes are with the operating system: survives the death of the process, not of the machine. */
    ASYNC_FLUSH,
    /** When its bytes are on the disk. */
    SYNC_FLUSH
}
