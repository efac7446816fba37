package org.merlinmq.storage;

import org.merlinmq.storage.log.CommitLog;
import org.merlinmq.storage.run.DamagedRunException;
import org.merlinmq.storage.timer.TimerIndex;

/**
 * Lets the log go of a segment only when no delayed message waits in it: those that do are carried over to the log's end
 * first, and what settled them is on the disk, whatever the flush mode is.
 *
 * <p>Threading: {@code store-tail}.
 */
final class SegmentRelease {
    /** What came of a segment. */
    enum Answer {
        /** Nothing in it is waited for. */
        MAY_GO,
        /** Some of what waits in it was carried over; the next call takes more. */
        SOON,
        /** What waits in it cannot be carried over now. */
        STAYS
    }

    private final CommitLog log;
    private final TimerIndex timers;
    private final CarryOver carryOver;

    /** No pending timer lies below. What is added later lies at the log's end, so this never goes back. */
    private long noneBelow;

    SegmentRelease(CommitLog log, TimerIndex timers, CarryOver carryOver) {
        this.log = log;
        this.timers = timers;
        this.carryOver = carryOver;
    }

    /** Says whether a segment may go, and does what it takes. */
    Answer ask(long segmentEnd) {
        if (isWaitedFor(segmentEnd)) {
            boolean carried = carryOver.below(segmentEnd);
            if (isWaitedFor(segmentEnd)) {
                return carried ? Answer.SOON : Answer.STAYS;
            }
        }
        // Delivered copies too may still be in the page cache alone, and be all that is left.
        long settledBy = log.maxLogOffset();
        return log.flush() >= settledBy ? Answer.MAY_GO : Answer.STAYS;
    }

    private boolean isWaitedFor(long segmentEnd) {
        if (segmentEnd <= noneBelow) {
            return false;
        }
        if (!timers.damaged().isEmpty()) {
            // Which timers there are is not known until the next start has mended it from the log.
            return true;
        }
        long end = log.maxLogOffset();
        try {
            noneBelow = Math.min(end, timers.firstLogOffset());
        } catch (DamagedRunException e) {
            timers.damaged(e);
            return true;
        }
        return segmentEnd > noneBelow;
    }
}
