package org.merlinmq.storage.log;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.storage.queue.EntrySlice;

/**
 * Reads records of the log for one thread, many with one call of the system where they lie close together.
 *
 * <p>Queues share the log, so the records of one queue lie between those of others; and who reads one of them often reads
 * the others, too. What one call brought stays at hand, in a window of bounded size:
 *
 * <pre>
 *   log     ... a1 b1 c1 a2 b2 c2 a3 b3 c3 | a4 ...
 *                └──────── window ───────┘        read for queue a, used for b and c
 * </pre>
 *
 * <p>Published bytes never change, so a window stays true. A record in it is checked each time it is handed out, as one
 * from the file is.
 *
 * <p>Threading: owned by one thread.
 *
 * <p>Errors: a {@link DiskException} with file and position where the disk cannot be read.
 */
public final class RecordReader {
    /** {@link #read}: the record was copied and is what was written. */
    public static final int READ_OK = 0;

    /** {@link #read}: the segment was deleted. */
    public static final int READ_REMOVED = 1;

    /** {@link #read}: there is something else than what was written; it was reported. */
    public static final int READ_DAMAGED = 2;

    /** The most that one call reads. It fits the second-level cache of a core, beside what it is copied to. */
    static final int WINDOW_BYTES = 256 * 1024;

    /** Bytes between two records that are read with them: they cost less than a second call. */
    private static final int GAP_BYTES = 8 * 1024;

    /** Bytes before a record that a window begins with. */
    private static final int BEFORE_BYTES = 4 * 1024;

    private final LogReader log;
    private final CRC32C crc = new CRC32C();

    private ByteBuffer window = ByteBuffer.allocate(0);
    private long windowBegin;
    private long windowEnd;

    RecordReader(LogReader log) {
        this.log = log;
    }

    /**
     * Copies one record and checks that it is what was written.
     *
     * @param entries say where records lie; those behind {@code i} are likely to be read next
     * @param i the entry of the record
     * @param to where it is copied
     * @param at first byte there
     * @return {@link #READ_OK}, {@link #READ_REMOVED} or {@link #READ_DAMAGED}
     */
    public int read(EntrySlice entries, int i, byte[] to, int at) {
        long logOffset = entries.logOffset[i];
        int size = entries.size[i];
        Segment segment = log.segment(logOffset);
        if (segment == null || size <= 0 || logOffset + size > segment.end()) {
            return log.unreadable(logOffset, size, segment);
        }
        boolean fromWindow = logOffset >= windowBegin && logOffset < windowEnd;
        if (!copy(segment, entries, i, to, at)) {
            return READ_REMOVED;
        }
        if (crcOf(to, at, size) == entries.crc[i]) {
            return READ_OK;
        }
        if (fromWindow) {
            // The file decides: a damaged index may have led this reader to bytes that were not published yet.
            windowEnd = windowBegin;
            return read(entries, i, to, at);
        }
        return log.damaged(logOffset, size, "has another checksum");
    }

    private int crcOf(byte[] bytes, int at, int count) {
        crc.reset();
        crc.update(bytes, at, count);
        return (int) crc.getValue();
    }

    private boolean copy(Segment segment, EntrySlice entries, int i, byte[] to, int at) {
        long from = entries.logOffset[i];
        int left = entries.size[i];
        // An answer that begins in the window and ends behind it gets a window of its own: the others that are read in
        // turn begin and end beside it.
        boolean begins = i == 0 && closeEnd(entries, 0) > windowEnd;
        while (left > 0) {
            if (begins || from < windowBegin || from >= windowEnd) {
                if (!load(segment, from, left, closeEnd(entries, i))) {
                    return false;
                }
                begins = false;
            }
            int part = (int) Math.min(left, windowEnd - from);
            window.get((int) (from - windowBegin), to, at + entries.size[i] - left, part);
            from += part;
            left -= part;
        }
        return true;
    }

    /** Where the last record ends that lies close to the one before it, from an entry on. */
    private static long closeEnd(EntrySlice entries, int i) {
        long begin = entries.logOffset[i];
        long end = begin + entries.size[i];
        for (int next = i + 1; next < entries.count && end - begin < WINDOW_BYTES; next++) {
            long nextBegin = entries.logOffset[next];
            if (nextBegin < end || nextBegin - end > GAP_BYTES) {
                break;
            }
            end = nextBegin + entries.size[next];
        }
        return end;
    }

    /**
     * Reads from an offset in a record on.
     *
     * @param left bytes of the record from there on
     * @param end where what is wanted ends
     */
    private boolean load(Segment segment, long from, int left, long end) {
        // Whoever goes on beside or behind the window is on its way through the log. What is read in turn with it may
        // begin a little before it.
        boolean goesOn = windowEnd > windowBegin && from >= windowBegin && from - windowEnd <= GAP_BYTES;
        long begin = goesOn ? Math.max(segment.base(), from - BEFORE_BYTES) : from;
        long wanted = goesOn ? Math.max(end, log.maxLogOffset()) : end;
        try {
            return load(segment, begin, (int)
                    (Math.min(Math.min(wanted, begin + WINDOW_BYTES), segment.end()) - begin));
        } catch (DiskException e) {
            // Perhaps it is only what lies beside the record that cannot be read.
            return load(segment, from, Math.min(left, WINDOW_BYTES));
        }
    }

    private boolean load(Segment segment, long from, int bytes) {
        if (window.capacity() == 0) {
            window = ByteBuffer.allocateDirect(WINDOW_BYTES);
        }
        windowBegin = from;
        windowEnd = from;
        window.limit(bytes).position(0);
        if (!segment.read(from, window)) {
            return false;
        }
        windowEnd = from + bytes;
        return true;
    }
}
