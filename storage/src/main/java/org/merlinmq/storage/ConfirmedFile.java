package org.merlinmq.storage;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.merlinmq.platform.disk.Disk;
import org.merlinmq.platform.disk.DiskException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Up to where the log was known to be confirmed: what a member of a group may show its consumers after a start, before it hears
 * from the others.
 *
 * <pre>
 *  0 "MERLINCF"   8
 *  8 version      4   1
 * 12 logOffset    8   records that begin below are confirmed
 * 20 crc32c       4   of all before
 * </pre>
 *
 * <p>Threading: the thread that opens the store, then {@code store-tail}, then the one that closes it.
 *
 * <p>Format: big-endian; docs/formats/confirmed.md. The file is replaced as a whole.
 */
final class ConfirmedFile {
    /** The file's name in the folder of what is derived from the log. */
    static final String FILE = "confirmed";

    private static final Logger LOG = LoggerFactory.getLogger(ConfirmedFile.class);
    private static final byte[] MAGIC = "MERLINCF".getBytes(StandardCharsets.US_ASCII);
    private static final int VERSION = 1;
    private static final int BYTES = 24;
    private static final int CRC_AT = 20;
    private static final long UNKNOWN = -1;

    private final Disk disk;
    private final Path file;
    private long logOffset;

    private ConfirmedFile(Disk disk, Path file) {
        this.disk = disk;
        this.file = file;
    }

    /**
     * Reads the file of a store that is being opened. One that says more than the log has is of bytes that were cut off or lost: what
     * comes in their place is not confirmed, so the file is put right before that comes.
     *
     * @param disk holds the file
     * @param folder of what is derived from the log
     * @param logEnd where the log ends
     * @return the file
     * @throws DiskException if it has to be written, and the disk fails
     */
    static ConfirmedFile open(Disk disk, Path folder, long logEnd) {
        ConfirmedFile opened = new ConfirmedFile(disk, folder.resolve(FILE));
        opened.logOffset = opened.read();
        if (opened.logOffset > logEnd) {
            LOG.info("confirmed-end-lowered from={} to={} cause=\"the log ends there\"", opened.logOffset, logEnd);
            opened.write(logEnd);
        }
        return opened;
    }

    private long read() {
        if (!disk.exists(file)) {
            return UNKNOWN;
        }
        try {
            byte[] bytes = disk.readAll(file, 1 << 12);
            ByteBuffer in = ByteBuffer.wrap(bytes);
            if (bytes.length == BYTES
                    && Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)
                    && in.getInt(CRC_AT) == crc(bytes)
                    && in.getInt(8) == VERSION
                    && in.getLong(12) >= 0) {
                return in.getLong(12);
            }
            LOG.warn("confirmed-damaged file={} bytes={} action=\"taken for missing\"", file, bytes.length);
        } catch (DiskException e) {
            LOG.warn("confirmed-unread file={} cause=\"{}\" action=\"taken for missing\"", file, e.getMessage());
        }
        return UNKNOWN;
    }

    /** What the file says; the log's beginning if there is none that can be used. */
    long logOffset(long logBegin, long logEnd) {
        if (logOffset == UNKNOWN && logEnd > logBegin) {
            LOG.warn(
                    "confirmed-unknown file={} logEnd={} effect=\"consumers get messages when other brokers have confirmed"
                            + " them\"",
                    file,
                    logEnd);
        }
        return Math.max(logBegin, logOffset);
    }

    /** Writes the file, unless it says this already; durable when this returns. */
    void write(long end) {
        if (end == logOffset) {
            return;
        }
        ByteBuffer out = ByteBuffer.allocate(BYTES).put(MAGIC).putInt(VERSION).putLong(end);
        out.putInt(crc(out.array()));
        disk.replace(file, out.array());
        logOffset = end;
    }

    private static int crc(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, CRC_AT);
        return (int) crc.getValue();
    }
}
