package org.merlinmq.replication.core;

import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.merlinmq.replication.stream.Message.CopyPart;
import org.merlinmq.storage.SetAsideLog;
import org.merlinmq.storage.log.EpochTable.Epoch;

/**
 * The log of a member, as {@link Action}s change it: what a shell carries them out with, on a server as in the simulation.
 *
 * <p>Threading: one thread at a time; {@link #begin}, {@link #end} and {@link #flushed} may grow meanwhile, by sends and their
 * syncs.
 *
 * <p>Errors: a {@link org.merlinmq.platform.disk.DiskException} where the disk fails. What the log then holds is what it
 * holds after a crash at this moment.
 */
public interface GroupLog {
    /** The epochs of the log, oldest first, at least one. */
    List<Epoch> epochs();

    /** Where the log begins. */
    long begin();

    /** Where its last whole record ends. */
    long end();

    /** The end of what is known to be on the disk, at most {@link #end}. */
    long flushed();

    /**
     * Copies bytes of the log below its end.
     *
     * @param from the first
     * @param to takes as many as fit or are there; its position moves behind them
     * @return how many, at most up to the end of a segment; 0 at the log's end, -1 if they are deleted
     */
    int copy(long from, ByteBuffer to);

    /** Brings all of the log to the disk. */
    void flush();

    /** Begins to take bytes of another log at this log's end; it takes no appends until {@link #stopFollowing}. */
    void startFollowing();

    /**
     * Takes bytes of the log that is followed.
     *
     * @param logOffset of the first: where the last ones ended
     * @param bytes cut anywhere
     * @throws org.merlinmq.storage.log.BrokenLogException if they are no records
     */
    void receive(long logOffset, byte[] bytes);

    /** Ends following: what is behind the last whole record is given up. */
    void stopFollowing();

    /**
     * Cuts the log back, keeping what is cut.
     *
     * @param logOffset its new end
     * @return false if it cannot be cut there, since the state of then is not known any more; nothing is changed
     */
    boolean cutBack(long logOffset);

    /**
     * Begins again without records, and sets the old ones aside if there is room for them.
     *
     * @return whether they count still, until {@link #copyIsLevel}
     */
    boolean empty();

    /** What was set aside and counts, in the place of this log; null if nothing was. */
    @Nullable SetAsideLog setAside();

    /** This log counts from now on, durably, and nothing that was set aside. */
    void copyIsLevel();

    /** Puts what was set aside in the place of this log, which is deleted. */
    void putBack();

    /**
     * Puts epochs in the place of the own ones, durably.
     *
     * @param epochs oldest first, at least one
     */
    void adopt(List<Epoch> epochs);

    /**
     * Begins an epoch at the log's end, durably.
     *
     * @param epoch its number
     */
    void beginEpoch(int epoch);

    /**
     * What a copy of this log begins with.
     *
     * @param epoch of the leader
     * @return the parts, the last one marked
     */
    List<CopyPart> copyParts(int epoch);

    /**
     * Takes a part of what a copy begins with. With the last one this log, which has no records, is made anew: it begins and ends
     * where the part says.
     *
     * @param part the part
     * @return whether it was the last
     */
    boolean takeCopyPart(CopyPart part);

    /** Forgets the parts of a copy that was not finished: another one begins. */
    void forgetCopyParts();
}
