package org.merlinmq.storage.log;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.protocol.message.RecordLayout;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.storage.queue.EntrySlice;

/**
 * Reads records of the log for one thread, many with one call of the system where they lie close together.
 *
 * <p>Queues share the log, so the records of one queue lie between those of others; and who reads one of them often reads
 * the others, too. What one call brought stays at hand, in two windows of bounded size. Whoever goes on behind a window makes
 * it grow, or begins the next one at its end when it is full, while those a little behind still read the full one:
 *
 * <pre>
 *   log     ... a1 b1 c1 a2 b2 c2 a3 | b3 c3 a4 b4 ...
 *                └──── older ──────┘  └─ newer ──► grows up to its size
 * </pre>
 *
 * <p>A pull through a filter may pass over more than a window with one answer. It then reads its own records, and what lies
 * close between them.
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

    /** The most that one call reads. Two of them fit the second-level cache of a core, beside what they are copied to. */
    static final int WINDOW_BYTES = 256 * 1024;

    /** Bytes between two records of an answer that are read with them: they cost less than a second call. */
    private static final int GAP_BYTES = 8 * 1024;

    /**
     * Whoever reads on within this distance of a window's end is on its way through the log: as far apart are the batches of a
     * queue that shares the log with a few others.
     */
    private static final int NEAR_BYTES = 32 * 1024;

    /** What is read of a record whose size is not known: most are smaller. */
    private static final int FIRST_BYTES = 1024;

    /** A copy of a record larger than this is not kept when the next one is read. */
    private static final int KEPT_BYTES = 64 * 1024;

    private final LogReader log;
    private final CRC32C crc = new CRC32C();

    /** A record that no queue entry led to, and where {@link #find} copies it. */
    private final EntrySlice single = new EntrySlice(1);

    private byte[] found = {};
    private Window newer = new Window();
    private Window older = new Window();

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
        // A sum and no branches: one that is taken only before the first read would have all of this compiled again.
        long atHand = newer.bytes() + older.bytes();
        if (!copy(segment, entries, i, to, at)) {
            return READ_REMOVED;
        }
        if (crcOf(to, at, size) == entries.crc[i]) {
            return READ_OK;
        }
        if (atHand > 0) {
            // The file decides: a damaged index may have led this reader to bytes that were not published yet.
            newer.clear();
            older.clear();
            return read(entries, i, to, at);
        }
        return log.damaged(logOffset, size, "has another checksum");
    }

    /**
     * Looks at the record that begins at an offset which may come from anywhere, as {@link LogReader#readRecord} does.
     *
     * @param logOffset any number
     * @param into set on the record, in bytes that the next call overwrites
     * @return whether a whole one begins there
     */
    public boolean find(long logOffset, RecordView into) {
        Segment segment = log.segment(logOffset);
        long end = segment == null ? 0 : Math.min(log.maxLogOffset(), segment.end());
        if (segment == null || end - logOffset < RecordLayout.MIN_BYTES) {
            return false;
        }
        int first = (int) Math.min(FIRST_BYTES, end - logOffset);
        if (!copySingle(segment, logOffset, first)) {
            return false;
        }
        int size = LogReader.recordBytes(found, logOffset, end);
        return size > 0
                && (size <= first || copySingle(segment, logOffset, size))
                && LogReader.isWhole(found, size, into);
    }

    private boolean copySingle(Segment segment, long logOffset, int size) {
        if (found.length < size || found.length > KEPT_BYTES) {
            found = new byte[Math.max(size, FIRST_BYTES)];
        }
        single.logOffset[0] = logOffset;
        single.size[0] = size;
        return copy(segment, single, 0, found, 0);
    }

    private int crcOf(byte[] bytes, int at, int count) {
        crc.reset();
        crc.update(bytes, at, count);
        return (int) crc.getValue();
    }

    private @Nullable Window window(long logOffset) {
        if (newer.has(logOffset)) {
            return newer;
        }
        return older.has(logOffset) ? older : null;
    }

    private boolean copy(Segment segment, EntrySlice entries, int i, byte[] to, int at) {
        long from = entries.logOffset[i];
        int left = entries.size[i];
        while (left > 0) {
            Window window = window(from);
            if (window == null) {
                window = load(segment, entries, i, from, left);
                if (window == null) {
                    return false;
                }
            }
            int part = (int) Math.min(left, window.end - from);
            window.content.get((int) (from - window.begin), to, at + entries.size[i] - left, part);
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
     * Whether entries lie so far apart that whoever reads them leaves all windows behind: what lies between would be read for
     * nobody.
     */
    private static boolean passesOver(EntrySlice entries) {
        return entries.filtered && entries.logOffset[entries.count - 1] - entries.logOffset[0] > WINDOW_BYTES;
    }

    /**
     * Reads from an offset in a record on, {@code left} bytes of it or the first of them.
     *
     * @return the window that has them; null if the segment was closed
     */
    private @Nullable Window load(Segment segment, EntrySlice entries, int i, long from, int left) {
        long end = closeEnd(entries, i);
        try {
            Window near = newer.endsNear(from) ? newer : older.endsNear(from) ? older : null;
            if (near == null || passesOver(entries)) {
                return load(segment, older, from, end);
            }
            long published = Math.max(end, log.maxLogOffset());
            if (near.begin >= segment.base() && near.begin + WINDOW_BYTES > from) {
                return grow(segment, near, published);
            }
            // The full one stays for those who are a little behind, unless it is the older one already.
            return load(segment, older, Math.max(segment.base(), near.end), published);
        } catch (DiskException e) {
            // Perhaps it is only what lies beside the record that cannot be read.
            return load(segment, older, from, from + left);
        }
    }

    private @Nullable Window load(Segment segment, Window into, long from, long end) {
        into.clear();
        into.begin = from;
        into.end = from;
        return grow(segment, into, end);
    }

    /** Reads more behind the end of a window, and makes it the newer one. */
    private @Nullable Window grow(Segment segment, Window window, long end) {
        long to = Math.min(Math.min(end, window.begin + WINDOW_BYTES), segment.end());
        if (!window.read(segment, to)) {
            return null;
        }
        if (window.equals(older)) {
            older = newer;
            newer = window;
        }
        return window;
    }

    /** Bytes of one segment, without gap. */
    private static final class Window {
        private ByteBuffer content = ByteBuffer.allocate(0);
        private long begin;
        private long end;

        boolean has(long logOffset) {
            return logOffset >= begin && logOffset < end;
        }

        long bytes() {
            return end - begin;
        }

        boolean endsNear(long logOffset) {
            return end > begin && logOffset >= end && logOffset - end <= NEAR_BYTES;
        }

        void clear() {
            end = begin;
        }

        boolean read(Segment segment, long to) {
            if (content.capacity() == 0) {
                content = ByteBuffer.allocateDirect(WINDOW_BYTES);
            }
            content.limit((int) (to - begin)).position((int) (end - begin));
            if (!segment.read(end, content)) {
                return false;
            }
            end = to;
            return true;
        }
    }
}
