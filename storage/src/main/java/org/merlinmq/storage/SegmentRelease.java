package org.merlinmq.storage;

import org.merlinmq.storage.log.CommitLog;
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
    private final ForcedRound round = new ForcedRound();

    SegmentRelease(CommitLog log, TimerIndex timers, CarryOver carryOver) {
        this.log = log;
        this.timers = timers;
        this.carryOver = carryOver;
    }

    /** Says whether the log's first segment may go, and does what it takes; by force only what makes room. */
    Answer ask(long segmentEnd, boolean forced) {
        // While a run is damaged it is not known which timers there are; and never the segment that is written.
        if (!timers.isSound() || segmentEnd >= log.maxLogOffset()) {
            return Answer.STAYS;
        }
        // What is added meanwhile lies at the log's end.
        if (timers.firstLogOffset() < segmentEnd) {
            if (forced && !round.mayGain(log.minLogOffset(), log.maxLogOffset(), timers.count())) {
                return Answer.STAYS;
            }
            CarryOver.Carried carried = carryOver.below(segmentEnd);
            if (forced) {
                round.carried(carried.bytes());
            }
            if (carried.left()) {
                return carried.messages() > 0 ? Answer.SOON : Answer.STAYS;
            }
        }
        // Delivered copies too may still be in the page cache alone, and be all that is left.
        long settledBy = log.maxLogOffset();
        if (log.flush() < settledBy) {
            return Answer.STAYS;
        }
        if (forced) {
            round.deleted(segmentEnd - log.minLogOffset());
        }
        return Answer.MAY_GO;
    }
}
