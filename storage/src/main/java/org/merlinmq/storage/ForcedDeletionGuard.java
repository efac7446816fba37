package org.merlinmq.storage;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides whether deleting segments by force still makes room, where delayed messages have to be relocated for it. Where a
 * disk is full of them alone it does not: each old segment that goes has made a new one necessary, round after round.
 *
 * <p>So the log is gone through once. If then not even a sixteenth of what was deleted is gained, no segment with delayed
 * messages is deleted by force until a sixteenth of them is delivered, or the log has grown by a sixteenth. None is lost: the
 * disk stays full, sends are refused as on any full disk, and what is due is delivered.
 *
 * <p>Threading: {@code store-tail}.
 */
final class ForcedDeletionGuard {
    private static final Logger LOG = LoggerFactory.getLogger(ForcedDeletionGuard.class);
    private static final int SHARE = 16;

    /** What the log had when the round began, to be deleted by force until it is over; 0 before the first. */
    private long roundBytes;

    private long relocatedBytes;
    private long deletedBytes;

    /** How many messages waited when the last round had gained nothing; -1 while rounds do gain. */
    private long countWithoutGain = -1;

    private long endWithoutGain;

    void relocated(long bytes) {
        relocatedBytes += bytes;
    }

    void deleted(long bytes) {
        deletedBytes += bytes;
    }

    /**
     * Whether to relocate what waits in the log's first segment.
     *
     * @param begin of the log
     * @param end of the log
     * @param waiting how many delayed messages there are
     */
    boolean mayGain(long begin, long end, long waiting) {
        if (countWithoutGain >= 0) {
            boolean changed = waiting <= countWithoutGain - countWithoutGain / SHARE
                    || end - endWithoutGain >= (end - begin) / SHARE;
            if (!changed) {
                return false;
            }
            start(end - begin);
        } else if (deletedBytes >= roundBytes) {
            boolean gains = roundBytes == 0 || relocatedBytes < deletedBytes - deletedBytes / SHARE;
            start(end - begin);
            if (!gains) {
                countWithoutGain = waiting;
                endWithoutGain = end;
                LOG.warn(
                        "disk-full-of-delayed-messages count={} logBytes={} cause=\"the log was copied to its own end, and"
                                + " no room was gained: nearly all of it waits to be delivered\" action=\"nothing more is"
                                + " deleted by force until a part was delivered; no message is lost\" cure=\"enlarge the"
                                + " disk, or free it of other files\"",
                        waiting,
                        end - begin);
                return false;
            }
        }
        return true;
    }

    private void start(long logBytes) {
        roundBytes = logBytes;
        relocatedBytes = 0;
        deletedBytes = 0;
        countWithoutGain = -1;
    }
}
