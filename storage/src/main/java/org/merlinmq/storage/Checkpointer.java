package org.merlinmq.storage;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.merlinmq.storage.disk.Disk;
import org.merlinmq.storage.queue.QueueTable;
import org.merlinmq.storage.run.RunFile;
import org.merlinmq.storage.run.RunSet;
import org.merlinmq.storage.run.Runs;

/**
 * Makes checkpoints: brings what is derived from the log to disk, then says so in one file.
 *
 * <p>Threading: the thread that opens the store, then {@code store-tail}, then the one that closes it.
 */
final class Checkpointer {
    private final Disk disk;
    private final Path folder;
    private final QueueTable queues;
    private final List<Runs> indexes;
    private volatile long logOffset;

    Checkpointer(Disk disk, Path folder, QueueTable queues, List<Runs> indexes, long logOffset) {
        this.disk = disk;
        this.folder = folder;
        this.queues = queues;
        this.indexes = indexes;
        this.logOffset = logOffset;
    }

    /** Where the next recovery starts to read. */
    long logOffset() {
        return logOffset;
    }

    /** Entries held in memory. */
    long entries() {
        return queues.tailEntries();
    }

    void retain(long minLogOffset) {
        indexes.forEach(index -> index.retain(minLogOffset));
    }

    /** Covers all below an offset, up to which the log is durable. Returns whether that is more than before. */
    boolean run(long durableEnd, long lastStoreMillis) {
        if (durableEnd <= logOffset) {
            return false;
        }
        for (Runs index : indexes) {
            index.flush(durableEnd);
            while (index.merge()) {
                // One merge may make the next possible.
            }
        }
        List<RunFile> files = new ArrayList<>();
        indexes.forEach(index -> files.addAll(index.live()));
        new Checkpoint(lastStoreMillis, new RunSet(durableEnd, 0, 0, files)).store(disk, folder);
        logOffset = durableEnd;
        indexes.forEach(Runs::deleteRetired);
        return true;
    }
}
