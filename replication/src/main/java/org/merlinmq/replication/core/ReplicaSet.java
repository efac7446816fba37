package org.merlinmq.replication.core;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the members of a group have of the leader's log, and so what is confirmed.
 *
 * <p>Only what followers say of this leader's time counts: they have its epoch in their tables then, so no log without it can
 * count as newer. Hence nothing is confirmed before enough of them have reached the epoch's beginning.
 */
final class ReplicaSet {
    private record Copy(long written, long flushed) {}

    private final ReplicationSettings settings;
    private final long epochBegin;
    private final Map<Integer, Copy> copies = new TreeMap<>();
    private long published;
    private long flushed;
    private long confirmed;

    ReplicaSet(ReplicationSettings settings, long epochBegin, long published, long flushed) {
        this.settings = settings;
        this.epochBegin = epochBegin;
        this.published = published;
        this.flushed = flushed;
    }

    /** The leader's own log has grown, or more of it is on its disk. */
    void own(long publishedEnd, long flushedEnd) {
        published = Math.max(published, publishedEnd);
        flushed = Math.max(flushed, flushedEnd);
    }

    /** A member says what it has. Others than those who count are left out. */
    void has(int member, long writtenEnd, long flushedEnd) {
        if (member != settings.member() && settings.members().contains(member)) {
            copies.put(member, new Copy(writtenEnd, flushedEnd));
        }
    }

    /** A member is not connected any more. What it has it keeps, but it gets no more. */
    void gone(int member) {
        copies.remove(member);
    }

    /** How many followers lag by no more than is allowed. */
    int inSync() {
        int count = 0;
        for (Copy copy : copies.values()) {
            count += published - copy.written <= settings.inSyncBytes() ? 1 : 0;
        }
        return count;
    }

    /**
     * Up to where so many members besides the leader have the log, at the configured level.
     *
     * @return a log offset; 0 if there are not so many
     */
    long endOf(int count) {
        long own = settings.flushed() ? flushed : published;
        if (count == 0) {
            return own;
        }
        long[] ends = new long[copies.size()];
        int i = 0;
        for (Copy copy : copies.values()) {
            ends[i++] = settings.flushed() ? copy.flushed : copy.written;
        }
        Arrays.sort(ends);
        return ends.length < count ? 0 : Math.min(own, ends[ends.length - count]);
    }

    /** What is confirmed: grows only. */
    long confirmed() {
        long now = endOf(settings.copies());
        if (now >= epochBegin) {
            confirmed = Math.max(confirmed, now);
        }
        return confirmed;
    }
}
