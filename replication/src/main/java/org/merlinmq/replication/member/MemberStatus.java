package org.merlinmq.replication.member;

import java.util.ArrayList;
import java.util.List;
import org.merlinmq.replication.core.GroupLog;
import org.merlinmq.replication.member.MemberView.FollowerView;
import org.merlinmq.replication.member.MemberView.Role;

/**
 * What a member shows of itself.
 *
 * <p>Threading: written by the member's thread; {@link #view} on any.
 */
final class MemberStatus {
    private static final int NOBODY = -1;

    private final int member;
    private final GroupLog log;
    private final GroupSockets sockets;

    /** What a member is. */
    record State(Role role, int epoch, int leader, boolean doubtful) {}

    private volatile State state = new State(Role.STANDS_BY, 0, NOBODY, false);
    private volatile long confirmed;
    private volatile int inSync;
    private volatile long leaderEnd;
    private volatile long levelMillis;

    MemberStatus(int member, GroupLog log, GroupSockets sockets) {
        this.member = member;
        this.log = log;
        this.sockets = sockets;
    }

    State state() {
        return state;
    }

    void become(State now) {
        state = now;
    }

    void confirmed(long logOffset) {
        confirmed = logOffset;
    }

    void inSync(int copies) {
        inSync = copies;
    }

    /** Notes where the leader's log ended when it welcomed this member. */
    void welcomed(long end, long nowMillis) {
        leaderEnd = end;
        levelMillis = nowMillis;
    }

    /** Notes what the leader says of its log. */
    void heardEnds(long publishedEnd, long confirmedEnd) {
        leaderEnd = publishedEnd;
        confirmed = Math.max(confirmed, confirmedEnd);
    }

    /** Notes where this log ends, after a message of the leader was handled. */
    void reached(long end, long nowMillis) {
        if (end >= leaderEnd) {
            levelMillis = nowMillis;
        }
    }

    MemberView view(long nowMillis) {
        State shown = state;
        long end = log.end();
        long lag = shown.role == Role.FOLLOWS ? Math.max(0, leaderEnd - end) : 0;
        return new MemberView(
                member,
                shown.role,
                shown.epoch,
                shown.leader,
                log.begin(),
                end,
                log.flushed(),
                confirmed,
                inSync,
                shown.doubtful,
                lag,
                lag == 0 ? 0 : nowMillis - levelMillis,
                shown.role == Role.LEADS ? followers(end, nowMillis) : List.of());
    }

    private List<FollowerView> followers(long end, long nowMillis) {
        List<FollowerView> followers = new ArrayList<>();
        for (GroupConnection each : sockets.connections()) {
            if (each.peer > 0 && each.member() >= 0) {
                long lag = Math.max(0, end - each.written());
                long millis = lag == 0 ? 0 : Math.max(0, nowMillis - each.levelMillis());
                followers.add(new FollowerView(each.member(), each.written(), each.flushed(), lag, millis));
            }
        }
        return followers;
    }
}
