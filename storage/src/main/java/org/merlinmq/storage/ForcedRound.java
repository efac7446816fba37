package org.merlinmq.storage;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells whether carrying delayed messages over by force still makes room. Where a disk is full of them alone it does not: each
 * old segment that goes has made a new one necessary, round after round, for nothing but wear.
 *
 * <p>So the log is gone through once. If then not even a sixteenth of what was deleted is gained, no segment with delayed
 * messages is deleted by force until a sixteenth of them is delivered, or the log has grown by a sixteenth. None is lost: the
 * disk stays full, sends are refused as on any full disk, and what is due is delivered.
 *
 * <p>Threading: {@code store-tail}.
 */
final class ForcedRound {
    private static final Logger LOG = LoggerFactory.getLogger(ForcedRound.class);
    private static final int SHARE = 16;

    /** What the log had when the round began, to be deleted by force until it is over; 0 before the first. */
    private long roundBytes;

    private long carriedBytes;
    private long deletedBytes;

    /** How many messages waited when the last round had gained nothing; -1 while rounds do gain. */
    private long vainCount = -1;

    private long vainEnd;

    void carried(long bytes) {
        carriedBytes += bytes;
    }

    void deleted(long bytes) {
        deletedBytes += bytes;
    }

    /**
     * Whether to carry over what waits in the log's first segment.
     *
     * @param begin of the log
     * @param end of the log
     * @param waiting how many delayed messages there are
     */
    boolean mayGain(long begin, long end, long waiting) {
        if (vainCount >= 0) {
            boolean changed = waiting <= vainCount - vainCount / SHARE || end - vainEnd >= (end - begin) / SHARE;
            if (!changed) {
                return false;
            }
            start(end - begin);
        } else if (deletedBytes >= roundBytes) {
            boolean gains = roundBytes == 0 || carriedBytes < deletedBytes - deletedBytes / SHARE;
            start(end - begin);
            if (!gains) {
                vainCount = waiting;
                vainEnd = end;
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
        carriedBytes = 0;
        deletedBytes = 0;
        vainCount = -1;
    }
}
