package org.merlinmq.storage;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.merlinmq.storage.disk.Disk;
import org.merlinmq.storage.disk.DiskException;
import org.merlinmq.storage.run.RunSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What recovery starts from: up to where the log is durable and indexed, and by which files.
 *
 * <pre>
 *  0 "MERLINCP"       8
 *  8 version          4   1
 * 12 lastStoreMillis  8   the latest store time below the offset
 * 20 runSetBytes      4
 * 24 runSet           runSetBytes, see RunSet
 *    crc32c           4   of all before
 * </pre>
 *
 * <p>Format: big-endian; docs/formats/checkpoint.md. The file is replaced as a whole.
 *
 * @param lastStoreMillis the latest store time below the offset; store times never go back
 * @param runs the offset and the files
 */
record Checkpoint(long lastStoreMillis, RunSet runs) {
    /** The file's name in the folder of what is derived from the log. */
    static final String FILE = "checkpoint";

    private static final Logger LOG = LoggerFactory.getLogger(Checkpoint.class);
    private static final byte[] MAGIC = "MERLINCP".getBytes(StandardCharsets.US_ASCII);
    private static final int VERSION = 1;
    private static final int HEAD_BYTES = 24;
    private static final int CRC_BYTES = 4;

    /** Room for a million runs; more is no checkpoint. */
    private static final int MAX_BYTES = 64 << 20;

    byte[] write() {
        byte[] set = runs.write();
        ByteBuffer out = ByteBuffer.allocate(HEAD_BYTES + set.length + CRC_BYTES);
        out.put(MAGIC)
                .putInt(VERSION)
                .putLong(lastStoreMillis)
                .putInt(set.length)
                .put(set);
        return out.putInt(crc(out.array(), out.position())).array();
    }

    /** Reads the bytes of a checkpoint; says what is wrong with them in an {@link IllegalArgumentException}. */
    static Checkpoint read(byte[] bytes) {
        if (bytes.length < HEAD_BYTES + CRC_BYTES) {
            throw new IllegalArgumentException("expected at least 28 bytes, found " + bytes.length);
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        int end = bytes.length - CRC_BYTES;
        if (in.getInt(end) != crc(bytes, end)) {
            throw new IllegalArgumentException("its checksum does not match its content");
        }
        byte[] magic = new byte[MAGIC.length];
        in.get(magic);
        int version = in.getInt();
        if (!Arrays.equals(magic, MAGIC) || version != VERSION) {
            throw new IllegalArgumentException("expected version " + VERSION + ", found " + version);
        }
        long lastStoreMillis = in.getLong();
        int setBytes = in.getInt();
        if (setBytes != end - HEAD_BYTES) {
            throw new IllegalArgumentException(
                    "expected a run set of " + (end - HEAD_BYTES) + " bytes, found " + setBytes);
        }
        return new Checkpoint(lastStoreMillis, RunSet.read(bytes, HEAD_BYTES, setBytes));
    }

    private static int crc(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }

    void store(Disk disk, Path folder) {
        disk.replace(folder.resolve(FILE), write());
    }

    /**
     * The last checkpoint; null, and said, if there is none that can be read: then the whole log has to be.
     *
     * @throws DiskException if a folder has its name, so that none could be written either
     */
    static @Nullable Checkpoint load(Disk disk, Path folder) {
        Path file = folder.resolve(FILE);
        if (!disk.exists(file)) {
            return null;
        }
        if (disk.isFolder(file)) {
            throw new DiskException(
                    file + ": expected a file, found a folder; move it elsewhere, and the indexes are made anew from"
                            + " the log.",
                    false,
                    null);
        }
        try {
            return read(disk.readAll(file, MAX_BYTES));
        } catch (IllegalArgumentException | DiskException e) {
            LOG.error(
                    "checkpoint-damaged file={} cause=\"{}\" action=\"the whole log is read instead\"",
                    file,
                    e.getMessage());
            return null;
        }
    }
}
