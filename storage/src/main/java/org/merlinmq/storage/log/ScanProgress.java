package org.merlinmq.storage.log;

/** Told how far a scan of the log is. */
@FunctionalInterface
public interface ScanProgress {
    /**
     * Some more was read.
     *
     * @param doneBytes so much is done
     * @param totalBytes of so much at most
     */
    void scanned(long doneBytes, long totalBytes);
}
