package org.merlinmq.storage;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.merlinmq.platform.disk.Disk;
import org.merlinmq.platform.disk.DiskException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What recovery starts from: up to where the log is durable and indexed, and how far each index is.
 *
 * <pre>
 *  0 "MERLINCP"       8
 *  8 version          4   2
 * 12 upToLogOffset    8
 * 20 lastStoreMillis  8   the latest store time below the offset
 * 28 parts            4   how many indexes follow, each
 *      nameBytes      1
 *      name           nameBytes
 *      version        4
 *      progressBytes  4
 *      progress       progressBytes, the index's own
 *    crc32c           4   of all before
 * </pre>
 *
 * <p>Format: big-endian; docs/formats/checkpoint.md. The file is replaced as a whole. Version 1, which 0.1.0 wrote, is read
 * as well.
 *
 * @param upToLogOffset all records below are durable and in the files of all parts; 0 if there is no checkpoint
 * @param lastStoreMillis the latest store time below the offset; store times never go back
 * @param parts the indexes
 */
record Checkpoint(long upToLogOffset, long lastStoreMillis, List<Part> parts) {
    /** Nothing is known: the whole log is read. */
    static final Checkpoint NONE = new Checkpoint(0, 0, List.of());

    /** The file's name in the folder of what is derived from the log. */
    static final String FILE = "checkpoint";

    private static final Logger LOG = LoggerFactory.getLogger(Checkpoint.class);
    private static final byte[] MAGIC = "MERLINCP".getBytes(StandardCharsets.US_ASCII);
    private static final int VERSION = 2;
    private static final int HEAD_BYTES = 32;
    private static final int PART_BYTES = 9;
    private static final int CRC_BYTES = 4;

    /** Room for a million runs; more is no checkpoint. */
    private static final int MAX_BYTES = 64 << 20;

    /**
     * One index.
     *
     * @param name of the index
     * @param version of its progress
     * @param progress what it goes on from; not to be moved
     */
    record Part(String name, int version, ByteBuffer progress) {
        static Part of(String name, int version, byte[] progress) {
            return new Part(name, version, ByteBuffer.wrap(progress));
        }
    }

    /** What is known of an index; null if nothing is. */
    @Nullable Part part(String name) {
        return parts.stream().filter(part -> part.name.equals(name)).findFirst().orElse(null);
    }

    byte[] write() {
        int bytes = HEAD_BYTES + CRC_BYTES;
        for (Part part : parts) {
            bytes += PART_BYTES + name(part).length + part.progress.remaining();
        }
        ByteBuffer out = ByteBuffer.allocate(bytes);
        out.put(MAGIC)
                .putInt(VERSION)
                .putLong(upToLogOffset)
                .putLong(lastStoreMillis)
                .putInt(parts.size());
        for (Part part : parts) {
            byte[] name = name(part);
            out.put((byte) name.length).put(name).putInt(part.version);
            out.putInt(part.progress.remaining()).put(part.progress.duplicate());
        }
        return out.putInt(crc(out.array(), out.position())).array();
    }

    private static byte[] name(Part part) {
        return part.name.getBytes(StandardCharsets.UTF_8);
    }

    /** Reads the bytes of a checkpoint; says what is wrong with them in an {@link IllegalArgumentException}. */
    static Checkpoint read(byte[] bytes) {
        int end = bytes.length - CRC_BYTES;
        if (end < MAGIC.length + Integer.BYTES) {
            throw new IllegalArgumentException("expected at least 16 bytes, found " + bytes.length);
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (in.getInt(end) != crc(bytes, end)) {
            throw new IllegalArgumentException("its checksum does not match its content");
        }
        in.limit(end);
        byte[] magic = new byte[MAGIC.length];
        in.get(magic);
        int version = in.getInt();
        if (!Arrays.equals(magic, MAGIC) || version < 1 || version > VERSION) {
            throw new IllegalArgumentException("expected version " + VERSION + ", found " + version);
        }
        return version == 1 ? CheckpointV1.read(in) : readParts(in);
    }

    private static Checkpoint readParts(ByteBuffer in) {
        expect(in, HEAD_BYTES - MAGIC.length - Integer.BYTES);
        long upTo = in.getLong();
        long lastStoreMillis = in.getLong();
        int count = in.getInt();
        List<Part> parts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            expect(in, 1);
            int nameBytes = in.get() & 0xFF;
            expect(in, nameBytes + 8L);
            byte[] name = new byte[nameBytes];
            in.get(name);
            int version = in.getInt();
            int progressBytes = in.getInt();
            expect(in, progressBytes < 0 ? Long.MAX_VALUE : progressBytes);
            ByteBuffer progress = in.slice(in.position(), progressBytes);
            in.position(in.position() + progressBytes);
            parts.add(new Part(new String(name, StandardCharsets.UTF_8), version, progress));
        }
        if (in.hasRemaining()) {
            throw new IllegalArgumentException(in.remaining() + " bytes are left behind its last index");
        }
        return new Checkpoint(upTo, lastStoreMillis, parts);
    }

    /** Sees that so many bytes are left. */
    static void expect(ByteBuffer in, long bytes) {
        if (in.remaining() < bytes) {
            throw new IllegalArgumentException("it ends too early, at byte " + in.limit());
        }
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
     * The last checkpoint; null if there is none that can be read: then the whole log has to be. One that is damaged, or
     * gone from a folder that has other files, is reported.
     *
     * @throws DiskException if a folder has its name, so that none could be written either
     */
    static @Nullable Checkpoint load(Disk disk, Path folder) {
        Path file = folder.resolve(FILE);
        if (!disk.exists(file)) {
            if (disk.exists(folder)
                    && disk.list(folder).stream().anyMatch(each -> !each.endsWith(ConfirmedFile.FILE))) {
                LOG.error("checkpoint-missing file={} action=\"nothing is lost: the whole log is read instead\"", file);
            }
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
                    "checkpoint-damaged file={} cause=\"{}\" action=\"nothing is lost: the whole log is read"
                            + " instead\"",
                    file,
                    e.getMessage());
            return null;
        }
    }
}
