package org.merlinmq.replication.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.merlinmq.replication.stream.Message;
import org.merlinmq.replication.stream.Message.Ack;
import org.merlinmq.replication.stream.Message.Heartbeat;
import org.merlinmq.replication.stream.Message.Hello;
import org.merlinmq.replication.stream.Message.Refusal;
import org.merlinmq.replication.stream.Message.Welcome;

/**
 * Gives a log to followers: finds where theirs parts from it, sends what they lack, and counts what they have.
 *
 * <p>A follower is sent nothing before its first {@link Ack}, which comes when its log is cut back to what both have. From then
 * on as much is under way to it as the window allows. One that lags by more than what counts as in sync gets no more than the
 * configured rate, so that catching up does not take the disk and the network from those who send.
 *
 * <p>It also serves a candidate that lacks what this member has: then nothing is counted.
 *
 * <p>Threading: one thread at a time. Times are milliseconds of any clock that does not go back.
 */
final class LeaderCore {
    /** A throttled follower may save up what it gets in this time. */
    private static final long BURST_MILLIS = 100;

    /** So long after the last bytes a follower hears that they are confirmed, if nothing else is sent to it. */
    private static final long TELL_MILLIS = 2;

    /** What is known of one follower. */
    private static final class Session {
        final int peer;
        final int member;

        /** What its first ack has to say. */
        final long goOnAt;

        /** When its hello came. */
        final long begunAt;

        /** Whether its copies do not count yet. */
        boolean newcomer;

        boolean following;
        long sent;
        long received;
        long written;
        long flushed;

        /** The time in the last heartbeat that it has acknowledged, and in the last that was sent. */
        long beatHeard;

        long beatSent;
        long heardAt;
        long sentAt;

        /** The confirmed end that it has heard of. */
        long told;

        /** Bytes that it may get while it is throttled, as of {@code filledAt}. */
        long allowance;

        long filledAt;

        Session(int peer, int member, long goOnAt, boolean newcomer, long now) {
            this.newcomer = newcomer;
            this.begunAt = now;
            this.beatSent = now;
            this.peer = peer;
            this.member = member;
            this.goOnAt = goOnAt;
            this.sent = goOnAt;
            this.heardAt = now;
            this.sentAt = now;
            this.filledAt = now;
        }
    }

    private final ReplicationSettings settings;
    private final Consumer<Action> out;
    private final int epoch;
    private final long group;
    private final boolean counts;
    private final ReplicaSet copies;
    private final Map<Integer, Session> sessions = new TreeMap<>();
    private EpochHistory history;
    private long begin;
    private long confirmed;
    private int inSync;

    /**
     * A leader without followers.
     *
     * @param settings of this member
     * @param epoch that it leads in, or that of the candidate that it serves
     * @param group whose log it is
     * @param history of the log, with the epoch if it leads in it
     * @param begin where the log begins
     * @param flushed the end of what is on the disk
     * @param out takes the actions
     */
    LeaderCore(
            ReplicationSettings settings,
            int epoch,
            long group,
            EpochHistory history,
            long begin,
            long flushed,
            Consumer<Action> out) {
        this.settings = settings;
        this.epoch = epoch;
        this.group = group;
        this.history = history;
        this.begin = begin;
        this.out = out;
        this.counts = history.last().number() == epoch;
        this.copies = new ReplicaSet(settings, history.last().logOffset(), history.end(), flushed);
    }

    /** Up to where the log is confirmed in this epoch. */
    long confirmed() {
        return confirmed;
    }

    int epoch() {
        return epoch;
    }

    boolean isFollowedBy(int member) {
        for (Session each : sessions.values()) {
            if (each.member == member) {
                return true;
            }
        }
        return false;
    }

    /** The first log offset that is left. */
    void beginsAt(long logOffset) {
        begin = logOffset;
    }

    void hello(long now, int peer, Hello hello) {
        if (hello.segmentBytes() != settings.segmentBytes()) {
            refuse(
                    peer,
                    "the master's log has segments of " + settings.segmentBytes() + " bytes, this one's have "
                            + hello.segmentBytes() + "; set storage.segment to the master's");
            return;
        }
        // The connection that it had before is dead, though this end has not noticed.
        List.copyOf(sessions.values()).stream()
                .filter(each -> each.member == hello.member())
                .forEach(each -> close(each, "member " + each.member + " has connected anew"));
        EpochHistory theirs = new EpochHistory(hello.epochs(), hello.end());
        long common = history.commonEnd(theirs);
        boolean copy = common < begin || (common < hello.begin() && common < hello.end());
        long goOnAt = copy ? begin : common;
        Session session = new Session(peer, hello.member(), goOnAt, counts && hello.newcomer(), now);
        sessions.put(peer, session);
        int checked = copy ? 0 : Math.clamp(goOnAt - Math.max(begin, hello.begin()), 0, Welcome.MOST_CHECKED_BYTES);
        send(now, session, new Welcome(epoch, group, history.epochs(), history.end(), goOnAt, copy, checked, 0));
        if (copy) {
            out.accept(new Action.SendCopy(peer, epoch));
        }
        if (session.newcomer) {
            // What others acknowledge after this shows that they followed when the newcomer was there.
            sessions.values()
                    .forEach(each -> each.beatSent = Math.min(each.beatSent, now + 1 - settings.heartbeatMillis()));
        }
    }

    private void refuse(int peer, String sentence) {
        out.accept(new Action.Send(peer, new Refusal(epoch, settings.member(), sentence)));
        out.accept(new Action.Close(peer, sentence));
    }

    void ack(long now, int peer, Ack ack) {
        Session session = sessions.get(peer);
        if (session == null) {
            return;
        }
        boolean expected = session.following
                ? ack.received() >= session.received && ack.received() <= session.sent
                : ack.received() == session.goOnAt;
        boolean sound = ack.flushed() <= ack.written() && ack.written() <= ack.received();
        if (ack.epoch() != epoch || !expected || !sound) {
            close(
                    session,
                    "member " + session.member + " says that it has " + ack + " of what was sent up to "
                            + session.sent);
            return;
        }
        session.following = true;
        session.heardAt = now;
        session.received = ack.received();
        session.written = ack.written();
        session.flushed = ack.flushed();
        session.beatHeard = ack.heartbeatMillis();
        admit(now);
        if (!session.newcomer) {
            copies.has(session.member, session.written, session.flushed);
        }
        confirm();
        give(now, session);
    }

    /**
     * Counts newcomers once all others follow. One that lost its disk may have promised a later epoch to one of them: were its
     * copies counted, this leader could confirm what the other one lacks.
     */
    private void admit(long now) {
        if (!hasNewcomers()) {
            return;
        }
        List<Session> newcomers =
                sessions.values().stream().filter(each -> each.newcomer).toList();
        List<Integer> members = settings.others().stream()
                .filter(member -> newcomers.stream().noneMatch(each -> each.member == member))
                .toList();
        for (Session newcomer : newcomers) {
            if (newcomer.following && members.stream().allMatch(member -> hasHeard(member, newcomer.begunAt))) {
                newcomer.newcomer = false;
                copies.has(newcomer.member, newcomer.written, newcomer.flushed);
                send(now, newcomer, new Message.Admitted(epoch));
            }
        }
    }

    private boolean hasHeard(int member, long since) {
        return sessions.values().stream().anyMatch(each -> each.member == member && each.beatHeard > since);
    }

    private boolean hasNewcomers() {
        for (Session each : sessions.values()) {
            if (each.newcomer) {
                return true;
            }
        }
        return false;
    }

    /** A follower that has nothing to acknowledge yet is there. */
    void heard(long now, int peer) {
        Session session = sessions.get(peer);
        if (session != null) {
            session.heardAt = now;
        }
    }

    /** The log has grown, or more of it is on the disk. */
    void grown(long now, long publishedEnd, long flushedEnd) {
        history = history.withEnd(publishedEnd);
        copies.own(publishedEnd, flushedEnd);
        confirm();
        sessions.values().forEach(each -> give(now, each));
    }

    private void confirm() {
        if (!counts) {
            return;
        }
        int nowInSync = copies.inSync();
        if (nowInSync != inSync) {
            inSync = nowInSync;
            out.accept(new Action.InSync(inSync));
        }
        long nowConfirmed = copies.confirmed();
        if (nowConfirmed > confirmed) {
            confirmed = nowConfirmed;
            out.accept(new Action.Confirm(confirmed));
        }
    }

    /** Sends a follower what it lacks, as far as window and throttle allow. */
    private void give(long now, Session session) {
        while (session.following && session.sent < history.end()) {
            long room = Math.min(settings.windowBytes() - (session.sent - session.received), settings.chunkBytes());
            int count = (int) Math.min(Math.min(room, history.end() - session.sent), allowance(now, session));
            if (count <= 0) {
                return;
            }
            out.accept(new Action.SendLog(session.peer, epoch, session.sent, count, toldConfirmed()));
            session.told = toldConfirmed();
            session.sent += count;
            session.allowance -= count;
            session.sentAt = now;
        }
    }

    private boolean isThrottled(Session session) {
        return history.end() - session.sent > settings.inSyncBytes();
    }

    private long allowance(long now, Session session) {
        if (!isThrottled(session)) {
            return Long.MAX_VALUE;
        }
        long rate = settings.catchUpBytesPerSecond();
        long most = Math.max(settings.chunkBytes(), rate * BURST_MILLIS / 1000);
        long gained = rate * Math.min(now - session.filledAt, 60_000) / 1000;
        if (gained > 0) {
            session.allowance = Math.min(most, Math.max(0, session.allowance) + gained);
            session.filledAt = now;
        }
        // Not in crumbs.
        return session.allowance >= Math.min(settings.chunkBytes(), most) ? session.allowance : 0;
    }

    /** Followers hear of what is promised: without copies that is nothing, and any of it may be cut off again. */
    private long toldConfirmed() {
        return settings.copies() == 0 ? 0 : confirmed;
    }

    private void send(long now, Session session, Message message) {
        session.sentAt = now;
        out.accept(new Action.Send(session.peer, message));
    }

    void gone(int peer) {
        Session session = sessions.remove(peer);
        if (session != null) {
            copies.gone(session.member);
            confirm();
        }
    }

    private void close(Session session, String why) {
        gone(session.peer);
        out.accept(new Action.Close(session.peer, why));
    }

    /** Ends all connections to followers. */
    void stop(String why) {
        new ArrayList<>(sessions.values()).forEach(each -> close(each, why));
    }

    void tick(long now) {
        for (Session session : List.copyOf(sessions.values())) {
            if (now - session.heardAt >= settings.timeoutMillis()) {
                close(session, "member " + session.member + " was silent for " + settings.timeoutMillis() + " ms");
                continue;
            }
            give(now, session);
            if (session.following && now >= beatAt(session)) {
                session.beatSent = now;
                session.told = toldConfirmed();
                send(now, session, new Heartbeat(epoch, history.end(), toldConfirmed(), now));
            }
        }
    }

    private long beatAt(Session session) {
        long last = hasNewcomers() ? Math.min(session.beatSent, session.sentAt) : session.sentAt;
        long usual = last + settings.heartbeatMillis();
        return session.told < toldConfirmed() ? Math.min(usual, session.sentAt + TELL_MILLIS) : usual;
    }

    /** When {@link #tick} has something to do; {@link Long#MAX_VALUE} while there are no followers. */
    long wakeAt(long now) {
        long at = Long.MAX_VALUE;
        for (Session session : sessions.values()) {
            at = Math.min(at, session.heardAt + settings.timeoutMillis());
            if (session.following) {
                at = Math.min(at, beatAt(session));
                boolean open = session.sent - session.received < settings.windowBytes();
                if (open && session.sent < history.end() && isThrottled(session)) {
                    at = Math.min(at, now + 1 + settings.chunkBytes() * 1000L / settings.catchUpBytesPerSecond());
                }
            }
        }
        return at;
    }
}
