package org.merlinmq.storage;

import java.nio.file.Path;
import org.merlinmq.platform.disk.Disk;
import org.merlinmq.storage.log.EpochTable;
import org.merlinmq.storage.log.LogCut;
import org.merlinmq.storage.log.LogSettings;
import org.merlinmq.storage.queue.QueueTable;
import org.merlinmq.storage.state.SnapshotFiles;
import org.merlinmq.storage.state.StateIndex;
import org.merlinmq.storage.transaction.TransactionIndex;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cuts a closed store back to an earlier end of its log: afterwards it is as if it had never had more.
 *
 * <p>In this order, so that it can be interrupted anywhere: what is cut is kept in a file; what is derived from it is dropped;
 * the end is marked; segments behind it are deleted; the next start wipes out the rest. Before the mark a start finds the old log,
 * and makes anew what it lacks; behind it, the cut one.
 *
 * <p>Threading: one thread, holding the store's lock.
 */
final class CutBack {
    private static final Logger LOG = LoggerFactory.getLogger(CutBack.class);
    private static final String KEPT_FOLDER = "cut";

    private final Disk disk;
    private final Path folder;
    private final Path derived;
    private final long logOffset;
    private final LogCut log;

    CutBack(Disk disk, Path folder, Path derived, LogSettings settings, long logOffset) {
        this.disk = disk;
        this.folder = folder;
        this.derived = derived;
        this.logOffset = logOffset;
        this.log = new LogCut(disk, settings, logOffset);
    }

    /** Returns false, and nothing is changed, if the state of then cannot be found any more. */
    boolean run() {
        Checkpoint last = Checkpoint.load(disk, derived);
        boolean covers = last != null && last.upToLogOffset() <= logOffset;
        long begin = log.minLogOffset();
        if (logOffset < begin || (!covers && begin > 0)) {
            LOG.warn(
                    "log-not-cut logOffset={} logBegins={} checkpoint={} cause=\"the state of then is gone\"",
                    logOffset,
                    begin,
                    last == null ? 0 : last.upToLogOffset());
            return false;
        }
        if (!log.isBegun()) {
            int epoch = EpochTable.open(disk, folder, false).epochs().getLast().number();
            Path kept = log.keep(folder.resolve(KEPT_FOLDER), epoch);
            if (kept != null) {
                LOG.warn(
                        "log-cut-back logOffset={} kept={} cause=\"another master's log goes on there\"",
                        logOffset,
                        kept);
            }
        }
        if (covers) {
            dropSnapshots();
        } else {
            dropAll();
        }
        log.cut();
        return true;
    }

    /** Those that a crash left without a checkpoint may be of a later moment. */
    private void dropSnapshots() {
        new SnapshotFiles(disk, derived, StateIndex.FILES, SnapshotFiles.STATE, damage -> {}).dropBeyond(logOffset);
        new SnapshotFiles(disk, derived, QueueTable.FILES, SnapshotFiles.QUEUES, damage -> {}).dropBeyond(logOffset);
        new SnapshotFiles(disk, derived, TransactionIndex.FILES, SnapshotFiles.TRANSACTIONS, damage -> {})
                .dropBeyond(logOffset);
    }

    /** The log begins with its first record: all is made anew from it. */
    private void dropAll() {
        disk.delete(derived.resolve(Checkpoint.FILE));
        disk.forceFolder(derived);
        for (Path file : disk.list(derived)) {
            String name = String.valueOf(file.getFileName());
            if (name.endsWith(".run") || name.endsWith(".snap") || name.endsWith(".new")) {
                disk.delete(file);
            }
        }
        disk.forceFolder(derived);
    }
}
