package org.merlinmq.storage.log;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.merlinmq.platform.disk.Disk;
import org.merlinmq.platform.disk.DiskException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which part of a log was written under which master: epoch N begins at the offset that its master found when it took over.
 * Two logs that agree on an epoch and its beginning hold the same bytes up to where the shorter one of that epoch ends. A
 * store that never had another master has one epoch, 0, from its beginning on.
 *
 * <pre>
 *  0 "MERLINEP"   8
 *  8 version      4   1
 * 12 epochs       4   how many follow, oldest first, each
 *      number     4
 *      logOffset  8   of its first record
 *    crc32c       4   of all before
 * </pre>
 *
 * <p>Threading: any thread.
 *
 * <p>Format: big-endian; docs/formats/epochs.md. The file is replaced as a whole.
 */
public final class EpochTable {
    /** The file's name in the folder of the store. */
    public static final String FILE = "epochs";

    private static final Logger LOG = LoggerFactory.getLogger(EpochTable.class);
    private static final byte[] MAGIC = "MERLINEP".getBytes(StandardCharsets.US_ASCII);
    private static final int VERSION = 1;
    private static final int HEAD_BYTES = 16;
    private static final int EPOCH_BYTES = 12;
    private static final int CRC_BYTES = 4;
    private static final int MAX_BYTES = 1 << 20;

    private final Disk disk;
    private final Path file;
    private volatile List<Epoch> epochs;

    /**
     * The time of one master.
     *
     * @param number of the epoch; later ones are larger
     * @param logOffset where its first record begins
     */
    public record Epoch(int number, long logOffset) {}

    private EpochTable(Disk disk, Path file, List<Epoch> epochs) {
        this.disk = disk;
        this.file = file;
        this.epochs = epochs;
    }

    /**
     * Reads the table of a store, or begins it with epoch 0. One that is damaged or gone is reported and begun again: its
     * store has to be compared with its master's as a whole. One of another version of MerlinMQ is left as it is.
     *
     * @param disk holds the file
     * @param folder of the store
     * @param expected whether the store had a table before
     * @return the table
     * @throws DiskException if the table has another version
     */
    public static EpochTable open(Disk disk, Path folder, boolean expected) {
        Path file = folder.resolve(FILE);
        if (disk.exists(file)) {
            int version = VERSION;
            try {
                ByteBuffer in = whole(disk.readAll(file, MAX_BYTES));
                version = in.getInt();
                if (version == VERSION) {
                    return new EpochTable(disk, file, read(in));
                }
            } catch (IllegalArgumentException | DiskException e) {
                reportLost(file, String.valueOf(e.getMessage()));
            }
            if (version != VERSION) {
                throw new DiskException(
                        file + " has version " + version + ", and this server reads version " + VERSION
                                + ": start the version of MerlinMQ that wrote it",
                        false,
                        null);
            }
        } else if (expected) {
            reportLost(file, "the file is missing");
        }
        EpochTable begun = new EpochTable(disk, file, List.of(new Epoch(0, 0)));
        try {
            begun.store(begun.epochs);
        } catch (DiskException e) {
            if (!e.full()) {
                throw e;
            }
            LOG.warn("epochs-not-written file={} cause=\"{}\" action=\"at the next start\"", file, e.getMessage());
        }
        return begun;
    }

    private static void reportLost(Path file, String cause) {
        LOG.error(
                "epochs-lost file={} cause=\"{}\" action=\"begun again with epoch 0; nothing is lost where no other broker"
                        + " was master of this store; else compare it as a whole with its master before it follows one\"",
                file,
                cause);
    }

    /**
     * All epochs.
     *
     * @return oldest first, at least one
     */
    public List<Epoch> epochs() {
        return epochs;
    }

    /**
     * Whether the store is that of a member of a broker group.
     *
     * @return false if it has only the epoch that each store begins with
     */
    public boolean isOfGroup() {
        return epochs.getLast().number > 0;
    }

    /**
     * The epoch that a record was written in.
     *
     * @param logOffset where the record begins
     * @return the last one that does not begin behind it
     */
    public Epoch at(long logOffset) {
        List<Epoch> now = epochs;
        int i = now.size() - 1;
        while (i > 0 && now.get(i).logOffset > logOffset) {
            i--;
        }
        return now.get(i);
    }

    /**
     * Begins an epoch; durable when this returns.
     *
     * @param number larger than that of the last one
     * @param logOffset where its first record will begin; not below the last one's
     */
    public synchronized void begin(int number, long logOffset) {
        Epoch last = epochs.getLast();
        if (number <= last.number || logOffset < last.logOffset) {
            throw new IllegalArgumentException("epoch " + number + " at " + logOffset + " cannot follow " + last);
        }
        List<Epoch> more = new ArrayList<>(epochs);
        more.add(new Epoch(number, logOffset));
        store(more);
        epochs = List.copyOf(more);
    }

    /**
     * Puts the epochs of another log in the place of these, of which this log holds the beginning; durable when this returns.
     *
     * @param others oldest first, at least one
     */
    public synchronized void adopt(List<Epoch> others) {
        for (int i = 1; i < others.size(); i++) {
            Epoch before = others.get(i - 1);
            if (others.get(i).number <= before.number || others.get(i).logOffset < before.logOffset) {
                throw new IllegalArgumentException(others.get(i) + " cannot follow " + before);
            }
        }
        if (!others.equals(epochs)) {
            store(others);
            epochs = List.copyOf(others);
        }
    }

    /**
     * Forgets the epochs that begin behind the end of the log: what they were to follow is gone.
     *
     * @param logEnd where the log ends
     */
    public synchronized void endAt(long logEnd) {
        List<Epoch> reached = new ArrayList<>(epochs);
        while (reached.size() > 1 && reached.getLast().logOffset > logEnd) {
            reached.removeLast();
        }
        try {
            adopt(reached);
        } catch (DiskException e) {
            if (!e.full()) {
                throw e;
            }
            // The file says so at the next start.
            epochs = List.copyOf(reached);
        }
    }

    private void store(List<Epoch> all) {
        ByteBuffer out = ByteBuffer.allocate(HEAD_BYTES + all.size() * EPOCH_BYTES + CRC_BYTES);
        out.put(MAGIC).putInt(VERSION).putInt(all.size());
        all.forEach(epoch -> out.putInt(epoch.number).putLong(epoch.logOffset));
        out.putInt(crc(out.array(), out.position()));
        disk.replace(file, out.array());
    }

    /** The content of a file that is not damaged, from its version on. */
    private static ByteBuffer whole(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        int end = bytes.length - CRC_BYTES;
        if (end < HEAD_BYTES || in.getInt(end) != crc(bytes, end)) {
            throw new IllegalArgumentException("its checksum does not match its content");
        }
        if (!Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw new IllegalArgumentException("it is no such file");
        }
        return in.position(MAGIC.length).limit(end);
    }

    private static List<Epoch> read(ByteBuffer in) {
        int count = in.getInt();
        if (count < 1 || in.remaining() != (long) count * EPOCH_BYTES) {
            throw new IllegalArgumentException("it has " + in.remaining() + " bytes for " + count + " epochs");
        }
        List<Epoch> found = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            found.add(new Epoch(in.getInt(), in.getLong()));
        }
        return List.copyOf(found);
    }

    private static int crc(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }
}
