package org.merlinmq.storage.log;

import org.merlinmq.platform.disk.Disk;
import org.merlinmq.platform.disk.DiskException;

/**
 * A log between the opening of its files and the first append: what was derived from it can be mended from its records
 * before those since the last checkpoint are read.
 *
 * <p>Threading: one thread.
 */
public final class LogOpening implements AutoCloseable {
    private final LogContext context;
    private final Segments segments;
    private long forced;
    private boolean finished;

    private LogOpening(LogContext context, Segments segments) {
        this.context = context;
        this.segments = segments;
    }

    /**
     * Opens the files in a folder, if there are any.
     *
     * @param context what the log works with
     * @param reached where the last checkpoint was: the files must hold all below it
     * @return the opening
     * @throws DiskException if segments are missing or of a wrong size; nothing was changed then
     */
    public static LogOpening begin(LogContext context, long reached) {
        LogSettings settings = context.settings();
        return new LogOpening(
                context, SegmentFolder.open(context.disk(), settings.folder(), settings.segmentBytes(), reached));
    }

    /**
     * Makes the first segment of a log that begins late, as a copy of one does whose first segments are gone.
     *
     * @param disk holds the files
     * @param settings of the log
     * @param logOffset where it begins: a multiple of the segments' size
     * @throws DiskException if there is a log already
     */
    public static void create(Disk disk, LogSettings settings, long logOffset) {
        disk.createFolders(settings.folder());
        try (Segments segments = SegmentFolder.open(disk, settings.folder(), settings.segmentBytes(), 0)) {
            if (!segments.all().isEmpty()) {
                throw new DiskException(
                        settings.folder() + " holds a log already; a copy begins in an empty folder", false, null);
            }
            segments.ensure(logOffset);
        }
    }

    /**
     * Where the log begins.
     *
     * @return a log offset
     */
    public long minLogOffset() {
        return segments.begin();
    }

    /**
     * Where its files end; what was written ends there or before.
     *
     * @return a log offset; 0 if there is none
     */
    public long endOfFiles() {
        return segments.end();
    }

    /**
     * Reads the records that begin in a range below the checkpoint.
     *
     * @param from where a record begins
     * @param to no record that begins there or behind
     * @param visitor takes the records
     */
    public void scan(long from, long to, RecordVisitor visitor) {
        LogScan.range(segments, from, to, visitor);
    }

    /**
     * Makes sure that all below an offset is on the disk: what the last process wrote may still be on its way there.
     *
     * @param logOffset the end
     */
    public void force(long logOffset) {
        segments.force(Math.max(forced, segments.begin()), logOffset);
        forced = logOffset;
    }

    /**
     * Reads what was written since the last checkpoint, each record handed to the visitor in its order, and cuts off a
     * torn end.
     *
     * @param start where the last checkpoint was
     * @param endsAtDamage whether the log ends at the first damage behind the checkpoint, also where whole records follow:
     *     then {@link CommitLog#hasLostRecords}
     * @param visitor takes the records from there on
     * @param progress called with how far it is
     * @return the log, open for reading and writing; its thread runs
     */
    public CommitLog finish(LogStart start, boolean endsAtDamage, RecordVisitor visitor, ScanProgress progress) {
        forced = start.logOffset();
        if (segments.end() == 0) {
            segments.ensure(0);
        }
        long from = Math.max(start.logOffset(), segments.begin());
        PoisonMark mark = new PoisonMark(context.disk(), context.settings().folder());
        long cutAt = mark.find();
        LogMark followed = LogMark.follows(context.disk(), context.settings().folder());
        LogMark lost = LogMark.lost(context.disk(), context.settings().folder());
        boolean ends = endsAtDamage || followed.isSet();
        ScanReport found = new LogScan(
                        segments, from, start.unsyncedFrom(), ends, cutAt, endsAtDamage ? lost::set : () -> {})
                .run(from, visitor, progress);
        if (followed.isSet()) {
            followed.clear();
        }
        if (mark.isSet()) {
            mark.clear();
        }
        CommitLog log = CommitLog.start(context, segments, forced, start, found);
        finished = true;
        return log;
    }

    /** Closes the files, unless they have become a log. */
    @Override
    public void close() {
        if (!finished) {
            segments.close();
        }
    }
}
