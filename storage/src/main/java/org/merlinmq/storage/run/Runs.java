package org.merlinmq.storage.run;

import java.util.List;

/**
 * What the store's checkpoint asks of each index. An index is a log-structured tree whose write-ahead log is the
 * commit log.
 *
 * <p>A checkpoint: {@code flush} each index up to what the log has made durable; write and force a {@link RunSet} of
 * all {@code live} files; then {@code deleteRetired}. Merging and retention come before it, so that one set tells it
 * all.
 *
 * <p>Threading: all methods on one thread, the store's tail, without the append lock (which some take for moments).
 */
public interface Runs {

    /**
     * Makes all entries of records below an offset durable in runs; entries above stay in memory.
     *
     * @param upToLogOffset everything below is published, and durable in the log
     * @throws DamagedRunException if a damaged run is in the way; nothing is lost, and it works once that is rebuilt
     */
    void flush(long upToLogOffset);

    /**
     * The files that a checkpoint has to name.
     *
     * @return oldest first
     */
    List<RunFile> live();

    /**
     * Takes up the files of the last checkpoint; deletes others of its kind that lie in the folder. Before any other
     * call.
     *
     * @param set the last checkpoint's
     */
    void recover(RunSet set);

    /**
     * Runs that turned out to be damaged: to be rebuilt from the log. Until then entries are missing, never wrong. Those
     * found at the start must be rebuilt before anything is appended.
     *
     * @return their files
     */
    List<RunFile> damaged();

    /**
     * Does one merge if there are runs to merge.
     *
     * @return whether it did; call again then
     */
    boolean merge();

    /**
     * Says where the log begins now: entries below may go.
     *
     * @param minLogOffset the log's first offset
     */
    void retain(long minLogOffset);

    /** Deletes the files that merging and retention have replaced. Only after a checkpoint without them is durable. */
    void deleteRetired();
}
