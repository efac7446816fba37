package org.merlinmq.storage;

import java.nio.file.Path;
import org.merlinmq.platform.disk.Disk;

/**
 * Makes checkpoints: brings what is derived from the log to disk, then says so in one file.
 *
 * <p>Threading: the thread that opens the store, then {@code store-tail}, then the one that closes it.
 */
final class Checkpointer {
    private final Disk disk;
    private final Path folder;
    private final Indexes indexes;
    private volatile long logOffset;

    /** Goes on from the last checkpoint, which covers the log below an offset. */
    Checkpointer(Disk disk, Path folder, Indexes indexes, long logOffset) {
        this.disk = disk;
        this.folder = folder;
        this.indexes = indexes;
        this.logOffset = logOffset;
    }

    /** Where the next recovery starts to read. */
    long logOffset() {
        return logOffset;
    }

    /**
     * Covers all below an offset, up to which the log is durable.
     *
     * @param anew also if it covers no more than the last one, since files were replaced
     * @return whether one was made
     */
    boolean run(long durableEnd, long lastStoreMillis, boolean anew) {
        if (durableEnd < logOffset || (durableEnd == logOffset && !anew)) {
            return false;
        }
        indexes.flush(durableEnd);
        new Checkpoint(durableEnd, lastStoreMillis, indexes.parts()).store(disk, folder);
        logOffset = durableEnd;
        indexes.deleteRetired();
        return true;
    }
}
