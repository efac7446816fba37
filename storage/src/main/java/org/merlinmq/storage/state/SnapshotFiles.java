package org.merlinmq.storage.state;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.merlinmq.platform.disk.Damage;
import org.merlinmq.platform.disk.Disk;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.platform.disk.DiskFile;
import org.merlinmq.platform.disk.FileNames;
import org.merlinmq.platform.disk.Mapping;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Snapshots of a table, each with the log offset that it is of: {@code NAME-N.snap}, N counting up. The last two that are
 * whole are kept, so that one may be damaged or gone.
 *
 * <p>A snapshot counts as a whole or not at all: one checksum covers it.
 *
 * <p>Threading: one thread at a time.
 *
 * <p>Format: big-endian; docs/formats/state-snapshot.md.
 *
 * <pre>
 * "MERLINSN" 8 | version 4 = 1 | kind 4 | number 8 | logOffset 8 | entries, see {@link EntryFormat} | count 8 | CRC32C 4
 * </pre>
 */
public final class SnapshotFiles {
    /** Snapshots of the state. */
    public static final int STATE = 1;

    /** Snapshots of the queue table. */
    public static final int QUEUES = 2;

    /** Snapshots of the open transactions. */
    public static final int TRANSACTIONS = 3;

    /** How many are kept. */
    public static final int KEPT = 2;

    private static final Logger LOG = LoggerFactory.getLogger(SnapshotFiles.class);
    private static final byte[] MAGIC = "MERLINSN".getBytes(StandardCharsets.US_ASCII);
    private static final int VERSION = 1;

    /** The number of a snapshot of another version. */
    private static final long UNKNOWN = -1;

    private static final int NUMBER_AT = 16;
    private static final int HEAD_BYTES = 32;
    private static final int TAIL_BYTES = 12;
    private static final int CHUNK_BYTES = 256 << 10;
    private static final String ENDING = ".snap";
    private static final String UNFINISHED = ".snap.new";

    /**
     * A snapshot in the folder that is whole.
     *
     * @param number counts up from snapshot to snapshot
     * @param logOffset the table is as of here: with all changes whose records begin below
     */
    public record Snapshot(long number, long logOffset) {}

    private final Disk disk;
    private final Path folder;
    private final String name;
    private final int kind;
    private final Consumer<Damage> damages;

    /** Whole ones, the newest first. */
    private final List<Snapshot> whole = new ArrayList<>();

    private long nextNumber = 1;

    /** Those that are damaged or gone, with what is wrong with them. */
    private final Map<Path, Damage> lost = new LinkedHashMap<>();

    /**
     * Looks at what is there.
     *
     * @param disk holds the files
     * @param folder of the files; made if missing
     * @param name begins their names
     * @param kind what they are snapshots of
     * @param damages called by {@link #reportLost} with each that is not whole
     */
    public SnapshotFiles(Disk disk, Path folder, String name, int kind, Consumer<Damage> damages) {
        this.disk = disk;
        this.folder = folder;
        this.name = name;
        this.kind = kind;
        this.damages = damages;
        disk.createFolders(folder);
        for (Path path : disk.list(folder)) {
            long number = number(path);
            if (number >= 0) {
                nextNumber = Math.max(nextNumber, number + 1);
                Snapshot found = check(path, number);
                if (found != null) {
                    whole.add(found);
                }
            }
        }
        whole.sort(Comparator.comparingLong(Snapshot::number).reversed());
    }

    private long number(Path path) {
        return number(path, name, ENDING);
    }

    /** The number in a file's name, {@code NAME-N} and an ending; -1 if it has another form. */
    static long number(Path path, String name, String ending) {
        String file = String.valueOf(path.getFileName());
        boolean ours = file.startsWith(name + "-") && file.endsWith(ending);
        String middle = ours ? file.substring(name.length() + 1, file.length() - ending.length()) : "";
        return middle.matches("\\d{20}") ? Long.parseLong(middle) : -1;
    }

    private Path path(long number, String ending) {
        return folder.resolve(fileName(name, number, ending));
    }

    static String fileName(String name, long number, String ending) {
        return name + "-" + FileNames.digits(number) + ending;
    }

    /** The snapshot in a file; null, and noted, if it is not whole. */
    private @Nullable Snapshot check(Path path, long number) {
        Snapshot found = read(path, number);
        if (found != null && found.number == UNKNOWN) {
            throw new DiskException(
                    path + ": expected version " + VERSION + ", found " + found.logOffset
                            + "; start the version of MerlinMQ that wrote it",
                    false,
                    null);
        }
        return found;
    }

    private @Nullable Snapshot read(Path path, long number) {
        try (DiskFile file = disk.openRead(path)) {
            if (file.size() < HEAD_BYTES + TAIL_BYTES || file.size() > Integer.MAX_VALUE) {
                return damaged(path, 0, "is no snapshot: it has " + file.size() + " bytes");
            }
            try (Mapping mapping = file.map(0, file.size())) {
                return read(path, number, mapping.bytes().asByteBuffer());
            }
        } catch (DiskException e) {
            return damaged(path, 0, "cannot be read: " + e.getMessage());
        }
    }

    private @Nullable Snapshot read(Path path, long number, ByteBuffer in) {
        int crcAt = in.limit() - Integer.BYTES;
        CRC32C crc = new CRC32C();
        crc.update(in.slice(0, crcAt));
        if ((int) crc.getValue() != in.getInt(crcAt)) {
            return damaged(path, crcAt, "has another checksum than its content");
        }
        boolean ours = in.slice(0, MAGIC.length).equals(ByteBuffer.wrap(MAGIC))
                && in.getInt(MAGIC.length + Integer.BYTES) == kind
                && in.getLong(NUMBER_AT) == number;
        if (!ours) {
            return damaged(path, 0, "is the snapshot of something else");
        }
        if (in.getInt(MAGIC.length) != VERSION) {
            return new Snapshot(UNKNOWN, in.getInt(MAGIC.length));
        }
        return new Snapshot(number, in.getLong(NUMBER_AT + Long.BYTES));
    }

    private @Nullable Snapshot damaged(Path path, long at, String what) {
        lost.put(path, new Damage(path, at, what));
        return null;
    }

    /**
     * Whether any is damaged or gone of those that were kept when a checkpoint was made: then two are to be written anew.
     *
     * @param number of the newest one then; 0 if there was none, or if nothing is known
     * @return true if so
     */
    public boolean anyLost(long number) {
        nextNumber = Math.max(nextNumber, number + 1);
        // Newer ones may have been written without a checkpoint that names them, and take an older one's place.
        boolean there = whole.stream().anyMatch(each -> each.number >= number);
        if (number > 0 && !there && !lost.containsKey(path(number, ENDING))) {
            damaged(path(number, ENDING), 0, "the file is missing");
        }
        if (number > 1 && whole.size() + lost.size() < KEPT) {
            damaged(path(number - 1, ENDING), 0, "the file is missing");
        }
        return !lost.isEmpty();
    }

    /**
     * Reports each one that {@link #anyLost} found, once.
     *
     * @param effect what that costs, and what is used instead
     */
    public void reportLost(String effect) {
        lost.values()
                .forEach(each -> damages.accept(new Damage(each.file(), each.position(), each.what() + "; " + effect)));
        lost.clear();
    }

    /**
     * The newest one that a log with a given end can go on from. If the log ends below all of them, as one that was cut by
     * hand does, the oldest: better settings that are too new than none.
     *
     * @param logEnd where the log ends
     * @return null if none is whole
     */
    public @Nullable Snapshot newest(long logEnd) {
        for (Snapshot each : whole) {
            if (each.logOffset <= logEnd) {
                return each;
            }
        }
        if (whole.isEmpty()) {
            return null;
        }
        Snapshot last = whole.getLast();
        LOG.warn(
                "snapshot-beyond-log file={} logOffset={} logEnd={} action=\"used: there is no older one\"",
                path(last.number, ENDING),
                last.logOffset,
                logEnd);
        return last;
    }

    /**
     * Goes back to the snapshot of a number, as a checkpoint has it: later ones, which a crash left without a checkpoint, are
     * forgotten.
     *
     * @param number its number
     * @return null, and nothing is forgotten, if it is not whole or not there any more
     */
    public @Nullable Snapshot goBackTo(long number) {
        Snapshot found =
                whole.stream().filter(each -> each.number == number).findFirst().orElse(null);
        if (found != null) {
            whole.removeIf(each -> each.number > number);
        }
        return found;
    }

    /**
     * Deletes those that are of a later moment than a log that is cut back will have; durable when this returns.
     *
     * @param logEnd where the log will end
     */
    public void dropBeyond(long logEnd) {
        for (Snapshot each : List.copyOf(whole)) {
            if (each.logOffset > logEnd) {
                disk.delete(path(each.number, ENDING));
                whole.remove(each);
            }
        }
        disk.forceFolder(folder);
    }

    /**
     * Reads a snapshot.
     *
     * @param snapshot of {@link #newest}
     * @param into takes all entries
     */
    public void read(Snapshot snapshot, StateVisitor into) {
        try (DiskFile file = disk.openRead(path(snapshot.number, ENDING));
                Mapping mapping = file.map(0, file.size())) {
            ByteBuffer in = mapping.bytes().asByteBuffer();
            long count = in.getLong(in.limit() - TAIL_BYTES);
            EntryFormat.visit(in.slice(HEAD_BYTES, in.limit() - HEAD_BYTES - TAIL_BYTES), count, into);
        }
    }

    /**
     * The number of the newest one.
     *
     * @return 0 if there is none
     */
    public long newestNumber() {
        return whole.isEmpty() ? 0 : whole.getFirst().number;
    }

    /**
     * Whether two are whole, and both are of a log offset or above: any one of them may be lost then, as long as the log
     * has its records from there on.
     *
     * @param logOffset a log offset
     * @return false if another is to be written
     */
    public boolean reach(long logOffset) {
        return whole.size() >= KEPT && whole.get(KEPT - 1).logOffset >= logOffset;
    }

    /**
     * Writes the next one, and deletes all but the two newest. Durable when this returns.
     *
     * @param logOffset what it is of
     * @param content hands over all entries
     */
    public void write(long logOffset, Consumer<StateVisitor> content) {
        long number = nextNumber;
        Path unfinished = path(number, UNFINISHED);
        try (DiskFile file = disk.create(unfinished)) {
            Writer out = new Writer(file, number, logOffset);
            content.accept(out);
            out.finish();
        }
        disk.rename(unfinished, path(number, ENDING));
        disk.forceFolder(folder);
        nextNumber = number + 1;
        whole.addFirst(new Snapshot(number, logOffset));
        while (whole.size() > KEPT) {
            whole.removeLast();
        }
        deleteOthers();
    }

    private void deleteOthers() {
        for (Path path : disk.list(folder)) {
            long number = number(path);
            boolean kept = number < 0 || whole.stream().anyMatch(each -> each.number == number);
            if (!kept || isUnfinished(path)) {
                disk.delete(path);
            }
        }
    }

    private boolean isUnfinished(Path path) {
        String file = String.valueOf(path.getFileName());
        return file.startsWith(name + "-") && file.endsWith(UNFINISHED);
    }

    /** Puts entries into a file, a chunk at a time. */
    private final class Writer implements StateVisitor {
        private final DiskFile file;
        private final CRC32C crc = new CRC32C();
        private final ByteWriter chunk = new ByteWriter(CHUNK_BYTES);
        private long position;
        private long count;

        Writer(DiskFile file, long number, long logOffset) {
            this.file = file;
            chunk.put(MAGIC).putInt(VERSION).putInt(kind).putLong(number).putLong(logOffset);
        }

        @Override
        public void entry(int type, byte[] key, byte @Nullable [] value) {
            if (value == null) {
                throw new IllegalArgumentException("a snapshot has no removed entries");
            }
            EntryFormat.put(chunk, type, key, value);
            count++;
            if (chunk.length() >= CHUNK_BYTES) {
                flush();
            }
        }

        void finish() {
            chunk.putLong(count);
            crc.update(chunk.array(), 0, chunk.length());
            chunk.putInt((int) crc.getValue());
            file.write(position, chunk.array(), 0, chunk.length());
            file.force();
        }

        private void flush() {
            crc.update(chunk.array(), 0, chunk.length());
            file.write(position, chunk.array(), 0, chunk.length());
            position += chunk.length();
            chunk.clear();
        }
    }
}
