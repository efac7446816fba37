package org.merlinmq.storage.log;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.merlinmq.platform.disk.Disk;
import org.merlinmq.platform.disk.DiskFile;
import org.merlinmq.platform.disk.FileNames;

/**
 * Cuts a closed log back to an offset: keeps what is cut in a file of its own, marks where the log ends, and deletes the segments
 * behind it. The next start, whenever it comes, wipes out the rest of the last segment.
 *
 * <pre>
 *  0 "MERLINCT"   8
 *  8 version      4   1
 * 12 epoch        4   the last one of the log that was cut
 * 16 logOffset    8   of the first byte
 * 24 bytes        8   n
 * 32 content      n   as it lay in the log
 *    crc32c       4   of all before
 * </pre>
 *
 * <p>Threading: one thread, and no store is open.
 *
 * <p>Format: big-endian; docs/formats/cut.md.
 */
public final class LogCut {
    private static final byte[] MAGIC = "MERLINCT".getBytes(StandardCharsets.US_ASCII);
    private static final int VERSION = 1;
    private static final int HEAD_BYTES = 32;
    private static final int CHUNK_BYTES = 1 << 20;

    private final Disk disk;
    private final LogSettings settings;
    private final long logOffset;

    /**
     * A cut that is not done yet.
     *
     * @param disk holds the files
     * @param settings of the log
     * @param logOffset where the log is to end: where a record ends
     */
    public LogCut(Disk disk, LogSettings settings, long logOffset) {
        this.disk = disk;
        this.settings = settings;
        this.logOffset = logOffset;
    }

    /**
     * Where the log begins.
     *
     * @return a log offset; 0 if there is no log
     */
    public long minLogOffset() {
        try (Segments segments = SegmentFolder.open(disk, settings.folder(), settings.segmentBytes(), 0)) {
            return segments.begin();
        }
    }

    /**
     * Whether a cut at this offset, or before it, was begun: then what it cuts is kept already.
     *
     * @return false if the log is as it was
     */
    public boolean isBegun() {
        return new PoisonMark(disk, settings.folder()).find() <= logOffset;
    }

    /**
     * Copies what will be cut to a file. Durable when this returns.
     *
     * @param folder of the file; made if missing
     * @param epoch the last one of this log
     * @return the file; null if there is nothing behind the offset
     */
    public @Nullable Path keep(Path folder, int epoch) {
        Path file = folder.resolve(epoch + "-" + FileNames.digits(logOffset) + ".log");
        Path unfinished = file.resolveSibling(file.getFileName() + ".new");
        try (Segments segments = SegmentFolder.open(disk, settings.folder(), settings.segmentBytes(), 0)) {
            long end = dataEnd(segments);
            if (end == logOffset) {
                return null;
            }
            disk.createFolders(folder);
            try (DiskFile out = disk.create(unfinished)) {
                copy(segments, epoch, end, out);
                out.force();
            }
        }
        disk.rename(unfinished, file);
        disk.forceFolder(folder);
        return file;
    }

    private long dataEnd(Segments segments) {
        long end = logOffset;
        for (Segment segment : segments.all()) {
            if (segment.end() > logOffset) {
                end = Math.max(end, segment.base() + segment.file().dataEnd());
            }
        }
        return end;
    }

    private void copy(Segments segments, int epoch, long end, DiskFile out) {
        CRC32C crc = new CRC32C();
        ByteBuffer head =
                ByteBuffer.allocate(HEAD_BYTES).put(MAGIC).putInt(VERSION).putInt(epoch);
        head.putLong(logOffset).putLong(end - logOffset);
        long position = write(out, 0, head.array(), HEAD_BYTES, crc);
        byte[] chunk = new byte[CHUNK_BYTES];
        for (long at = logOffset; at < end; ) {
            Segment segment = segments.at(at);
            int count = (int) Math.min(chunk.length, Math.min(end, segment.end()) - at);
            segment.read(at, chunk, 0, count);
            position = write(out, position, chunk, count, crc);
            at += count;
        }
        byte[] sum =
                ByteBuffer.allocate(Integer.BYTES).putInt((int) crc.getValue()).array();
        out.write(position, sum, 0, sum.length);
    }

    private static long write(DiskFile out, long position, byte[] bytes, int count, CRC32C crc) {
        crc.update(bytes, 0, count);
        out.write(position, bytes, 0, count);
        return position + count;
    }

    /**
     * Cuts. From here on each start ends the log at the offset, until one has done so. What was derived from the log must not
     * reach beyond it any more.
     */
    public void cut() {
        new PoisonMark(disk, settings.folder()).write(logOffset);
        List<Segment> all;
        try (Segments segments = SegmentFolder.open(disk, settings.folder(), settings.segmentBytes(), 0)) {
            all = segments.all();
        }
        // From the end: a log has no gaps, whenever this is interrupted. The segment that the end lies in stays.
        for (Segment segment : all.reversed()) {
            if (segment.base() > logOffset) {
                disk.delete(segment.path());
                disk.forceFolder(settings.folder());
            }
        }
    }
}
