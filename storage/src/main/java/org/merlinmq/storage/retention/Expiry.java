package org.merlinmq.storage.retention;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;

/**
 * Decides which segments are deleted: always from the oldest on, never the one that is written.
 *
 * <ul>
 *   <li>Those whose newest message is older than {@code retention} go in the hours set for it, or at once while the disk
 *       is used above {@code maxUsed}.
 *   <li>Above {@code forceAt} the oldest go however young, as many as bring the use below it. Set it to 1 to keep all
 *       that is young, consumed or not, and have writes refused instead.
 *   <li>At {@code refuseAt} nothing more is stored.
 * </ul>
 *
 * <p>Threading: a pure function.
 *
 * @param retention the age
 * @param deleteHours hours of the day, 0 to 23
 * @param maxUsed share of the disk, 0 to 1
 * @param forceAt share of the disk, 0 to 1; 1 is never, also on a disk without a free byte
 * @param refuseAt share of the disk, 0 to 1
 */
public record Expiry(Duration retention, List<Integer> deleteHours, double maxUsed, double forceAt, double refuseAt) {
    /** The most segments deleted by force in one round: deleting is slow, and the use is asked again after each round. */
    static final int MAX_FORCED = 10;

    /**
     * How full the disk is.
     *
     * @param totalBytes its size
     * @param usableBytes what may still be filled
     */
    public record DiskUse(long totalBytes, long usableBytes) {
        double share() {
            return totalBytes <= 0 ? 0 : 1 - (double) usableBytes / totalBytes;
        }
    }

    /**
     * What to do now.
     *
     * @param expired how many of the oldest segments are too old
     * @param forced how many of those behind them have to make room
     * @param refusal why nothing is stored; empty if all is well
     */
    public record Plan(int expired, int forced, String refusal) {
        /** How many of the oldest segments to delete. */
        public int segments() {
            return expired + forced;
        }
    }

    /**
     * Copies the list.
     *
     * @param retention see the record
     * @param deleteHours see the record
     * @param maxUsed see the record
     * @param forceAt see the record
     * @param refuseAt see the record
     */
    public Expiry {
        deleteHours = List.copyOf(deleteHours);
    }

    /**
     * Decides.
     *
     * @param now the time
     * @param zone whose hours of the day count
     * @param disk how full it is
     * @param segmentBytes the size of a segment
     * @param newestMillis when the newest message of each segment was stored, oldest segment first, without the one that
     *     is written
     * @return what to do
     */
    public Plan plan(Instant now, ZoneId zone, DiskUse disk, long segmentBytes, long[] newestMillis) {
        double used = disk.share();
        int expired = 0;
        if (used > maxUsed || deleteHours.contains(now.atZone(zone).getHour())) {
            long oldest = now.minus(retention).toEpochMilli();
            while (expired < newestMillis.length && newestMillis[expired] < oldest) {
                expired++;
            }
        }
        double usedThen = used - (double) expired * segmentBytes / Math.max(1, disk.totalBytes);
        int forced = 0;
        while (forceAt < 1 && usedThen >= forceAt && forced < MAX_FORCED && expired + forced < newestMillis.length) {
            forced++;
            usedThen -= (double) segmentBytes / Math.max(1, disk.totalBytes);
        }
        return new Plan(expired, forced, used < refuseAt ? "" : refusal(used));
    }

    private String refusal(double used) {
        return String.format(
                Locale.ROOT,
                "The disk is %.1f %% full, and from %.1f %% on nothing is stored. Free space or let messages expire"
                        + " sooner; writes return by themselves. Reading goes on.",
                used * 100,
                refuseAt * 100);
    }
}
