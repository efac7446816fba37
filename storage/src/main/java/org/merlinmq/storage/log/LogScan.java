package org.merlinmq.storage.log;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.message.RecordLayout;
import org.merlinmq.protocol.message.RecordView;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Walks the log record by record, as recovery does.
 *
 * <p>Where no record is found, the scan looks for the next one: magic, its own log offset, sizes and body checksum must
 * all fit, so that no bytes of a message can pose as one. There are three cases:
 *
 * <ul>
 *   <li>there is none: the log ends here, and what is behind is a torn write, to be cut off;
 *   <li>there is one, and up to it there are zeros, in the part that may not have been synced: a crash left a hole, or the
 *       first pages of a write, above which nothing was acknowledged as durable; the log ends here, too;
 *   <li>else the bytes up to it are damaged: they are reported, and the log goes on behind them.
 * </ul>
 *
 * <p>Threading: one thread, nothing else touches the log.
 */
final class LogScan {
    private static final Logger LOG = LoggerFactory.getLogger(LogScan.class);
    private static final int WINDOW_BYTES = 4 << 20;
    private static final int SECTOR_BYTES = 512;

    /** A write that a kill ends stops between two pages of the file; of larger pages, this is a part. */
    private static final int PAGE_BYTES = 4096;

    private static final byte[] ZEROS = new byte[64 << 10];
    private static final long REPORT_BYTES = 64L << 20;

    /** Larger records are taken for damage: no frame brings one. */
    static final int MAX_RECORD_BYTES = 32 << 20;

    private final Segments segments;
    private final long unsyncedFrom;
    private final boolean endsAtDamage;
    private final long limit;
    private final Runnable beforeLoss;
    private final RecordView view = new RecordView();
    private final CRC32C checksum = new CRC32C();
    private final Map<Long, Long> dataEnds = new HashMap<>();
    private long dataEndOf = -1;
    private long dataEnd;

    private final List<ScanReport.Place> damaged = new ArrayList<>();

    // The part of the log that lies in memory now.
    private byte[] window = new byte[WINDOW_BYTES];
    private long windowBegin;
    private int windowBytes;

    private long records;
    private long lastStoreMillis;

    /**
     * A scan.
     *
     * @param segments the log
     * @param from where it will begin
     * @param unsyncedFrom holes from here on may come from a crash; {@link Long#MAX_VALUE} if nothing is known
     * @param endsAtDamage whether the log ends at any damage from there on, not only at a hole
     * @param limit the log ends here at the latest, whatever follows
     * @param beforeLoss called before whole records are given up that lie behind damage, which no crash explains
     */
    LogScan(Segments segments, long from, long unsyncedFrom, boolean endsAtDamage, long limit, Runnable beforeLoss) {
        this.segments = segments;
        this.unsyncedFrom = unsyncedFrom;
        this.endsAtDamage = endsAtDamage;
        this.limit = limit;
        this.beforeLoss = beforeLoss;
        // Before anything is read: see DiskFile.dataEnd.
        for (Segment segment : segments.all()) {
            if (segment.end() > from && segment.base() < limit) {
                dataEnds.put(segment.base(), segment.base() + segment.file().dataEnd());
            }
        }
    }

    /** Where a segment holds nothing but zeros from. */
    private long dataEnd(Segment segment) {
        if (segment.base() != dataEndOf) {
            dataEndOf = segment.base();
            dataEnd = dataEnds.getOrDefault(dataEndOf, segment.end());
        }
        return dataEnd;
    }

    ScanReport run(long from, RecordVisitor visitor, ScanProgress progress) {
        long end = Math.min(walk(from, visitor, progress), limit);
        return new ScanReport(end, records, lastStoreMillis, cut(end), List.copyOf(damaged));
    }

    private long walk(long from, RecordVisitor visitor, ScanProgress progress) {
        long total = segments.end() - from;
        long reportAt = from + REPORT_BYTES;
        long at = from;
        while (at < Math.min(segments.end(), limit)) {
            Segment segment = segments.at(at);
            long next;
            if (isRecord(segment, at)) {
                next = at + view.totalBytes();
                visit(visitor);
            } else {
                next = blankEnd(segment, at);
                next = next < 0 ? behindGap(segment, at) : next;
            }
            if (next < 0) {
                break;
            }
            at = next;
            if (at >= reportAt) {
                progress.scanned(at - from, total);
                reportAt = at + REPORT_BYTES;
            }
        }
        return at;
    }

    /** Reads the records that begin in a range, and changes nothing. */
    static void range(Segments segments, long from, long to, RecordVisitor visitor) {
        LogScan scan = new LogScan(segments, from, Long.MAX_VALUE, false, to, () -> {});
        scan.walk(Math.max(from, segments.begin()), visitor, (done, total) -> {});
    }

    private void visit(RecordVisitor visitor) {
        checksum.reset();
        checksum.update(window, view.recordAt(), view.totalBytes());
        records++;
        lastStoreMillis = Math.max(lastStoreMillis, view.storeMillis());
        visitor.record(view, (int) checksum.getValue());
    }

    /** Whether a whole record lies at an offset; {@code view} is on it then. */
    private boolean isRecord(Segment segment, long at) {
        long room = segment.end() - at;
        if (room < RecordLayout.MIN_BYTES + CommitLog.BLANK_BYTES || at >= dataEnd(segment)) {
            return false;
        }
        int available = load(segment, at, RecordLayout.MIN_BYTES);
        int i = (int) (at - windowBegin);
        int size = Bytes.getInt(window, i);
        if (!isHead(window, i, at) || size < RecordLayout.MIN_BYTES || size > room - CommitLog.BLANK_BYTES) {
            return false;
        }
        if (size > available) {
            if (size > MAX_RECORD_BYTES) {
                return false;
            }
            available = load(segment, at, size);
            i = (int) (at - windowBegin);
        }
        return view.on(window, i, available) && view.queueOffset() >= 0 && view.bodyCrcMatches() && isUntorn(segment);
    }

    /**
     * Whether topic and properties, which no checksum of the record covers, look as they were written. What a torn write
     * leaves out reads as zero: the end of the record, or whole sectors.
     */
    private boolean isUntorn(Segment segment) {
        int end = view.recordAt() + view.totalBytes();
        int lastText = view.propertiesBytes() > 0 ? end - 1 : view.topicAt() + view.topicBytes() - 1;
        if (view.topicBytes() == 0 || window[lastText] == 0) {
            return false;
        }
        int at = view.topicAt();
        while (at < end) {
            long position = windowBegin + at - segment.base();
            int sectorEnd = (int) Math.min(end, at + SECTOR_BYTES - position % SECTOR_BYTES);
            // The last one may hold nothing but the zero length of no properties.
            boolean mayBeZero = sectorEnd == end && at > lastText;
            if (!mayBeZero && isZero(at, sectorEnd)) {
                return false;
            }
            at = sectorEnd;
        }
        return true;
    }

    private boolean isZero(int from, int to) {
        return nonZero(from, to) == to;
    }

    /**
     * The first byte in a part of the window that is not zero, or the part's end. Space that is reserved and not written is
     * megabytes of zeros, and a start runs through them before this code is compiled: few steps, each of many bytes.
     */
    private int nonZero(int from, int to) {
        int at = from;
        while (at < to && window[at] == 0) {
            int some = Math.min(to - at, ZEROS.length);
            int same = Arrays.mismatch(window, at, at + some, ZEROS, 0, some);
            if (same >= 0) {
                return at + same;
            }
            at += some;
        }
        return at;
    }

    private static boolean isHead(byte[] b, int i, long logOffset) {
        int magic = Bytes.getInt(b, i + RecordLayout.MAGIC_AT);
        return (magic == RecordLayout.MAGIC_V1 || magic == RecordLayout.MAGIC_V2)
                && Bytes.getLong(b, i + RecordLayout.LOG_OFFSET_AT) == logOffset;
    }

    /** Where the next segment begins if a blank record, or too little room for one, is here; else -1. */
    private long blankEnd(Segment segment, long at) {
        long room = segment.end() - at;
        if (room < CommitLog.BLANK_BYTES) {
            return segment.end();
        }
        if (at >= dataEnd(segment)) {
            return -1;
        }
        load(segment, at, CommitLog.BLANK_BYTES);
        int i = (int) (at - windowBegin);
        boolean blank = Bytes.getInt(window, i + RecordLayout.MAGIC_AT) == RecordLayout.MAGIC_BLANK
                && Bytes.getInt(window, i) == room;
        return blank ? segment.end() : -1;
    }

    /** Brings at least {@code wanted} bytes into the window, or all up to the segment's end; returns how many. */
    private int load(Segment segment, long at, int wanted) {
        long have = windowBegin + windowBytes - at;
        long room = segment.end() - at;
        if (at >= windowBegin && have >= Math.min(wanted, room)) {
            return (int) Math.min(have, room);
        }
        if (wanted > window.length) {
            window = new byte[wanted];
        }
        windowBegin = at;
        // What lies behind the data is not touched, but for what is asked for.
        long data = Math.max(Math.min(wanted, room), dataEnd(segment) - at);
        windowBytes = (int) Math.min(window.length, Math.min(room, data));
        if (!segment.read(at, window, 0, windowBytes)) {
            throw new DiskException(segment.path() + " was deleted while it was read", false, null);
        }
        return windowBytes;
    }

    /** Decides on a place without a record: where to go on, or -1 if the log ends here. */
    private long behindGap(Segment segment, long at) {
        long next = nextRecord(segment, at + 1);
        if (next < 0) {
            return -1;
        }
        boolean unwritten = at >= unsyncedFrom && isUnwritten(at, next);
        if (at >= unsyncedFrom && (endsAtDamage || unwritten)) {
            LOG.warn(
                    "log-hole file={} position={} logOffset={} bytes={} cause=\"{}\"",
                    segment.path(),
                    at - segment.base(),
                    at,
                    next - at,
                    unwritten
                            ? "a crash between two writes"
                            : "damage; the log ends here, another broker has the rest");
            if (!unwritten) {
                beforeLoss.run();
            }
            return -1;
        }
        for (long from = at; from < next; ) {
            Segment part = segments.at(from);
            long bytes = Math.min(next, part.end()) - from;
            ScanReport.Place place = new ScanReport.Place(part.path(), from - part.base(), from, bytes);
            damaged.add(place);
            LOG.error(
                    "log-damaged file={} position={} logOffset={} bytes={} action=\"skipped; the log goes on behind\"",
                    place.file(),
                    place.position(),
                    place.logOffset(),
                    place.bytes());
            from += bytes;
        }
        return next;
    }

    /** Where the next whole record begins, in this segment or a later one; -1 if there is none. */
    private long nextRecord(Segment first, long from) {
        long at = from;
        for (Segment segment = first; segment != null; segment = segments.find(segment.end())) {
            at = Math.max(at, segment.base());
            long end = Math.min(Math.min(segment.end(), dataEnd(segment) + RecordLayout.MIN_BYTES), limit);
            while (at + RecordLayout.MIN_BYTES <= end) {
                int available = load(segment, at, RecordLayout.MIN_BYTES);
                int i = (int) (at - windowBegin);
                int windowEnd = i + available;
                int last = windowEnd - RecordLayout.MIN_BYTES;
                while (i <= last && !isHead(window, i, windowBegin + i)) {
                    // The magic of a head is behind any zeros that begin here.
                    i = Math.max(i + 1, nonZero(i, windowEnd) - RecordLayout.MAGIC_AT);
                }
                at = windowBegin + i;
                if (i <= last && isRecord(segment, at)) {
                    return at;
                }
                at += i <= last ? 1 : 0;
            }
        }
        return -1;
    }

    /**
     * Whether a crash left the bytes before a record unwritten, all of them or the last pages. Damage looks otherwise: a
     * record ends with its properties or, before two bytes of zero, its topic.
     */
    private boolean isUnwritten(long at, long next) {
        Segment segment = segments.at(next);
        long lastText = next - Short.BYTES - 1 - segment.base();
        long lastPage = segment.base() + lastText / PAGE_BYTES * PAGE_BYTES;
        long from = lastText >= 0 && lastPage >= at ? lastPage : at;
        return firstNonZero(from, next) == next;
    }

    private long firstNonZero(long from, long to) {
        long at = from;
        while (at < to) {
            Segment segment = segments.at(at);
            long end = Math.min(to, dataEnd(segment));
            while (at < end) {
                int available = (int) Math.min(load(segment, at, 1), end - at);
                int i = (int) (at - windowBegin);
                int found = nonZero(i, i + available);
                at = windowBegin + found;
                if (found < i + available) {
                    return at;
                }
            }
            at = Math.min(to, segment.end());
        }
        return to;
    }

    /** Zeroes what is behind the end, so that stale bytes can never be taken for records later. */
    private ScanReport.@Nullable Place cut(long end) {
        long first = firstNonZero(end, segments.end());
        if (first == segments.end()) {
            return null;
        }
        byte[] zeros = new byte[1 << 20];
        long last = first;
        for (long at = first; at < segments.end(); at = firstNonZero(last, segments.end())) {
            Segment segment = segments.at(at);
            int bytes = (int) Math.min(zeros.length, segment.end() - at);
            segment.write(at, zeros, 0, bytes);
            // The window holds what was there before.
            windowBytes = 0;
            last = at + bytes;
        }
        segments.force(end, last);
        Segment segment = segments.at(end);
        ScanReport.Place place = new ScanReport.Place(segment.path(), end - segment.base(), end, last - end);
        LOG.warn(
                "log-cut file={} position={} logOffset={} bytes={} cause=\"no whole record\"",
                place.file(),
                place.position(),
                place.logOffset(),
                place.bytes());
        return place;
    }
}
