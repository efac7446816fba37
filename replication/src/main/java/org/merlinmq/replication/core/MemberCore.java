package org.merlinmq.replication.core;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.merlinmq.replication.core.FollowerCore.OwnLog;
import org.merlinmq.replication.core.Promotion.Order;
import org.merlinmq.replication.stream.Message;
import org.merlinmq.replication.stream.Message.Ack;
import org.merlinmq.replication.stream.Message.Admitted;
import org.merlinmq.replication.stream.Message.Ask;
import org.merlinmq.replication.stream.Message.Chunk;
import org.merlinmq.replication.stream.Message.CopyPart;
import org.merlinmq.replication.stream.Message.Heartbeat;
import org.merlinmq.replication.stream.Message.Hello;
import org.merlinmq.replication.stream.Message.Opening;
import org.merlinmq.replication.stream.Message.Promise;
import org.merlinmq.replication.stream.Message.Proof;
import org.merlinmq.replication.stream.Message.Refusal;
import org.merlinmq.replication.stream.Message.Welcome;
import org.merlinmq.storage.SetAsideLog;

/**
 * One member of a broker group: follows, is promoted, leads, and steps down.
 *
 * <pre>
 *               promote, or a master's start          enough promises, and nobody has more
 *   follower ───────────────────────────► candidate ──────────────────────────► leader
 *      ▲                                      │                                    │
 *      └──────────────────────────────────────┴──── hears of a higher epoch ───────┘
 * </pre>
 *
 * <p>A member promises each epoch only to the candidate that owns its number, and follows no leader of a lower one from then on.
 *
 * <p>Each event returns the actions to be carried out, in their order, before the next event. Actions may lead to events of their
 * own.
 *
 * <p>Threading: one thread at a time. Times are milliseconds of any clock that does not go back.
 */
public final class MemberCore {
    private static final int NOBODY = -1;

    private final ReplicationSettings settings;
    private final boolean masterByFile;
    private final List<Action> out = new ArrayList<>();

    private final long newGroup;
    private int promised;
    private boolean doubtful;
    private boolean newcomer;
    private long group;
    private int lastPeer = NOBODY;
    private Confirmed confirmed = Confirmed.NOTHING;
    private OwnLog log;

    /** What its consumers may have, as it has said. */
    private long readable;

    /**
     * What counts while {@link #log} is a copy that is not level yet: the log that was set aside for it. This member is then one
     * that was not heard of since: it promises with that log, is put back to it before it stands, and acknowledges nothing. So
     * nobody can tell how far the copy is but its leader, which sends it.
     */
    private @Nullable OwnLog setAside;

    /** The log that was set aside is being put back. */
    private boolean puttingBack;

    /** Whether it is in doubt only since its log may be given up. */
    private boolean doubtsCopy;

    // What it does now. A leader follows nobody; a candidate follows the one that has more than it.
    private @Nullable LeaderCore leader;
    private @Nullable FollowerCore follower;
    private @Nullable Promotion promotion;

    /** Gives the candidate that this member has promised to what that one lacks. */
    private @Nullable LeaderCore source;

    private long catchUpUntil;

    /**
     * What a member keeps besides its log.
     *
     * @param epoch the highest that it has promised to; 0 at first
     * @param doubtful whether it may have lost what it acknowledged
     * @param newcomer whether it may have promised what it does not know any more
     * @param group whose log it has; 0 at first
     */
    public record Kept(int epoch, boolean doubtful, boolean newcomer, long group) {
        /** What a member keeps that never was one. */
        public static final Kept NOTHING = new Kept(0, false, false, 0);

        /**
         * What a member keeps that has lost what it may have acknowledged.
         *
         * @return the same, in doubt
         */
        public Kept doubting() {
            return new Kept(epoch, true, newcomer, group);
        }
    }

    /**
     * A member that does nothing yet.
     *
     * @param settings of the member
     * @param masterByFile whether its property file says that it is the master: counts until the first promotion
     * @param kept what the last {@link Action.Keep} said
     * @param newGroup the name of the group, if this member begins it: random, so that no other group has it; not 0
     * @param history of its log
     * @param begin where the log begins
     * @param flushed the end of what is known to be on the disk
     */
    public MemberCore(
            ReplicationSettings settings,
            boolean masterByFile,
            Kept kept,
            long newGroup,
            EpochHistory history,
            long begin,
            long flushed) {
        this.settings = settings;
        this.masterByFile = masterByFile;
        this.promised = Math.max(kept.epoch, history.last().number());
        this.group = kept.group;
        this.newGroup = newGroup;
        this.log = new OwnLog(history, begin, Math.min(flushed, history.end()));
        // An empty folder is that of a new member, or of one whose disk was lost.
        this.newcomer = kept.newcomer || (settings.copies() > 0 && group == 0 && history.end() == 0);
        this.doubtful = kept.doubtful || newcomer;
    }

    /**
     * Its log is a copy that is not level yet. Before it starts.
     *
     * @param counts what was set aside for it, and counts
     */
    public void isCopyFor(SetAsideLog counts) {
        setAside = new OwnLog(new EpochHistory(counts.epochs(), counts.end()), counts.begin(), counts.end());
    }

    /** Whether it takes sends. */
    public boolean leads() {
        return leader != null;
    }

    /** The epoch that it leads in, or the highest that it has promised to. */
    public int epoch() {
        return promised;
    }

    /** What it has, by the events so far. */
    public EpochHistory history() {
        return log.history();
    }

    /** Whether it may have lost what it acknowledged, and has not got it back. */
    public boolean isDoubtful() {
        return doubtful;
    }

    /** The member that leads, as far as it knows; -1 if it knows none. */
    public int knownLeader() {
        FollowerCore now = follower;
        return leader != null ? settings.member() : now == null ? NOBODY : now.leader();
    }

    /**
     * Begins.
     *
     * @param now the time
     * @param powerLost whether the machine has lost power since the log was written
     * @return what is to be done
     */
    public List<Action> start(long now, boolean powerLost) {
        if (powerLost && settings.copies() > 0 && !settings.flushed()) {
            doubt();
        }
        boolean ledLast = promised > 0 && EpochNumbers.memberOf(promised) == settings.member();
        if (settings.counts() && (ledLast || (promised == 0 && masterByFile))) {
            stand(now, EpochNumbers.restarted(promised, settings.member()), Order.NONE);
        } else {
            follow();
        }
        return taken(now);
    }

    /**
     * Makes this member the leader, as an operator orders: as soon as enough members have promised, and with all that any of
     * them has.
     *
     * @param now the time
     * @param force to lead with those who answer soon, however few: for a group whose other members are lost for good.
     *     Acknowledged messages that only they have are lost, or cut off when they return
     * @return what is to be done
     */
    public List<Action> promote(long now, boolean force) {
        if (!settings.counts()) {
            out.add(new Action.Report("member " + settings.member() + " is none of the members " + settings.members()
                    + " whose copies count, and cannot lead"));
        } else if (group == 0 && (force || !masterByFile)) {
            out.add(new Action.Report("member " + settings.member()
                    + " has nothing of the group's log yet; promote it when" + " it has followed a master"));
        } else if (leader == null) {
            stand(now, EpochNumbers.promoted(promised, settings.member()), force ? Order.FORCED : Order.PROMOTED);
        }
        return taken(now);
    }

    /**
     * Somebody who is no member knows of a master of the group: a nameserver, at which both have registered. One that leads, and is cut
     * off from the others, learns only so that it was deposed.
     *
     * @param now the time
     * @param epoch that the other one leads in
     * @return what is to be done
     */
    public List<Action> heardOf(long now, int epoch) {
        if (leader != null && epoch > promised) {
            out.add(new Action.Report("member " + settings.member() + " led in epoch " + promised
                    + ", and a nameserver has a master of epoch " + epoch
                    + ": it was cut off from the others, and takes no sends any more; what only it has is cut off when it finds"
                    + " them"));
            stepDown(epoch);
        }
        return taken(now);
    }

    /**
     * A connection is open.
     *
     * @param now the time
     * @param peer of an {@link Action.Connect}
     * @return what is to be done
     */
    public List<Action> connected(long now, int peer) {
        Promotion standing = promotion;
        FollowerCore following = follower;
        if (standing != null && standing.owns(peer)) {
            standing.connected(peer);
        } else if (following != null && following.owns(peer)) {
            following.connected(now, promised, group, newcomer);
        }
        return taken(now);
    }

    /**
     * A connection is closed, or could not be opened.
     *
     * @param now the time
     * @param peer the connection
     * @return what is to be done
     */
    public List<Action> gone(long now, int peer) {
        FollowerCore following = follows(peer);
        if (promotion != null) {
            promotion.gone(now, peer);
        }
        if (following != null) {
            following.gone(now);
        }
        if (leader != null) {
            leader.gone(peer);
        }
        if (source != null) {
            source.gone(peer);
        }
        return taken(now);
    }

    /**
     * A message has come.
     *
     * @param now the time
     * @param peer its connection: one that this member has opened, or any other positive number
     * @param message the message
     * @return what is to be done
     */
    public List<Action> message(long now, int peer, Message message) {
        FollowerCore following = follows(peer);
        switch (message) {
            case Hello hello -> hello(now, peer, hello);
            case Ack ack -> ack(now, peer, ack);
            case Ask ask -> ask(peer, ask);
            case Promise promise -> promise(now, peer, promise);
            case Refusal refusal -> refusal(now, peer, refusal);
            case Welcome welcome -> welcome(now, peer, welcome);
            case Chunk chunk -> {
                if (following != null) {
                    following.chunk(now, chunk);
                }
            }
            case CopyPart part -> {
                if (following != null) {
                    following.copyPart(now, part);
                }
            }
            case Admitted admitted -> {
                if (following != null && following.follows(admitted.epoch()) && newcomer) {
                    newcomer = false;
                    keep();
                }
            }
            case Opening _, Proof _ -> {
                // Of the connection, before anything of the group.
            }
            case Heartbeat heartbeat -> {
                LeaderCore serving = leader == null ? source : leader;
                if (following != null) {
                    following.heartbeat(now, heartbeat);
                } else if (serving != null) {
                    serving.heard(now, peer);
                }
            }
        }
        return taken(now);
    }

    private @Nullable FollowerCore follows(int peer) {
        FollowerCore now = follower;
        return now != null && now.owns(peer) ? now : null;
    }

    /**
     * The log has grown, by sends or by {@link Action.Append}, or more of it is on the disk.
     *
     * @param now the time
     * @param wholeEnd where its last whole record ends
     * @param flushedEnd the end of what is on the disk
     * @return what is to be done
     */
    public List<Action> grown(long now, long wholeEnd, long flushedEnd) {
        LeaderCore leading = leader;
        FollowerCore following = follower;
        if (leading != null) {
            log = new OwnLog(log.history().withEnd(wholeEnd), log.begin(), Math.max(log.flushed(), flushedEnd));
            leading.grown(now, wholeEnd, flushedEnd);
        } else if (following != null) {
            following.grown(wholeEnd, flushedEnd);
        } else {
            log = new OwnLog(log.history(), log.begin(), Math.max(log.flushed(), flushedEnd));
        }
        return taken(now);
    }

    /**
     * The log takes no sends any more, as {@link Action.StopLeading} wants it: what was sent since the last {@link #grown} is in it,
     * and is not confirmed.
     *
     * @param now the time
     * @param wholeEnd where it ends
     * @param flushedEnd the end of what is on the disk
     * @return what is to be done
     */
    public List<Action> stopped(long now, long wholeEnd, long flushedEnd) {
        if (follower != null) {
            follower.stopped(wholeEnd, flushedEnd);
        }
        if (EpochNumbers.memberOf(promised) == settings.member()) {
            // The epoch that ended its lead is its own, from before it lost its disk: there is nobody to follow in it.
            stand(now, EpochNumbers.restarted(promised, settings.member()), Order.NONE);
        }
        return taken(now);
    }

    /**
     * The log's first segments were deleted.
     *
     * @param logOffset where it begins now
     */
    public void beginsAt(long logOffset) {
        log = new OwnLog(log.history(), logOffset, log.flushed());
        if (leader != null) {
            leader.beginsAt(logOffset);
        }
        if (follower != null) {
            follower.beginsAt(logOffset);
        }
        if (source != null) {
            source.beginsAt(logOffset);
        }
    }

    /**
     * The log was cut back.
     *
     * @param now the time
     * @param end its end now
     * @return what is to be done
     */
    public List<Action> cut(long now, long end) {
        readable = 0;
        if (follower != null) {
            follower.cut(now, end);
        }
        return taken(now);
    }

    /**
     * The log cannot be cut back, since what it was derived from is deleted.
     *
     * @param now the time
     * @return what is to be done
     */
    public List<Action> cannotCut(long now) {
        if (follower != null) {
            follower.cannotCut();
        }
        return taken(now);
    }

    /**
     * The store was made anew, with nothing in it.
     *
     * @param now the time
     * @param counts whether what was in it, or what was set aside before, counts still
     * @return what is to be done
     */
    public List<Action> emptied(long now, boolean counts) {
        readable = 0;
        if (counts && setAside == null) {
            setAside = log;
            if (doubtsCopy) {
                doubtful = false;
                keep();
            }
        } else if (!counts && setAside != null) {
            // Somebody has deleted it.
            setAside = null;
            doubt();
        }
        if (follower != null) {
            follower.emptied(now, counts);
        }
        return taken(now);
    }

    /**
     * The store that was set aside is in its place again.
     *
     * @param now the time
     * @param history of its log
     * @param begin where the log begins
     * @param flushed the end of what is known to be on the disk
     * @param lost whether it was found damaged
     * @return what is to be done
     */
    public List<Action> putBack(long now, EpochHistory history, long begin, long flushed, boolean lost) {
        log = new OwnLog(history, begin, Math.min(flushed, history.end()));
        setAside = null;
        puttingBack = false;
        readable = 0;
        // Of the leader whose copy was given up: this log may part from its below that.
        confirmed = Confirmed.NOTHING;
        if (lost) {
            doubt();
        }
        if (follower != null) {
            follower = newFollower(NOBODY);
        }
        return taken(now);
    }

    private FollowerCore newFollower(int pinned) {
        return new FollowerCore(
                settings, pinned, confirmed, log, setAside != null, this::newPeer, this::doubtCopy, out::add);
    }

    /**
     * The store was made anew from a copy's beginning.
     *
     * @param now the time
     * @param logOffset where its log begins and ends
     * @return what is to be done
     */
    public List<Action> copyBegun(long now, long logOffset) {
        readable = 0;
        if (follower != null) {
            follower.copyBegun(now, logOffset);
        }
        return taken(now);
    }

    /**
     * Time has passed.
     *
     * @param now the time
     * @return what is to be done
     */
    public List<Action> tick(long now) {
        LeaderCore leading = leader;
        LeaderCore serving = source;
        FollowerCore following = follower;
        Promotion standing = promotion;
        if (leading != null) {
            leading.tick(now);
        }
        if (serving != null) {
            serving.tick(now);
        }
        if (following != null) {
            following.tick(now);
        } else if (standing != null) {
            standing.tick(now, this::isFollowedBy);
        }
        return taken(now);
    }

    /**
     * When {@link #tick} has something to do.
     *
     * @param now the time
     * @return the time; {@link Long#MAX_VALUE} if never
     */
    public long wakeAt(long now) {
        LeaderCore leading = leader;
        LeaderCore serving = source;
        FollowerCore following = follower;
        Promotion standing = promotion;
        long at = leading == null ? Long.MAX_VALUE : leading.wakeAt(now);
        if (serving != null) {
            at = Math.min(at, serving.wakeAt(now));
        }
        if (following != null) {
            at = Math.min(at, following.wakeAt());
            return standing != null && following.isIdle() ? Math.min(at, catchUpUntil) : at;
        }
        return standing == null ? at : Math.min(at, standing.wakeAt(now, this::isFollowedBy));
    }

    private boolean isFollowedBy(int member) {
        LeaderCore leading = leader;
        return leading != null && leading.isFollowedBy(member);
    }

    // What members ask of each other.

    private void hello(long now, int peer, Hello hello) {
        LeaderCore leading = leader;
        LeaderCore serving = source;
        boolean ownLog = hello.group() == 0 && hello.end() > 0;
        if (hello.member() == settings.member()) {
            refuse(peer, sameNumber());
        } else if (isStrange(hello.group()) || (ownLog && group != 0)) {
            refuseStrange(peer, hello.member());
        } else if (leading != null && hello.epoch() > promised) {
            String why = "member " + hello.member() + " has promised epoch " + hello.epoch() + ", which ends epoch "
                    + promised;
            refuse(peer, why);
            stepDown(hello.epoch());
        } else if (leading != null) {
            leading.hello(now, peer, hello);
        } else if (isCandidateOfOurs(hello) && setAside != null) {
            follow();
            putBack();
            refuse(peer, "member " + settings.member() + " puts its log back; ask again");
        } else if (isCandidateOfOurs(hello)) {
            if (serving == null) {
                serving =
                        new LeaderCore(settings, promised, group, log.history(), log.begin(), log.flushed(), out::add);
                source = serving;
            }
            serving.hello(now, peer, hello);
        } else {
            refuse(peer, "member " + settings.member() + " does not lead");
        }
    }

    private boolean isCandidateOfOurs(Hello hello) {
        return hello.epoch() == promised && hello.member() == EpochNumbers.memberOf(promised);
    }

    /** Whether another member has the log of another group, which has nothing to do with this one's. */
    private boolean isStrange(long others) {
        return others != group && others != 0 && (group != 0 || log.history().end() > 0);
    }

    private String strange(int member) {
        return "members " + settings.member() + " and " + member + " have the logs of two groups: the disk of one was"
                + " replaced, or it was started alone with an empty folder, or with one of its own; stop the one that is"
                + " wrong, and give it an empty folder";
    }

    private void refuseStrange(int peer, int member) {
        out.add(new Action.Report(strange(member)));
        refuse(peer, strange(member));
    }

    private String sameNumber() {
        return "another member has the number " + settings.member() + " as well; give each its own brokerId";
    }

    private void refuse(int peer, String sentence) {
        out.add(new Action.Send(peer, new Refusal(promised, knownLeader(), sentence)));
        out.add(new Action.Close(peer, sentence));
    }

    private void ack(long now, int peer, Ack ack) {
        if (leader != null) {
            leader.ack(now, peer, ack);
        }
        if (source != null) {
            source.ack(now, peer, ack);
        }
    }

    private void ask(int peer, Ask ask) {
        if (ask.member() == settings.member()) {
            refuse(peer, sameNumber());
            return;
        }
        boolean owner = EpochNumbers.memberOf(ask.epoch()) == ask.member();
        if (isStrange(ask.group())) {
            refuseStrange(peer, ask.member());
            return;
        }
        if (!owner || ask.epoch() < promised) {
            refuse(peer, "member " + settings.member() + " has promised epoch " + promised);
            return;
        }
        if (ask.epoch() > promised) {
            stepDown(ask.epoch());
        }
        OwnLog counts = setAside == null ? log : setAside;
        out.add(new Action.Send(
                peer,
                new Promise(
                        settings.member(),
                        promised,
                        group,
                        counts.history().epochs(),
                        counts.begin(),
                        counts.history().end(),
                        doubtful)));
    }

    private void promise(long now, int peer, Promise promise) {
        Promotion standing = promotion;
        if (standing == null) {
            return;
        }
        if (isStrange(promise.group())) {
            String sentence = strange(promise.member());
            out.add(new Action.Report(sentence));
            out.add(new Action.Close(peer, sentence));
            standing.gone(now, peer);
        } else {
            standing.promise(peer, promise);
        }
    }

    private void refusal(long now, int peer, Refusal refusal) {
        Promotion standing = promotion;
        FollowerCore following = follows(peer);
        boolean ours = following != null || (standing != null && standing.owns(peer));
        if (!ours) {
            return;
        }
        if (standing != null && refusal.epoch() > promised) {
            if (leader == null && standing.order() != Order.NONE) {
                stand(now, EpochNumbers.promoted(refusal.epoch(), settings.member()), standing.order());
            } else if (leader == null && EpochNumbers.memberOf(refusal.epoch()) == settings.member()) {
                // Its own, from before it lost its disk: there is nobody to follow in it.
                stand(now, EpochNumbers.restarted(refusal.epoch(), settings.member()), standing.order());
            } else {
                stepDown(refusal.epoch());
            }
        } else if (following != null) {
            following.refused(now, refusal);
        }
    }

    private void welcome(long now, int peer, Welcome welcome) {
        FollowerCore following = follows(peer);
        if (following == null) {
            return;
        }
        if (welcome.epoch() < promised || (promotion != null && welcome.epoch() != promised)) {
            following.refused(
                    now,
                    new Refusal(
                            welcome.epoch(),
                            NOBODY,
                            "it leads in epoch " + welcome.epoch() + ", and epoch " + promised + " is promised"));
            return;
        }
        if (isStrange(welcome.group())) {
            String sentence = strange(EpochNumbers.memberOf(welcome.epoch()));
            out.add(new Action.Report(sentence));
            following.refused(now, new Refusal(welcome.epoch(), NOBODY, sentence));
            return;
        }
        Promotion standing = promotion;
        if (standing != null && !new EpochHistory(welcome.epochs(), welcome.end()).isAheadOf(log.history())) {
            // It has lost what it had when it promised.
            stand(now, standing.epoch(), standing.order());
            return;
        }
        if (welcome.epoch() > promised || (group == 0 && welcome.group() != 0)) {
            promised = welcome.epoch();
            group = group == 0 ? welcome.group() : group;
            keep();
        }
        stopSource();
        following.welcome(now, welcome);
    }

    // Changes of what it does.

    private void keep() {
        out.add(new Action.Keep(promised, doubtful, newcomer, group));
    }

    private void doubt() {
        if (!doubtful && settings.copies() > 0) {
            doubtful = true;
            keep();
        }
    }

    /** The log may be given up for a copy. */
    private void doubtCopy() {
        doubtsCopy = !doubtful;
        doubt();
    }

    /** Before it stands, or gives what it has: what it has is what was set aside. */
    private void putBack() {
        if (setAside != null && !puttingBack) {
            puttingBack = true;
            out.add(new Action.PutBack());
        }
    }

    private int newPeer() {
        return --lastPeer;
    }

    /** Ends whatever it does. */
    private void rest(int heard, String why) {
        LeaderCore leading = leader;
        FollowerCore following = follower;
        Promotion standing = promotion;
        leader = null;
        follower = null;
        promotion = null;
        if (leading != null) {
            out.add(new Action.StopLeading(heard));
            confirmed = settings.copies() == 0 ? confirmed : confirmed.with(leading.epoch(), leading.confirmed());
            leading.stop(why);
        }
        if (following != null) {
            following.stop(why);
            confirmed = following.confirmed();
            log = following.log();
        }
        if (standing != null) {
            standing.stop();
        }
        stopSource();
    }

    private void stopSource() {
        LeaderCore serving = source;
        source = null;
        if (serving != null) {
            serving.stop("the log may change now");
        }
    }

    /** There is a later epoch, so that none below it is led or followed any more. */
    private void stepDown(int heard) {
        rest(heard, "there is epoch " + heard);
        promised = heard;
        keep();
        follow();
    }

    private void follow() {
        rest(promised, "it follows now");
        follower = newFollower(NOBODY);
    }

    /** Becomes a candidate. */
    private void stand(long now, int epoch, Order order) {
        rest(epoch, "it stands for epoch " + epoch);
        promised = epoch;
        keep();
        putBack();
        Promotion standing = new Promotion(now, settings, epoch, group, order, this::newPeer, out::add);
        promotion = standing;
        standing.tick(now, this::isFollowedBy);
    }

    /** What follows from what has happened, and then all actions. */
    private List<Action> taken(long now) {
        FollowerCore following = follower;
        if (following != null) {
            log = following.log();
            if (setAside != null && following.isLevel()) {
                setAside = null;
                out.add(new Action.CopyIsLevel());
                following.copyIsLevel();
            }
            if (doubtful && !newcomer && promotion == null && following.isLevel()) {
                doubtful = false;
                keep();
            }
        }
        if (promotion != null && leader == null && !puttingBack) {
            decide(now, promotion);
        }
        show();
        List<Action> actions = List.copyOf(out);
        out.clear();
        return actions;
    }

    /** Lets consumers have what is confirmed now. Without copies they have all. */
    private void show() {
        if (settings.copies() > 0) {
            LeaderCore leading = leader;
            FollowerCore following = follower;
            long known = following != null ? following.confirmed().logOffset() : confirmed.logOffset();
            long end = Math.min(log.history().end(), leading != null ? Math.max(known, leading.confirmed()) : known);
            if (end > readable) {
                readable = end;
                // First: whoever hears that its message is stored finds it.
                out.addFirst(new Action.Show(end));
            }
        }
    }

    private void decide(long now, Promotion standing) {
        FollowerCore catchingUp = follower;
        if (catchingUp != null) {
            if (catchingUp.isLevel() && standing.ahead(log.history()) == null) {
                lead(standing);
            } else if (catchingUp.isLevel()) {
                // The one that had more has lost it since.
                stand(now, standing.epoch(), standing.order());
            } else if (catchingUp.waitsForDisk()) {
                out.add(new Action.Flush());
            } else if (now >= catchUpUntil && catchingUp.isIdle()) {
                // The one that has more does not answer any more: perhaps another one has as much.
                stand(now, standing.epoch(), standing.order());
            }
            return;
        }
        if (!standing.hasHeardEnough(now, newcomer, doubtful)) {
            return;
        }
        int highest = Math.max(standing.highestEpoch(), log.history().last().number());
        if (highest >= standing.epoch()) {
            // It led in this epoch before it lost its disk.
            int later = standing.order() == Order.NONE
                    ? EpochNumbers.restarted(highest, settings.member())
                    : EpochNumbers.promoted(highest, settings.member());
            stand(now, later, standing.order());
            return;
        }
        Promise ahead = standing.ahead(log.history());
        if (ahead != null) {
            standing.stop();
            catchUpUntil = now + settings.timeoutMillis();
            FollowerCore fetching = newFollower(ahead.member());
            follower = fetching;
            fetching.tick(now);
        } else if (settings.flushed() && log.flushed() < log.history().end()) {
            out.add(new Action.Flush());
        } else {
            lead(standing);
        }
    }

    private void lead(Promotion standing) {
        if (setAside != null) {
            throw new IllegalStateException("an unfinished copy is to lead");
        }
        int epoch = standing.epoch();
        if (settings.copies() > 0 && log.history().end() > 0 && !standing.isSafe(doubtful)) {
            out.add(new Action.Report(
                    "member " + settings.member() + " leads with the most that is left up to log offset "
                            + log.history().end() + ": fewer than " + settings.promises()
                            + " members are known to have lost nothing,"
                            + " so that messages that were acknowledged may be missing"));
        }
        promotion = null;
        rest(epoch, "it leads now");
        promotion = standing;
        standing.leads();
        // After a force: what follows the own end has other bytes than were confirmed there.
        confirmed = confirmed.atMost(log.history().end());
        log = new OwnLog(log.history().begin(epoch), log.begin(), log.flushed());
        doubtful = false;
        newcomer = false;
        if (group == 0) {
            group = standing.group() == 0 ? newGroup : standing.group();
        }
        keep();
        out.add(new Action.Lead(epoch, log.history().end()));
        leader = new LeaderCore(settings, epoch, group, log.history(), log.begin(), log.flushed(), out::add);
    }
}
