package org.merlinmq.storage.log;

/** Bytes that were to go on a log are no records of it. Nothing of them is published; they may be received again. */
public final class BrokenLogException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final long logOffset;

    BrokenLogException(long logOffset, String what) {
        super("The bytes received at log offset " + logOffset + " are no record: " + what);
        this.logOffset = logOffset;
    }

    /** Where the log goes on: the log offset of the first byte to receive again. */
    public long logOffset() {
        return logOffset;
    }
}
