package org.merlinmq.storage;

import org.merlinmq.storage.log.CommitLog;
import org.merlinmq.storage.timer.TimerIndex;
import org.merlinmq.storage.transaction.OpenHalves;

/**
 * Prepares segments for deletion: delayed messages and open half messages that wait in one are relocated to the log's end
 * first, and what settled them is on the disk, whatever the flush mode is.
 *
 * <p>Threading: {@code store-tail}.
 */
final class SegmentRelease {
    /** Whether a segment can be deleted. */
    enum Readiness {
        /** Nothing in it is needed any more. */
        MAY_GO,
        /** Some of what waits in it was relocated; the next call takes more. */
        SOON,
        /** What waits in it cannot be relocated now. */
        STAYS
    }

    private final CommitLog log;
    private final TimerIndex timers;
    private final OpenHalves transactions;
    private final TimerRelocation relocation;
    private final HalfRelocation halfRelocation;
    private final ForcedDeletionGuard guard = new ForcedDeletionGuard();

    SegmentRelease(CommitLog log, Indexes indexes, TimerRelocation relocation, HalfRelocation halfRelocation) {
        this.log = log;
        this.timers = indexes.timers();
        this.transactions = indexes.transactions().halves();
        this.relocation = relocation;
        this.halfRelocation = halfRelocation;
    }

    /** Prepares the log's first segment for deletion; one that is forced out only if that makes room. */
    Readiness prepare(long segmentEnd, boolean forced) {
        // While a run is damaged it is not known which timers there are; and never the segment that is written.
        if (!timers.isSound() || segmentEnd >= log.maxLogOffset()) {
            return Readiness.STAYS;
        }
        // What is added meanwhile lies at the log's end.
        boolean anyTimer = timers.firstLogOffset() < segmentEnd;
        boolean anyHalf = transactions.firstLogOffset() < segmentEnd;
        if (anyTimer || anyHalf) {
            long waiting = timers.count() + transactions.count();
            if (forced && !guard.mayGain(log.reader().minLogOffset(), log.maxLogOffset(), waiting)) {
                return Readiness.STAYS;
            }
            Relocation.Relocated moved = Relocation.Relocated.NONE;
            moved = anyTimer ? moved.and(relocation.below(segmentEnd)) : moved;
            moved = anyHalf ? moved.and(halfRelocation.below(segmentEnd)) : moved;
            if (forced) {
                guard.relocated(moved.bytes());
            }
            if (moved.left()) {
                return moved.messages() > 0 ? Readiness.SOON : Readiness.STAYS;
            }
        }
        // Delivered copies too may still be in the page cache alone, and be all that is left.
        long settledBy = log.maxLogOffset();
        if (log.flush() < settledBy) {
            return Readiness.STAYS;
        }
        if (forced) {
            guard.deleted(segmentEnd - log.reader().minLogOffset());
        }
        return Readiness.MAY_GO;
    }
}
