package org.merlinmq.replication.core;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.merlinmq.replication.stream.Message.Ack;
import org.merlinmq.replication.stream.Message.Chunk;
import org.merlinmq.replication.stream.Message.CopyPart;
import org.merlinmq.replication.stream.Message.Heartbeat;
import org.merlinmq.replication.stream.Message.Hello;
import org.merlinmq.replication.stream.Message.Refusal;
import org.merlinmq.replication.stream.Message.Welcome;
import org.merlinmq.storage.log.EpochTable.Epoch;

/**
 * Follows a leader: finds it, cuts the own log back to what both have, takes its bytes and acknowledges them.
 *
 * <pre>
 *             connect        hello          welcome            cut
 *   WAITING ─────────► CONNECTING ─► GREETED ─┬──► CUTTING ─────────► FOLLOWING
 *      ▲                                      ├──► COPYING ─────────►     │
 *      │                                      └──────────────────────►    │
 *      └────────── lost, silent, refused: after a pause ──────────────────┘
 * </pre>
 *
 * <p>What was confirmed by a leader is never cut off again, whatever another one says: the member stops there and reports it.
 *
 * <p>Threading: one thread at a time. Times are milliseconds of any clock that does not go back.
 */
final class FollowerCore {
    private enum State {
        WAITING,
        CONNECTING,
        GREETED,
        CUTTING,
        EMPTYING,
        COPYING,
        FOLLOWING
    }

    private static final int NOBODY = -1;

    private final ReplicationSettings settings;
    private final IntSupplier newPeer;
    private final Runnable doubt;
    private final Consumer<Action> out;

    /** The one member to follow; or any that leads. */
    private final int pinned;

    private State state = State.WAITING;
    private int peer = NOBODY;
    private long retryAt;
    private long heardAt;
    private int nextMember;
    private int hint = NOBODY;

    private EpochHistory history;
    private long received;
    private long flushed;
    private long begin;

    private int leaderEpoch;
    private List<Epoch> leaderEpochs = List.of();
    private int adopted;

    /** The leader's end when it took this follower: from there on the two are level. */
    private long levelAt = Long.MAX_VALUE;

    /** The highest offset that a leader has said to be confirmed. */
    private Confirmed confirmed;

    /**
     * Whether its log is a copy that is not level yet, for one that was set aside. That one counts meanwhile, as if this member had
     * not been heard of since: so it acknowledges nothing.
     */
    private boolean setAside;

    private boolean writing;
    private long heartbeatMillis;

    /**
     * A member that follows nobody yet; {@link #tick} connects.
     *
     * @param settings of this member
     * @param pinned the one to follow, or -1 for whoever leads
     * @param confirmed up to where its log is known to be confirmed
     * @param log what it has
     * @param setAside whether that is a copy for one that was set aside and counts
     * @param newPeer names connections
     * @param doubt called before what was acknowledged is given up
     * @param out takes the actions
     */
    FollowerCore(
            ReplicationSettings settings,
            int pinned,
            Confirmed confirmed,
            OwnLog log,
            boolean setAside,
            IntSupplier newPeer,
            Runnable doubt,
            Consumer<Action> out) {
        this.settings = settings;
        this.pinned = pinned;
        this.confirmed = confirmed;
        this.history = log.history();
        this.received = history.end();
        this.flushed = log.flushed();
        this.begin = log.begin();
        this.setAside = setAside;
        this.newPeer = newPeer;
        this.doubt = doubt;
        this.out = out;
    }

    /**
     * What a member has of the log.
     *
     * @param history its epochs, and where its last whole record ends
     * @param begin where it begins
     * @param flushed the end of what is on the disk
     */
    record OwnLog(EpochHistory history, long begin, long flushed) {}

    OwnLog log() {
        return new OwnLog(history, begin, Math.min(flushed, history.end()));
    }

    Confirmed confirmed() {
        return confirmed;
    }

    /** The first log offset that is left. */
    void beginsAt(long logOffset) {
        begin = logOffset;
    }

    /** Whether it has all that its leader had when it took this follower, as safe as an acknowledgement has to be. */
    boolean isLevel() {
        long have = settings.flushed() ? Math.min(flushed, history.end()) : history.end();
        return state == State.FOLLOWING && have >= levelAt;
    }

    /** Whether it is level but for what its disk has not confirmed. */
    boolean waitsForDisk() {
        return state == State.FOLLOWING && !isLevel() && history.end() >= levelAt;
    }

    /** Whether it follows the leader of an epoch. */
    boolean follows(int epoch) {
        return state == State.FOLLOWING && leaderEpoch == epoch;
    }

    /** Whether nothing changes the log. */
    boolean isIdle() {
        return state == State.WAITING || state == State.CONNECTING || state == State.GREETED;
    }

    /** The member that it follows, or has heard of as the leader; -1 if none. */
    int leader() {
        return state == State.FOLLOWING ? EpochNumbers.memberOf(leaderEpoch) : hint;
    }

    boolean owns(int connection) {
        return peer == connection;
    }

    void connected(long now, int promised, long group, boolean newcomer) {
        if (state == State.CONNECTING) {
            state = State.GREETED;
            heardAt = now;
            heartbeatMillis = 0;
            out.accept(new Action.Send(
                    peer,
                    new Hello(
                            settings.member(),
                            promised,
                            group,
                            history.epochs(),
                            begin,
                            history.end(),
                            settings.segmentBytes(),
                            newcomer)));
        }
    }

    /** The leader takes this follower; its epoch is not below what was promised. */
    void welcome(long now, Welcome welcome) {
        if (state != State.GREETED) {
            lose(now, "the master sent a second welcome");
            return;
        }
        heardAt = now;
        leaderEpoch = welcome.epoch();
        leaderEpochs = welcome.epochs();
        levelAt = welcome.end();
        long goOnAt = welcome.goOnAt();
        long common = history.commonEnd(new EpochHistory(leaderEpochs, welcome.end()));
        // A copy begins where the leader's log does, and has all of it.
        long parts = welcome.copy() ? common : Math.min(common, goOnAt);
        long kept = Math.min(confirmed.logOffset(), history.end());
        if (parts < kept) {
            String sentence = "member " + EpochNumbers.memberOf(leaderEpoch) + " leads in epoch " + leaderEpoch
                    + ", but its log lacks what was confirmed: the two part at log offset " + parts
                    + ", and up to " + kept
                    + " was confirmed here; promote this member, or empty its folder to give that up";
            out.accept(new Action.Report(sentence));
            lose(now, sentence);
            return;
        }
        confirmed = confirmed.under(new EpochHistory(leaderEpochs, welcome.end()));
        if (welcome.copy()) {
            state = State.COPYING;
            if (history.end() > 0) {
                empty();
            }
        } else if (goOnAt != common) {
            lose(now, "the master would go on at log offset " + goOnAt + ", but the two logs part at " + common);
        } else if (goOnAt < history.end()) {
            state = State.CUTTING;
            out.accept(new Action.CutBack(goOnAt));
        } else {
            follow();
        }
    }

    /** The log ends at the wanted offset now. */
    void cut(long now, long end) {
        endsAt(end);
        if (state == State.CUTTING) {
            heardAt = now;
            follow();
        }
    }

    /** The log cannot be cut there, since the state of then is not known any more: it begins again, from nothing. */
    void cannotCut() {
        if (state == State.CUTTING) {
            state = State.EMPTYING;
            empty();
        }
    }

    private void empty() {
        if (!setAside) {
            // What was acknowledged may not be here any more until the copy is level.
            doubt.run();
        }
        out.accept(new Action.Empty());
    }

    /** The store is empty; {@code counts}: what was in it counts still. */
    void emptied(long now, boolean counts) {
        setAside = counts;
        history = new EpochHistory(List.of(new Epoch(0, 0)), 0);
        confirmed = Confirmed.NOTHING;
        begin = 0;
        endsAt(0);
        if (state == State.EMPTYING) {
            lose(now, "the log could not be cut back, and begins again");
        }
    }

    void copyPart(long now, CopyPart part) {
        if (state != State.COPYING || part.epoch() != leaderEpoch) {
            lose(now, "a part of a copy came that was not asked for");
            return;
        }
        heardAt = now;
        // A large state takes its time, and there is nothing to acknowledge before its end.
        out.accept(new Action.Send(peer, new Heartbeat(leaderEpoch, 0, 0, now)));
        out.accept(new Action.TakeCopyPart(part));
    }

    /** The store was made anew, and its log begins and ends there. */
    void copyBegun(long now, long logOffset) {
        if (state == State.COPYING) {
            heardAt = now;
            history = new EpochHistory(leaderEpochs, logOffset);
            begin = logOffset;
            endsAt(logOffset);
            flushed = logOffset;
            follow();
        }
    }

    private void endsAt(long end) {
        history = history.withEnd(end);
        received = end;
        flushed = Math.min(flushed, end);
    }

    private void follow() {
        state = State.FOLLOWING;
        adopted = 0;
        adopt(received);
        history = new EpochHistory(leaderEpochs, received);
        out.accept(new Action.StartFollowing());
        writing = true;
        acknowledge();
    }

    /** Before bytes of an epoch are written its beginning is in the table. One that is not reached then does not count. */
    private void adopt(long end) {
        int reached = adopted;
        while (reached < leaderEpochs.size() && leaderEpochs.get(reached).logOffset() <= end) {
            reached++;
        }
        if (reached > adopted) {
            adopted = reached;
            out.accept(new Action.AdoptEpochs(leaderEpochs.subList(0, reached)));
        }
    }

    void chunk(long now, Chunk chunk) {
        if (state != State.FOLLOWING || chunk.epoch() != leaderEpoch || chunk.logOffset() != received) {
            lose(now, "expected bytes at log offset " + received + " of epoch " + leaderEpoch + ", got " + chunk);
            return;
        }
        heardAt = now;
        confirmed = confirmed.with(leaderEpoch, chunk.confirmedEnd());
        adopt(received + chunk.bytes().length);
        received += chunk.bytes().length;
        out.accept(new Action.Append(chunk));
    }

    /** The own log has grown by what was received: the end of its last whole record, and what the disk has. */
    void grown(long wholeEnd, long flushedEnd) {
        flushed = Math.max(flushed, flushedEnd);
        if (state == State.FOLLOWING) {
            history = new EpochHistory(leaderEpochs, wholeEnd);
            acknowledge();
        }
    }

    /** The own log has grown beyond what was known, by the last sends that it took as a leader's. */
    void stopped(long wholeEnd, long flushedEnd) {
        if (isIdle() && wholeEnd > history.end()) {
            history = history.withEnd(wholeEnd);
            received = wholeEnd;
        }
        flushed = Math.max(flushed, flushedEnd);
    }

    /** The copy is level: it counts. */
    void copyIsLevel() {
        setAside = false;
        acknowledge();
    }

    private void acknowledge() {
        long written = setAside ? 0 : history.end();
        out.accept(new Action.Send(
                peer, new Ack(leaderEpoch, received, written, Math.min(flushed, written), heartbeatMillis)));
    }

    void heartbeat(long now, Heartbeat heartbeat) {
        if (state == State.FOLLOWING && heartbeat.epoch() == leaderEpoch) {
            heardAt = now;
            confirmed = confirmed.with(leaderEpoch, heartbeat.confirmedEnd());
            heartbeatMillis = heartbeat.sentMillis();
            acknowledge();
        }
    }

    void refused(long now, Refusal refusal) {
        hint = refusal.leader() == settings.member() ? NOBODY : refusal.leader();
        lose(now, refusal.sentence());
    }

    void gone(long now) {
        peer = NOBODY;
        lose(now, "");
    }

    /** Lets go of the connection, if there is one, and tries again after a pause. */
    private void lose(long now, String why) {
        stop(why);
        retryAt = now + settings.retryMillis();
    }

    /** Follows nobody any more. */
    void stop(String why) {
        if (peer != NOBODY) {
            out.accept(new Action.Close(peer, why));
            peer = NOBODY;
        }
        if (writing) {
            out.accept(new Action.StopFollowing());
            writing = false;
            endsAt(history.end());
        }
        state = State.WAITING;
        levelAt = Long.MAX_VALUE;
    }

    void tick(long now) {
        if (state == State.WAITING) {
            Integer member = now >= retryAt ? next() : null;
            if (member != null) {
                peer = newPeer.getAsInt();
                state = State.CONNECTING;
                heardAt = now;
                out.accept(new Action.Connect(peer, member));
            }
        } else if (!isBusy() && now - heardAt >= settings.timeoutMillis()) {
            lose(now, "the master was silent for " + settings.timeoutMillis() + " ms");
        }
    }

    /** Whether it is this member's own disk that takes its time. */
    private boolean isBusy() {
        return state == State.CUTTING || state == State.EMPTYING;
    }

    /** Whom to try: the one that was said to lead, then each in turn; null if there is nobody else. */
    private @Nullable Integer next() {
        if (pinned != NOBODY) {
            return pinned;
        }
        if (hint != NOBODY) {
            int tried = hint;
            hint = NOBODY;
            return tried;
        }
        List<Integer> others = settings.others();
        return others.isEmpty() ? null : others.get(nextMember++ % others.size());
    }

    /** When {@link #tick} has something to do. */
    long wakeAt() {
        if (state == State.WAITING) {
            return pinned != NOBODY || !settings.others().isEmpty() ? retryAt : Long.MAX_VALUE;
        }
        return isBusy() ? Long.MAX_VALUE : heardAt + settings.timeoutMillis();
    }
}
