package org.merlinmq.storage.log;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.merlinmq.platform.disk.Disk;
import org.merlinmq.platform.disk.DiskException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A small file that says where the next start cuts the log: where a failed write left a hole, or where this log parts from the one
 * that it is to follow. Batches above a hole were refused, but their bytes may be in the file, and must not come back.
 *
 * <p>Threading: any thread.
 *
 * <p>Errors: on a broken disk the mark may fail, too. Then the refused records may come back at the next start, as those
 * may that were written right before a crash. So it is with a mark that is damaged, which is reported: a wrong
 * one would cut off messages.
 *
 * <p>Format: {@code cut OFFSET CRC32C}, the checksum in 8 hexadecimal digits and of all before it; 0.1.0 wrote the offset alone.
 */
final class PoisonMark {
    private static final Logger LOG = LoggerFactory.getLogger(PoisonMark.class);
    private static final int MAX_BYTES = 64;
    private static final Pattern MARK = Pattern.compile("(cut (\\d{1,18}) )([0-9a-f]{8})");
    private static final Pattern FORMER_MARK = Pattern.compile("\\d{1,18}");

    private final Disk disk;
    private final Path folder;
    private final Path path;
    private long marked = Long.MAX_VALUE;

    PoisonMark(Disk disk, Path folder) {
        this.disk = disk;
        this.folder = folder;
        this.path = folder.resolve("cut-at");
    }

    synchronized void set(long logOffset) {
        if (logOffset >= marked) {
            return;
        }
        marked = logOffset;
        try {
            write(logOffset);
        } catch (DiskException e) {
            LOG.error("poison-mark-failed logOffset={} cause=\"{}\"", logOffset, e.getMessage());
        }
    }

    /** Durable when this returns; an older mark below stays. */
    void write(long logOffset) {
        String offset = "cut " + Math.min(logOffset, find()) + " ";
        disk.replace(path, (offset + checksum(offset)).getBytes(StandardCharsets.US_ASCII));
    }

    private static String checksum(String text) {
        CRC32C crc = new CRC32C();
        crc.update(text.getBytes(StandardCharsets.US_ASCII));
        return "%08x".formatted(crc.getValue());
    }

    /** The marked offset; {@link Long#MAX_VALUE} if there is none, or, reported, if it is damaged. */
    long find() {
        if (!isSet()) {
            return Long.MAX_VALUE;
        }
        try {
            String text = new String(disk.readAll(path, MAX_BYTES), StandardCharsets.US_ASCII);
            Matcher mark = MARK.matcher(text);
            if (mark.matches() && checksum(mark.group(1)).equals(mark.group(3))) {
                return Long.parseLong(mark.group(2));
            }
            if (FORMER_MARK.matcher(text).matches()) {
                return Long.parseLong(text);
            }
            LOG.error(
                    "poison-mark-damaged file={} found=\"{}\" action=\"the log is not cut: of the last messages that were"
                            + " refused before the last stop some may be there\"",
                    path,
                    text.replaceAll("[^ -~]", "?"));
        } catch (DiskException e) {
            LOG.error(
                    "poison-mark-unreadable file={} cause=\"{}\" action=\"the log is not cut\"", path, e.getMessage());
        }
        return Long.MAX_VALUE;
    }

    boolean isSet() {
        return disk.exists(path);
    }

    void clear() {
        disk.delete(path);
        disk.forceFolder(folder);
    }
}
