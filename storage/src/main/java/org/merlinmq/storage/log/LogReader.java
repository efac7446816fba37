package org.merlinmq.storage.log;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.merlinmq.platform.disk.Disk;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.message.RecordLayout;
import org.merlinmq.protocol.message.RecordView;

/**
 * Reads what is published in the log.
 *
 * <p>Threading: any thread, without a lock. A reader whose segment is deleted meanwhile finds that the record is gone.
 *
 * <p>Units: a {@code logOffset} counts bytes since the first byte ever written.
 *
 * <p>Errors: a {@link org.merlinmq.platform.disk.DiskException} with file and position where the disk cannot be read.
 */
public final class LogReader {
    private final Disk disk;
    private final Segments segments;
    private final LongSupplier publishedEnd;
    private final LongSupplier nowMillis;
    private final DamageReport damage;

    LogReader(Disk disk, Segments segments, LongSupplier publishedEnd, LongSupplier nowMillis) {
        this.disk = disk;
        this.segments = segments;
        this.publishedEnd = publishedEnd;
        this.nowMillis = nowMillis;
        this.damage = new DamageReport(nowMillis);
    }

    /**
     * A reader of records for one thread.
     *
     * @return a reader that holds no memory before it reads
     */
    public RecordReader records() {
        return new RecordReader(this);
    }

    @Nullable Segment segment(long logOffset) {
        return segments.find(logOffset);
    }

    /** What became of a record that does not lie in a segment; found out and, if it is damage, reported. */
    int unreadable(long logOffset, int size, @Nullable Segment segment) {
        if (segment != null) {
            return damaged(logOffset, size, "does not lie in the segment");
        }
        return logOffset < segments.begin()
                ? RecordReader.READ_REMOVED
                : damaged(logOffset, size, "is beyond the log's end");
    }

    int damaged(long logOffset, int size, String what) {
        damage.report(segments.find(logOffset), logOffset, size, what);
        return RecordReader.READ_DAMAGED;
    }

    /**
     * Copies published bytes as they lie in the log, whatever records they are of: what a replica needs, byte by byte, with
     * the blank ends of segments. They need not be on the disk yet.
     *
     * @param logOffset the first
     * @param to where they are copied
     * @param at first byte there
     * @param max the most to copy
     * @return how many, up to the end of the segment; 0 if nothing is published there yet, -1 if the segment was deleted
     */
    public int copy(long logOffset, byte[] to, int at, int max) {
        return copy(logOffset, ByteBuffer.wrap(to, at, max));
    }

    /**
     * Copies published bytes as {@link #copy(long, byte[], int, int)} does. A direct buffer takes them from the system's cache
     * without a copy in between.
     *
     * @param logOffset the first
     * @param to takes as many as fit, or as there are; its position moves behind them
     * @return how many, up to the end of the segment; 0 if nothing is published there yet, -1 if the segment was deleted
     */
    public int copy(long logOffset, ByteBuffer to) {
        long end = publishedEnd.getAsLong();
        if (logOffset > end) {
            throw new IllegalArgumentException("log offset " + logOffset + " is beyond the end, " + end);
        }
        Segment segment = segments.find(logOffset);
        if (segment == null) {
            return logOffset < segments.begin() ? -1 : 0;
        }
        int count = (int) Math.min(to.remaining(), Math.min(end, segment.end()) - logOffset);
        int limit = to.limit();
        to.limit(to.position() + count);
        boolean read = segment.read(logOffset, to);
        to.limit(limit);
        return read ? count : -1;
    }

    /**
     * Copies the record that begins at an offset which may come from anywhere.
     *
     * @param logOffset any number
     * @return the record; null if no whole one begins there
     */
    public byte @Nullable [] readRecord(long logOffset) {
        Segment segment = segments.find(logOffset);
        long end = segment == null ? 0 : Math.min(maxLogOffset(), segment.end());
        if (segment == null || end - logOffset < RecordLayout.MIN_BYTES) {
            return null;
        }
        byte[] head = new byte[RecordLayout.MIN_BYTES];
        if (!segment.read(logOffset, head, 0, head.length)) {
            return null;
        }
        int size = recordBytes(head, logOffset, end);
        if (size < 0) {
            return null;
        }
        byte[] record = new byte[size];
        return segment.read(logOffset, record, 0, size) && isWhole(record, size, new RecordView()) ? record : null;
    }

    /** The size of the record that begins at an offset, by its first bytes; -1 if none does that ends at {@code end}. */
    static int recordBytes(byte[] head, long logOffset, long end) {
        int size = Bytes.getInt(head, 0);
        boolean plausible = Bytes.getLong(head, RecordLayout.LOG_OFFSET_AT) == logOffset
                && size >= RecordLayout.MIN_BYTES
                && size <= end - logOffset
                && size <= LogScan.MAX_RECORD_BYTES;
        return plausible ? size : -1;
    }

    static boolean isWhole(byte[] record, int size, RecordView view) {
        return view.on(record, 0, size) && view.totalBytes() == size && view.bodyCrcMatches();
    }

    /**
     * When a record was stored, read without reading all of it.
     *
     * @param logOffset where the record begins, as a queue entry says
     * @return milliseconds since 1970; -1 if the record is gone
     */
    public long storeMillisAt(long logOffset) {
        Segment segment = segments.find(logOffset);
        if (segment == null || segment.end() - logOffset < RecordLayout.MIN_BYTES) {
            return -1;
        }
        byte[] head = new byte[RecordLayout.MIN_BYTES];
        return segment.read(logOffset, head, 0, head.length)
                ? Bytes.getLong(head, RecordLayout.storeTimeAt(Bytes.getInt(head, RecordLayout.SYS_FLAG_AT)))
                : -1;
    }

    /**
     * Reads a part of what is published again, to mend what was derived from it.
     *
     * @param from where a record begins
     * @param to no record that begins there or behind
     * @param visitor takes the records
     */
    public void scan(long from, long to, RecordVisitor visitor) {
        LogScan.range(segments, from, Math.min(to, maxLogOffset()), visitor);
    }

    /**
     * Where the oldest record may begin.
     *
     * @return a log offset
     */
    public long minLogOffset() {
        return segments.begin();
    }

    /**
     * Where the newest published record ends.
     *
     * @return a log offset
     */
    public long maxLogOffset() {
        return publishedEnd.getAsLong();
    }

    /**
     * The size of each segment.
     *
     * @return bytes
     */
    public long segmentBytes() {
        return segments.segmentBytes();
    }

    /**
     * Where each segment ends that is written no more.
     *
     * @return log offsets, oldest first
     */
    public List<Long> segmentEnds() {
        long written = maxLogOffset();
        return segments.all().stream()
                .map(Segment::end)
                .filter(end -> end <= written)
                .toList();
    }

    /**
     * When the newest record of each segment was stored that is written no more, as well as is known without reading all
     * of it: not after the first record of the next one.
     *
     * @return milliseconds since 1970, oldest first
     */
    public long[] newestMillisBySegment() {
        return segmentEnds().stream()
                .mapToLong(end -> end < maxLogOffset() ? firstMillis(end) : nowMillis.getAsLong())
                .toArray();
    }

    private long firstMillis(long begin) {
        byte[] first = readRecord(begin);
        long stored = first == null ? 0 : storeMillisAt(begin);
        Segment before = segments.find(begin - 1);
        return stored > 0 || before == null ? stored : disk.modifiedMillis(before.path());
    }

    /** Reads that met other bytes than were written. */
    long damagedReads() {
        return damage.found();
    }
}
