package org.merlinmq.storage;

/** Told how far a long work is, such as reading the log again after the indexes were lost. */
@FunctionalInterface
public interface Progress {
    /** Tells nobody. */
    Progress SILENT = (work, done, total) -> {};

    /**
     * Some more is done.
     *
     * @param work what is done, in words for the operator
     * @param done so much, in bytes
     * @param total of so much
     */
    void report(String work, long done, long total);
}
