package org.merlinmq.replication.core;

import java.util.List;

/**
 * How a member of a broker group replicates.
 *
 * @param member its number in the group, its {@code brokerId} of the property file: promotions do not change it
 * @param members the numbers of all whose copies count. Others may follow, too
 * @param copies how many members besides the leader must have a message before its sender hears that it is stored; 0 is {@code
 *     async}
 * @param flushed whether the disks of these members, and the leader's, must have confirmed it
 * @param segmentBytes the size of the log's segments, the same at all members
 * @param windowBytes how much may be under way to a follower
 * @param chunkBytes the most in one message
 * @param catchUpBytesPerSecond how fast a follower gets what it lacks while it lags by more than {@code inSyncBytes}
 * @param inSyncBytes a follower that lags by no more is in sync. Source: RocketMQ's haMaxGapNotInSync
 * @param heartbeatMillis how often an idle leader is heard
 * @param timeoutMillis a connection that was silent for so long is closed
 * @param retryMillis how long to wait before connecting again
 */
public record ReplicationSettings(
        int member,
        List<Integer> members,
        int copies,
        boolean flushed,
        long segmentBytes,
        int windowBytes,
        int chunkBytes,
        long catchUpBytesPerSecond,
        long inSyncBytes,
        long heartbeatMillis,
        long timeoutMillis,
        long retryMillis) {
    /**
     * Checks each setting.
     *
     * @throws IllegalArgumentException naming the setting, what was expected and what was found
     */
    public ReplicationSettings {
        members = List.copyOf(members);
        check(member >= 0 && member <= EpochNumbers.MAX_MEMBER, "member", "0 to " + EpochNumbers.MAX_MEMBER, member);
        for (int each : members) {
            check(each >= 0 && each <= EpochNumbers.MAX_MEMBER, "members", "0 to " + EpochNumbers.MAX_MEMBER, each);
        }
        check(members.stream().distinct().count() == members.size(), "members", "each number once", members);
        check(copies >= 0 && copies < Math.max(1, members.size()), "copies", "fewer than there are members", copies);
        check(chunkBytes > 0, "chunkBytes", "more than 0", chunkBytes);
        check(windowBytes >= chunkBytes, "windowBytes", "at least chunkBytes", windowBytes);
        check(catchUpBytesPerSecond > 0, "catchUpBytesPerSecond", "more than 0", catchUpBytesPerSecond);
        check(inSyncBytes > 0, "inSyncBytes", "more than 0", inSyncBytes);
        check(heartbeatMillis > 0, "heartbeatMillis", "more than 0", heartbeatMillis);
        check(timeoutMillis > heartbeatMillis, "timeoutMillis", "more than heartbeatMillis", timeoutMillis);
        check(retryMillis > 0, "retryMillis", "more than 0", retryMillis);
    }

    private static void check(boolean holds, String name, String expected, Object found) {
        if (!holds) {
            throw new IllegalArgumentException(name + ": expected " + expected + ", found " + found);
        }
    }

    /**
     * The settings that hold where nothing is configured.
     *
     * @param member its number in the group
     * @param members the numbers of all
     * @param copies how many copies make a message stored
     * @param flushed whether on their disks
     * @return RocketMQ's values, where it has them
     */
    public static ReplicationSettings defaults(int member, List<Integer> members, int copies, boolean flushed) {
        return new ReplicationSettings(
                member,
                members,
                copies,
                flushed,
                1L << 30,
                16 << 20,
                1 << 20,
                400L << 20,
                256L << 20,
                5_000,
                20_000,
                1_000);
    }

    /** All members but this one. */
    List<Integer> others() {
        return members.stream().filter(each -> each != member).toList();
    }

    /** Whether this member's copy counts. */
    boolean counts() {
        return members.contains(member);
    }

    /**
     * How many members that have lost nothing must have promised before one of them leads: together with any {@code copies}
     * members and their leader they are more than all. So one of them has each message that was confirmed, and too few are
     * left to confirm another one to an earlier leader.
     */
    int promises() {
        return copies == 0 ? 1 : members.size() - copies;
    }
}
