package org.merlinmq.replication.core;

import java.util.ArrayList;
import java.util.List;
import org.merlinmq.storage.log.EpochTable.Epoch;

/**
 * Which part of a log was written in which epoch: what is compared of two logs to find where they part. Two logs that have an
 * epoch with the same beginning hold the same bytes below it, and in it up to where the shorter one of that epoch ends.
 *
 * @param epochs oldest first, at least one; the first one begins where the first log ever did, even if that part is deleted
 * @param end where the log ends
 */
public record EpochHistory(List<Epoch> epochs, long end) {
    /** Leaves out epochs that begin behind the end: a crash has taken what they were to follow. */
    public EpochHistory {
        int reached = epochs.size();
        while (reached > 1 && epochs.get(reached - 1).logOffset() > end) {
            reached--;
        }
        epochs = List.copyOf(reached == epochs.size() ? epochs : epochs.subList(0, reached));
    }

    /** The newest epoch; nothing need be written in it. */
    public Epoch last() {
        return epochs.getLast();
    }

    /** Where an epoch ends. */
    private long endOf(int i) {
        return i + 1 < epochs.size() ? epochs.get(i + 1).logOffset() : end;
    }

    /**
     * Where two logs part.
     *
     * @param other another log
     * @return all bytes below are the same in both; 0 if they have nothing in common
     */
    public long commonEnd(EpochHistory other) {
        int mine = epochs.size() - 1;
        int others = other.epochs.size() - 1;
        while (mine >= 0 && others >= 0) {
            Epoch a = epochs.get(mine);
            Epoch b = other.epochs.get(others);
            if (a.equals(b)) {
                return Math.min(endOf(mine), other.endOf(others));
            }
            if (a.number() >= b.number()) {
                mine--;
            }
            if (b.number() >= a.number()) {
                others--;
            }
        }
        return 0;
    }

    /**
     * Whether this log has what another one lacks of what may have been confirmed: a later epoch, or more of the same one.
     *
     * @param other another log
     * @return false if they are equal
     */
    public boolean isAheadOf(EpochHistory other) {
        int mine = last().number();
        int others = other.last().number();
        return mine == others ? end > other.end : mine > others;
    }

    /**
     * The same log after it has grown, or was cut at its end.
     *
     * @param newEnd where it ends then
     * @return its history
     */
    public EpochHistory withEnd(long newEnd) {
        return newEnd == end ? this : new EpochHistory(epochs, newEnd);
    }

    /**
     * The same log with a new epoch, which begins at its end.
     *
     * @param number of the epoch
     * @return its history
     */
    public EpochHistory begin(int number) {
        if (number <= last().number()) {
            throw new IllegalArgumentException("epoch " + number + " cannot follow " + last());
        }
        List<Epoch> more = new ArrayList<>(epochs);
        more.add(new Epoch(number, end));
        return new EpochHistory(more, end);
    }
}
