package org.merlinmq.storage;

import java.nio.file.Path;
import org.merlinmq.platform.disk.Disk;
import org.merlinmq.storage.log.EpochTable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Empties the folder of a closed store, so that it can begin again: its files go to folders beside their own, or are deleted.
 *
 * <p>The epochs go first. What an interruption leaves behind them has no history: nobody takes it for a part of a group's log.
 *
 * <p>Threading: one thread, holding the store's lock.
 */
final class SetAside {
    private static final Logger LOG = LoggerFactory.getLogger(SetAside.class);

    private final Disk disk;
    private final Path folder;
    private final Path derived;
    private final Path log;

    SetAside(Disk disk, Path folder, Path derived, Path log) {
        this.disk = disk;
        this.folder = folder;
        this.derived = derived;
        this.log = log;
    }

    void run(boolean keep) {
        int number = freeNumber();
        Path epochs = folder.resolve(EpochTable.FILE);
        if (disk.exists(epochs)) {
            remove(epochs, aside(epochs, number), keep);
            disk.forceFolder(folder);
        }
        Path checkpoint = derived.resolve(Checkpoint.FILE);
        if (disk.exists(checkpoint)) {
            move(checkpoint, number, keep);
            disk.forceFolder(derived);
        }
        moveAll(derived, number, keep);
        moveAll(log, number, keep);
        if (keep) {
            LOG.warn(
                    "store-set-aside log={} action=\"delete it, {} and {} when nothing in them is needed any more\"",
                    aside(log, number),
                    aside(derived, number),
                    aside(epochs, number));
        }
    }

    private int freeNumber() {
        int number = 1;
        while (disk.exists(aside(folder.resolve(EpochTable.FILE), number))
                || disk.exists(aside(derived, number))
                || disk.exists(aside(log, number))) {
            number++;
        }
        return number;
    }

    private static Path aside(Path path, int number) {
        return path.resolveSibling(path.getFileName() + ".aside-" + number);
    }

    private void moveAll(Path from, int number, boolean keep) {
        for (Path file : disk.list(from)) {
            if (!disk.isFolder(file)) {
                move(file, number, keep);
            }
        }
        if (disk.exists(from)) {
            disk.forceFolder(from);
        }
    }

    /** Into the folder beside its own. */
    private void move(Path file, int number, boolean keep) {
        Path to = aside(folderOf(file), number);
        if (keep) {
            disk.createFolders(to);
        }
        remove(file, to.resolve(String.valueOf(file.getFileName())), keep);
    }

    private static Path folderOf(Path file) {
        Path parent = file.getParent();
        if (parent == null) {
            throw new IllegalStateException(file + " lies in no folder");
        }
        return parent;
    }

    private void remove(Path from, Path to, boolean keep) {
        if (keep) {
            disk.rename(from, to);
        } else {
            disk.delete(from);
        }
    }
}
