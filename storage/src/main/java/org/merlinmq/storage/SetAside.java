package org.merlinmq.storage;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.merlinmq.platform.disk.Disk;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.platform.disk.DiskFile;
import org.merlinmq.storage.log.EpochTable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Empties the folder of a closed store, so that it can begin again: its files go to folders inside, or are deleted. What was set
 * aside counts, and can be put back, until the copy in its place is level; {@link SetAsideMark} says so through any crash.
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

    /** Whether {@link #finish} has found that what counts is gone. */
    private volatile boolean lost;

    SetAside(Disk disk, Path folder, Path derived, Path log, SetAsideLimits limits) {
        this.disk = disk;
        this.folder = folder;
        this.derived = derived;
        this.log = log;
        this.limits = limits;
    }

    /**
     * Empties the folder.
     *
     * @param old what its log has; null to keep nothing of it
     * @return whether a store is aside that counts: this one if the limits allow, or the one for which this one is an unfinished copy,
     *     if nobody has deleted that
     */
    boolean run(@Nullable SetAsideLog old) {
        SetAsideMark counting = SetAsideMark.read(disk, folder);
        if (counting != null) {
            boolean there = isThere(counting);
            empty(0, false);
            if (!there) {
                forget();
            }
            return there;
        }
        NavigableSet<Integer> kept = numbers();
        int number = kept.isEmpty() ? 1 : kept.last() + 1;
        long bytes = bytesOf(folder, false) + bytesOf(derived, false) + bytesOf(log, false);
        if (old == null) {
            empty(number, false);
            return false;
        }
        if (limits.count() == 0 || bytes > limits.bytes()) {
            LOG.warn(
                    "store-not-set-aside bytes={} mostStores={} mostBytes={} action=\"it is deleted\"",
                    bytes,
                    limits.count(),
                    limits.bytes());
            empty(number, false);
            return false;
        }
        dropOldest(kept, bytes);
        SetAsideMark mark = new SetAsideMark(SetAsideMark.State.APART, number, old);
        mark.write(disk, folder);
        empty(number, true);
        mark.with(SetAsideMark.State.REPLACED).write(disk, folder);
        return true;
    }

    /** What counts in the place of the store in the folder; null if that one does. */
    @Nullable SetAsideLog counting() {
        SetAsideMark mark = SetAsideMark.read(disk, folder);
        return mark == null || lost ? null : mark.log();
    }

    /** Whether what counts is not there any more; the mark stays until {@link #forget}. */
    boolean isLost() {
        return lost;
    }

    /** From now on the store in the folder counts. What was set aside stays, and is never read again. */
    void forget() {
        SetAsideMark.delete(disk, folder);
        lost = false;
    }

    /** Puts what counts back in its place, and deletes what is there. */
    void putBack() {
        SetAsideMark mark = SetAsideMark.read(disk, folder);
        if (mark == null) {
            throw new IllegalStateException("nothing is set aside in " + folder + " that counts");
        }
        if (mark.state() == SetAsideMark.State.REPLACED) {
            if (!isThere(mark)) {
                throw new DiskException(gone(mark), false, null);
            }
            mark.with(SetAsideMark.State.DROPPING).write(disk, folder);
        }
        if (mark.state() != SetAsideMark.State.APART) {
            empty(0, false);
            mark.with(SetAsideMark.State.APART).write(disk, folder);
        }
        moveBack(mark.number());
        SetAsideMark.delete(disk, folder);
        LOG.warn("store-put-back folder={} logEnds={}", folder, mark.log().end());
    }

    /** Before the store is opened: finishes what was interrupted. */
    void finish() {
        SetAsideMark mark = SetAsideMark.read(disk, folder);
        if (mark != null && mark.state() != SetAsideMark.State.REPLACED) {
            putBack();
        } else if (mark != null && !isThere(mark)) {
            lost = true;
            LOG.error("set-aside-gone cause=\"{}\"", gone(mark));
        }
    }

    private boolean isThere(SetAsideMark mark) {
        return disk.exists(aside(folder, mark.number()).resolve(EpochTable.FILE));
    }

    private String gone(SetAsideMark mark) {
        return aside(folder, mark.number())
                + " is gone, where the store lay whose copy is not finished: what this member has"
                + " acknowledged may be lost";
    }

    /** The epochs come back last. */
    private void moveBack(int number) {
        Path from = aside(folder, number);
        Path fromDerived = from.resolve(String.valueOf(derived.getFileName()));
        moveAll(aside(log, number), log);
        moveAll(fromDerived, derived);
        disk.delete(fromDerived);
        moveAll(from, folder);
        disk.delete(aside(log, number));
        disk.delete(from);
    }

    private void moveAll(Path from, Path to) {
        for (Path each : disk.list(from)) {
            if (!disk.isFolder(each)) {
                remove(each, to, true);
            }
        }
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
