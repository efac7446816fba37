package org.merlinmq.storage;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.merlinmq.platform.disk.Disk;
import org.merlinmq.platform.disk.DiskFile;
import org.merlinmq.storage.log.EpochTable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Empties the folder of a closed store, so that it can begin again: its files go to folders inside, or are deleted.
 *
 * <pre>
 *  FOLDER/epochs          FOLDER/aside-N/epochs
 *  FOLDER/merlin/*        FOLDER/aside-N/merlin/*
 *  COMMITLOG/*            COMMITLOG/aside-N/*       inside, since the folder may be a file system of its own
 * </pre>
 *
 * <p>The epochs go first. What an interruption leaves behind them has no history: nobody takes it for a part of a group's log.
 *
 * <p>Threading: one thread, holding the store's lock.
 */
final class SetAside {
    private static final Logger LOG = LoggerFactory.getLogger(SetAside.class);
    private static final String NAME = "aside-";

    /** Longer numbers are not ours. */
    private static final int MAX_DIGITS = 9;

    private final Disk disk;
    private final Path folder;
    private final Path derived;
    private final Path log;
    private final SetAsideLimits limits;

    SetAside(Disk disk, Path folder, Path derived, Path log, SetAsideLimits limits) {
        this.disk = disk;
        this.folder = folder;
        this.derived = derived;
        this.log = log;
        this.limits = limits;
    }

    /** Empties the folder; {@code keep}: as far as the limits allow, what is in it is kept. */
    void run(boolean keep) {
        NavigableSet<Integer> kept = numbers();
        int number = kept.isEmpty() ? 1 : kept.last() + 1;
        long bytes = bytesOf(folder, false) + bytesOf(derived, false) + bytesOf(log, false);
        boolean fits = limits.count() > 0 && bytes <= limits.bytes();
        if (keep && fits) {
            dropOldest(kept, bytes);
        } else if (keep) {
            LOG.warn(
                    "store-not-set-aside bytes={} mostStores={} mostBytes={} action=\"it is deleted\"",
                    bytes,
                    limits.count(),
                    limits.bytes());
        }
        empty(number, keep && fits);
    }

    private void empty(int number, boolean keep) {
        Path to = aside(folder, number);
        Path epochs = folder.resolve(EpochTable.FILE);
        if (disk.exists(epochs)) {
            remove(epochs, to, keep);
        }
        Path checkpoint = derived.resolve(Checkpoint.FILE);
        Path toDerived = to.resolve(String.valueOf(derived.getFileName()));
        if (disk.exists(checkpoint)) {
            remove(checkpoint, toDerived, keep);
        }
        removeAll(derived, toDerived, keep);
        removeAll(log, aside(log, number), keep);
        if (keep) {
            LOG.warn(
                    "store-set-aside folder={} log={} action=\"delete both when nothing in them is needed any more; after {}"
                            + " more they are deleted\"",
                    to,
                    aside(log, number),
                    limits.count());
        }
    }

    private static Path aside(Path in, int number) {
        return in.resolve(NAME + number);
    }

    /** Those that are kept now, the oldest first. */
    private NavigableSet<Integer> numbers() {
        NavigableSet<Integer> numbers = new TreeSet<>();
        List<Path> all = new ArrayList<>(disk.list(folder));
        all.addAll(disk.list(log));
        for (Path each : all) {
            String name = String.valueOf(each.getFileName());
            if (name.matches(NAME + "\\d{1," + MAX_DIGITS + "}") && disk.isFolder(each)) {
                numbers.add(Integer.parseInt(name.substring(NAME.length())));
            }
        }
        return numbers;
    }

    /** Deletes until there is room for one more. */
    private void dropOldest(NavigableSet<Integer> kept, long bytes) {
        long all = bytes;
        for (int number : kept) {
            all += bytesOf(aside(folder, number), true) + bytesOf(aside(log, number), true);
        }
        while (!kept.isEmpty() && (kept.size() >= limits.count() || all > limits.bytes())) {
            int oldest = kept.removeFirst();
            long gone = bytesOf(aside(folder, oldest), true) + bytesOf(aside(log, oldest), true);
            delete(aside(folder, oldest));
            delete(aside(log, oldest));
            all -= gone;
            LOG.warn(
                    "set-aside-deleted folder={} bytes={} cause=\"{} stores of {} bytes are kept at most\"",
                    aside(folder, oldest),
                    gone,
                    limits.count(),
                    limits.bytes());
        }
    }

    /** The bytes of the files in a folder; {@code deep}: and in those below it. */
    private long bytesOf(Path in, boolean deep) {
        long bytes = 0;
        for (Path each : disk.list(in)) {
            if (!disk.isFolder(each)) {
                try (DiskFile open = disk.openRead(each)) {
                    bytes += open.size();
                }
            } else if (deep) {
                bytes += bytesOf(each, true);
            }
        }
        return bytes;
    }

    private void delete(Path path) {
        for (Path each : disk.list(path)) {
            if (disk.isFolder(each)) {
                delete(each);
            } else {
                disk.delete(each);
            }
        }
        disk.delete(path);
    }

    private void removeAll(Path from, Path to, boolean keep) {
        List<Path> files =
                disk.list(from).stream().filter(each -> !disk.isFolder(each)).toList();
        for (Path file : files) {
            remove(file, to, keep);
        }
    }

    /** Moves a file into a folder, or deletes it; durable when this returns. */
    private void remove(Path file, Path to, boolean keep) {
        if (keep) {
            disk.createFolders(to);
            disk.rename(file, to.resolve(String.valueOf(file.getFileName())));
            disk.forceFolder(to);
        } else {
            disk.delete(file);
        }
        Path from = file.getParent();
        if (from != null) {
            disk.forceFolder(from);
        }
    }
}
