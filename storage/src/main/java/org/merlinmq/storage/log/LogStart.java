package org.merlinmq.storage.log;

/**
 * What is known of a log when it is opened.
 *
 * @param logOffset all below was checkpointed: it is durable, and what is derived from it is
 * @param unsyncedFrom from here on a hole may come from a crash; {@link Long#MAX_VALUE} if there is no checkpoint
 * @param lastStoreMillis the latest store time below {@code logOffset}; 0 if unknown
 */
public record LogStart(long logOffset, long unsyncedFrom, long lastStoreMillis) {
    /** Nothing is known: all is read, and nothing that is readable is cut off. */
    public static final LogStart UNKNOWN = new LogStart(0, Long.MAX_VALUE, 0);
}
