package org.merlinmq.storage.state;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.merlinmq.storage.disk.Damage;
import org.merlinmq.storage.disk.Disk;
import org.merlinmq.storage.disk.DiskException;
import org.merlinmq.storage.disk.DiskFile;

/**
 * A journal of small state changes with a snapshot.
 *
 * <p>Records state what is so now (topic T has 8 queues), not what changed: one that is replayed twice, or on top of a
 * newer snapshot, does no harm. That lets a snapshot be written while appends go on: they go to the journal of the next
 * generation, which outlives the snapshot.
 *
 * <p>Threading: any thread. Appends of one log wait for each other, never for a snapshot or a sync.
 *
 * <p>Errors: damage is reported where it is found and never applied. After a failed write other than for lack of space
 * all appends fail.
 *
 * <p>Format: docs/formats/state-journal.md.
 */
public final class StateLog implements AutoCloseable {

    /** The highest type that a record may have. */
    public static final int MAX_TYPE = StateFormat.END_TYPE - 1;

    /** Takes records back at the start. */
    @FunctionalInterface
    public interface Applier {
        /**
         * One record.
         *
         * @param type as it was appended
         * @param record its bytes, the receiver's own
         */
        void apply(int type, byte[] record);
    }

    /** Takes the records of a snapshot. */
    @FunctionalInterface
    public interface StateSink {
        /**
         * One record.
         *
         * @param type 0 to {@link #MAX_TYPE}
         * @param record its bytes
         */
        void put(int type, byte[] record);
    }

    private final Disk disk;
    private final Path folder;
    private final String name;
    private final Consumer<Damage> damages;

    /** Journals since the last snapshot, by generation; the last one is appended to. Guarded by this. */
    private final TreeMap<Long, DiskFile> journals = new TreeMap<>();

    // Taken in this order, then the log's own.
    private final Object snapshotLock = new Object();
    private final Object syncLock = new Object();
    private long snapshotGeneration;
    private long end;
    private long olderBytes;
    private byte[] buffer = new byte[512];
    private @Nullable DiskException poison;

    private StateLog(Disk disk, Path folder, String name, Consumer<Damage> damages) {
        this.disk = disk;
        this.folder = folder;
        this.name = name;
        Set<Damage> told = ConcurrentHashMap.newKeySet();
        this.damages = damage -> {
            if (told.add(damage)) {
                damages.accept(damage);
            }
        };
    }

    /**
     * Opens a log or begins one. A torn tail is cut, and said.
     *
     * @param disk holds the files
     * @param folder of the files; made if missing
     * @param name begins the names of the files
     * @param damages told of each damage
     * @return the open log, to be replayed before the first append
     */
    public static StateLog open(Disk disk, Path folder, String name, Consumer<Damage> damages) {
        disk.createFolders(folder);
        StateLog log = new StateLog(disk, folder, name, damages);
        log.recover();
        return log;
    }

    /**
     * Whether a log was begun: one that was has a whole header in its first file before anything relies on it.
     *
     * @param disk holds the files
     * @param folder of the files
     * @param name begins the names of the files
     * @return false if there is no file, or only files that were emptied
     */
    public static boolean isThere(Disk disk, Path folder, String name) {
        for (Path path : disk.list(folder)) {
            String file = String.valueOf(path.getFileName());
            if (file.startsWith(name + "-") && (file.endsWith(".journal") || file.endsWith(".snapshot"))) {
                try (DiskFile open = disk.openRead(path)) {
                    if (open.size() >= StateFormat.HEADER_BYTES) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    private synchronized void recover() {
        List<Long> found = generations(".snapshot");
        snapshotGeneration = found.isEmpty() ? 0 : found.getLast();
        for (long generation : generations(".journal")) {
            if (generation >= snapshotGeneration) {
                journals.put(generation, disk.open(path(generation, ".journal")));
            }
        }
        if (!journals.containsKey(snapshotGeneration) && (snapshotGeneration > 0 || !journals.isEmpty())) {
            // A snapshot is named after its journal was made durable, and the older files go after that.
            damages.accept(new Damage(
                    path(snapshotGeneration, ".journal"), 0, "missing state: this file or a newer snapshot is gone"));
        }
        // The last process may have died between naming the snapshot and making the name durable: without this, a
        // loss of power could bring the old snapshot back after the journals that completed it were deleted unsynced.
        disk.forceFolder(folder);
        deleteBelow(snapshotGeneration);
        if (journals.isEmpty()) {
            appendTo(snapshotGeneration, create(snapshotGeneration));
        } else {
            dropUnbegun();
            cutTail();
            // A process that was killed may have left a journal whose header and name are not durable yet.
            journals.values().forEach(DiskFile::force);
            disk.forceFolder(folder);
        }
    }

    /** A full disk, or a crash, may have kept the last journal from being begun: nothing was appended to it then. */
    private void dropUnbegun() {
        while (journals.size() > 1 && journals.lastEntry().getValue().size() == 0) {
            DiskFile unbegun = journals.pollLastEntry().getValue();
            unbegun.close();
            disk.delete(unbegun.path());
        }
    }

    private void cutTail() {
        journals.forEach((generation, file) -> {
            boolean last = generation.equals(journals.lastKey());
            int whole = wholeRecords(generation, file);
            if (whole < file.size()) {
                damages.accept(new Damage(
                        file.path(), whole, "torn tail: " + (file.size() - whole) + " bytes are no whole record: cut"));
                file.truncate(whole);
            }
            if (whole < StateFormat.HEADER_BYTES) {
                file.write(0, StateFormat.header(StateFormat.JOURNAL, generation), 0, StateFormat.HEADER_BYTES);
            }
            if (last) {
                end = Math.max(whole, StateFormat.HEADER_BYTES);
            } else {
                olderBytes += whole;
            }
        });
    }

    private static int wholeRecords(long generation, DiskFile file) {
        // Damage in the middle is told by the replay.
        try (StateFile journal = new StateFile(file, StateFormat.JOURNAL, generation, damage -> {})) {
            return journal.replay(null);
        }
    }

    private List<Long> generations(String ending) {
        List<Long> found = new ArrayList<>();
        for (Path path : disk.list(folder)) {
            String file = String.valueOf(path.getFileName());
            String middle = file.startsWith(name + "-") && file.endsWith(ending)
                    ? file.substring(name.length() + 1, file.length() - ending.length())
                    : "";
            if (middle.matches("\\d{20}")) {
                found.add(Long.parseLong(middle));
            }
        }
        return found;
    }

    private Path path(long generation, String ending) {
        return folder.resolve("%s-%020d%s".formatted(name, generation, ending));
    }

    /** An empty journal that a loss of power cannot take away. */
    private DiskFile create(long generation) {
        DiskFile file = disk.create(path(generation, ".journal"));
        file.write(0, StateFormat.header(StateFormat.JOURNAL, generation), 0, StateFormat.HEADER_BYTES);
        file.force();
        disk.forceFolder(folder);
        return file;
    }

    private void appendTo(long generation, DiskFile journal) {
        journals.put(generation, journal);
        end = StateFormat.HEADER_BYTES;
    }

    private void deleteBelow(long generation) {
        for (String ending : List.of(".journal", ".snapshot")) {
            for (long old : generations(ending)) {
                if (old < generation) {
                    disk.delete(path(old, ending));
                }
            }
        }
        for (long unfinished : generations(".snapshot.tmp")) {
            disk.delete(path(unfinished, ".snapshot.tmp"));
        }
    }

    /**
     * Hands all records to the applier, snapshot first, in the order they were written. May be called by several
     * owners, each picking its types.
     *
     * @param applier takes them; must not append
     */
    public synchronized void replay(Applier applier) {
        Path snapshot = path(snapshotGeneration, ".snapshot");
        if (disk.exists(snapshot)) {
            try (DiskFile file = disk.openRead(snapshot);
                    StateFile read = new StateFile(file, StateFormat.SNAPSHOT, snapshotGeneration, damages)) {
                int whole = read.replay(applier);
                if (whole < read.size() || !read.isComplete(whole)) {
                    damages.accept(new Damage(snapshot, whole, "damaged state: the snapshot's end is missing"));
                }
            }
        }
        journals.forEach((generation, file) -> {
            try (StateFile journal = new StateFile(file, StateFormat.JOURNAL, generation, damages)) {
                journal.replay(applier);
            }
        });
    }

    /**
     * Appends one record: in the page cache when this returns, durable after {@link #sync}.
     *
     * @param type 0 to {@link #MAX_TYPE}, the owner's
     * @param record its bytes, at most 16 MiB
     */
    public synchronized void append(int type, byte[] record) {
        check(type, record);
        if (poison != null) {
            throw new DiskException("an earlier write of the state failed: repair the disk and restart", false, poison);
        }
        int bytes = StateFormat.RECORD_HEAD_BYTES + record.length;
        if (buffer.length < bytes) {
            buffer = new byte[bytes];
        }
        StateFormat.putRecord(buffer, 0, journals.lastKey(), type, record);
        try {
            journals.lastEntry().getValue().write(end, buffer, 0, bytes);
        } catch (DiskException e) {
            // With space again the next record is written over what there is of this one.
            poison = e.full() ? null : e;
            throw e;
        }
        end += bytes;
    }

    private static void check(int type, byte[] record) {
        if (type < 0 || type > MAX_TYPE || record.length > StateFormat.MAX_RECORD_BYTES) {
            throw new IllegalArgumentException("a state record has type 0 to " + MAX_TYPE + " and at most "
                    + StateFormat.MAX_RECORD_BYTES + " bytes, not type " + type + " and " + record.length + " bytes");
        }
    }

    /** Makes durable what was appended before. */
    public void sync() {
        synchronized (syncLock) {
            List<DiskFile> files;
            synchronized (this) {
                files = List.copyOf(journals.values());
            }
            files.forEach(DiskFile::force);
        }
    }

    /**
     * Bytes appended since the last snapshot: the owner's sign to write one.
     *
     * @return bytes
     */
    public synchronized long journalBytes() {
        return olderBytes + end;
    }

    /**
     * Replaces snapshot and journals by a new snapshot. Appends go on meanwhile, to the next journal.
     *
     * @param writer puts the whole state, with all that was appended before this call. An owner that applies a change
     *     after it was appended holds, while putting, the lock that covers both
     */
    public void snapshot(Consumer<StateSink> writer) {
        synchronized (snapshotLock) {
            long generation = lastGeneration() + 1;
            DiskFile journal = create(generation);
            synchronized (this) {
                olderBytes += end;
                appendTo(generation, journal);
            }
            writeSnapshot(generation, writer);
            synchronized (syncLock) {
                synchronized (this) {
                    snapshotGeneration = generation;
                    while (journals.firstKey() < generation) {
                        journals.pollFirstEntry().getValue().close();
                    }
                    olderBytes = 0;
                }
            }
            deleteBelow(generation);
        }
    }

    private synchronized long lastGeneration() {
        return journals.lastKey();
    }

    private void writeSnapshot(long generation, Consumer<StateSink> writer) {
        Path unfinished = path(generation, ".snapshot.tmp");
        try (DiskFile file = disk.create(unfinished)) {
            SnapshotWriter out = new SnapshotWriter(file, generation);
            writer.accept((type, record) -> {
                check(type, record);
                out.put(type, record);
            });
            out.finish();
        }
        disk.rename(unfinished, path(generation, ".snapshot"));
        disk.forceFolder(folder);
    }

    /** Closes the files without a sync. */
    @Override
    public synchronized void close() {
        journals.values().forEach(DiskFile::close);
    }

    private static final class SnapshotWriter {
        private final DiskFile file;
        private final long generation;
        private byte[] buffer = new byte[64 << 10];
        private int length;
        private long position;
        private long records;

        SnapshotWriter(DiskFile file, long generation) {
            this.file = file;
            this.generation = generation;
            System.arraycopy(
                    StateFormat.header(StateFormat.SNAPSHOT, generation), 0, buffer, 0, StateFormat.HEADER_BYTES);
            length = StateFormat.HEADER_BYTES;
        }

        void put(int type, byte[] record) {
            int bytes = StateFormat.RECORD_HEAD_BYTES + record.length;
            if (buffer.length - length < bytes) {
                flush();
                if (buffer.length < bytes) {
                    buffer = new byte[bytes];
                }
            }
            StateFormat.putRecord(buffer, length, generation, type, record);
            length += bytes;
            records++;
        }

        void finish() {
            put(
                    StateFormat.END_TYPE,
                    ByteBuffer.allocate(Long.BYTES).putLong(records).array());
            flush();
            file.force();
        }

        private void flush() {
            file.write(position, buffer, 0, length);
            position += length;
            length = 0;
        }
    }
}
