package org.merlinmq.storage.timer;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.merlinmq.storage.run.PairTail;

/**
 * What the log has and no run has yet: timers, and ends of timers; and up to where the runs have it all.
 *
 * <p>Threading: guarded by the lock of {@link TimerMemory}. What says how far the runs are is written by the store's tail
 * thread alone, which reads it without the lock.
 */
final class TimerTail {
    private final PairTail timers = new PairTail();
    private final Map<Long, Settled> settled = new HashMap<>();
    private volatile long minLogOffset;
    private long flushedUpTo;
    private Place progress = new Place(0, 0);

    /** The progress, or what it becomes when the flush under way is done; no timer is entered before it. */
    private Place floor = new Place(0, 0);

    /** Enters a timer; returns the due time that it counts with. */
    long add(long dueMillis, long logOffset) {
        long due = dueInOrder(dueMillis, logOffset);
        timers.add(due, logOffset << 1);
        return due;
    }

    /** What is overdue so much comes at once all the same; and the progress never has to go back for it. */
    long dueInOrder(long dueMillis, long logOffset) {
        long due = Math.clamp(dueMillis, 1, TimerIndex.MAX_DUE_MILLIS);
        return floor.isBehind(due, logOffset) ? floor.dueMillis() + 1 : due;
    }

    PairTail.Snapshot snapshot() {
        return timers.snapshot();
    }

    /** The ends that no flush has forgotten yet. */
    Map<Long, Settled> settled() {
        return settled;
    }

    /** Tells when a settled timer was due. Returns false if that was known, or it is not settled. */
    boolean meet(long due, long logOffset) {
        Settled end = settled.get(logOffset);
        if (end == null || end.isKnown()) {
            return false;
        }
        settled.put(logOffset, new Settled(due, end.byLogOffset()));
        return true;
    }

    /** All below were flushed. */
    long flushedUpTo() {
        return flushedUpTo;
    }

    /** All timers before this are settled. */
    Place progress() {
        return progress;
    }

    /** Where the log begins: timers below are gone. */
    long minLogOffset() {
        return minLogOffset;
    }

    void retain(long newMinLogOffset) {
        minLogOffset = newMinLogOffset;
    }

    /** Goes on from a checkpoint. */
    void recover(long upTo, Place settledBefore) {
        flushedUpTo = upTo;
        progress = settledBefore;
        floor = settledBefore;
    }

    /** Enters no timer before a place from now on. */
    void raiseFloor(Place place) {
        if (place.isBehind(floor)) {
            floor = place;
        }
    }

    /** Forgets what a flush has written. */
    void flushed(Set<Long> ended, long upTo, Place first) {
        settled.keySet().removeAll(ended);
        timers.trim(upTo << 1);
        flushedUpTo = Math.max(flushedUpTo, upTo);
        if (first.isBehind(progress)) {
            progress = first;
        }
    }
}
