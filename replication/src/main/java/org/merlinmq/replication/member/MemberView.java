package org.merlinmq.replication.member;

import java.util.List;

/**
 * What a member is and has at a moment.
 *
 * @param member its number
 * @param role what it does
 * @param epoch that it leads in, or the highest that it has promised to
 * @param leader the member that leads, as far as it knows; -1 if it knows none
 * @param begin where its log begins
 * @param end where its last whole record ends
 * @param flushed the end of what its disk has confirmed
 * @param confirmed up to where it knows the log to be confirmed; 0 if it knows of nothing
 * @param inSync how many followers lag by no more than is allowed, if it leads
 * @param doubtful whether it may have lost what it acknowledged
 * @param lagBytes how much it lacks of its leader's log, as of the last word from there; 0 if it leads
 * @param lagMillis for how long it has lacked something
 * @param followers who follows it
 */
public record MemberView(
        int member,
        Role role,
        int epoch,
        int leader,
        long begin,
        long end,
        long flushed,
        long confirmed,
        int inSync,
        boolean doubtful,
        long lagBytes,
        long lagMillis,
        List<FollowerView> followers) {
    /** What a member does. */
    public enum Role {
        /** It takes sends. */
        LEADS,
        /** It takes its leader's log. */
        FOLLOWS,
        /** It looks for a leader, or for promises to lead. */
        STANDS_BY
    }

    /**
     * A follower, as its leader knows it.
     *
     * @param member its number
     * @param written the end of what its system has
     * @param flushed the end of what its disk has confirmed
     * @param lagBytes how much of the log it has not acknowledged
     * @param lagMillis for how long it has lacked something
     */
    public record FollowerView(int member, long written, long flushed, long lagBytes, long lagMillis) {}
}
