package org.merlinmq.replication.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.merlinmq.replication.core.MemberCore.Kept;
import org.merlinmq.replication.member.TailCheck;
import org.merlinmq.replication.stream.Message;
import org.merlinmq.storage.SetAsideLog;

/** A member of a simulated group: the shell around its core that a server has, with a disk that survives crashes. */
final class SimMember {
    /** One run of its process: what comes for an earlier one is lost. */
    private final class Life implements SimNetwork.Host {
        final MemberCore core;
        final Map<Integer, SimNetwork.End> ends = new HashMap<>();
        final ArrayDeque<Supplier<List<Action>>> events = new ArrayDeque<>();

        /** What came of actions: reported before anything else. */
        final ArrayDeque<Supplier<List<Action>>> results = new ArrayDeque<>();

        int accepted;
        boolean busy;

        /** Between the actions that begin and end it: then it takes sends. */
        boolean leading;

        /** Whether it hears of its log's growth late, as of sends that other threads take. */
        final boolean late = group.random.nextBoolean();

        boolean growthDue;

        /** The end of what is on the disk, as it heard last. */
        long synced;

        /** The connection whose message it has got last. */
        int served;

        /** Up to where the log is confirmed, as far as it knows. */
        long confirmed;

        long wakeAt = Long.MAX_VALUE;

        Life(MemberCore core) {
            this.core = core;
        }

        @Override
        public void connected(int peer) {
            event(this, () -> core.connected(now(), peer));
        }

        @Override
        public void gone(int peer) {
            event(this, () -> {
                ends.remove(peer);
                return core.gone(now(), peer);
            });
        }

        @Override
        public void received(int peer, Message message) {
            event(this, () -> {
                if (!ends.containsKey(peer)) {
                    return List.of();
                }
                if (message instanceof Message.Welcome welcome) {
                    store.forgetCopyParts();
                    if (new TailCheck(store).difference(welcome) != null) {
                        group.misled(SimMember.this);
                        return close(this, peer);
                    }
                }
                served = peer;
                List<Action> actions = core.message(now(), peer, message);
                boolean taken = actions.stream().noneMatch(each -> each instanceof Action.Close);
                if (taken && message instanceof Message.Chunk chunk) {
                    confirmed = Math.max(confirmed, chunk.confirmedEnd());
                }
                return actions;
            });
        }

        @Override
        public int accepted(SimNetwork.End end) {
            if (this != life) {
                return 0;
            }
            ends.put(++accepted, end);
            return accepted;
        }
    }

    /** What may happen to a member. */
    enum Fate {
        KILLED,
        LOSES_POWER,
        LOSES_RECORDS,
        LOSES_DISK
    }

    final int number;
    private final SimGroup group;
    private final ReplicationSettings settings;
    MemberStore store;
    private Kept kept = Kept.NOTHING;
    private @Nullable Life life;

    /** Sends that wait for their copies. */
    private final List<SimChecks.Sent> waiting = new ArrayList<>();

    /** Up to where consumers may read its log in this run, and what it has written down of that. */
    private long readable;

    private long readableKept;

    /** The same of the store that was set aside. */
    private long readableAside;

    private boolean powerLost;
    private long pausedUntil;

    /** What its disk has, also if its store does not know that any more since it was killed. */
    private long flushed;

    /** After so many actions, from one of a kind on, its fate comes; never if negative. */
    private int actionsLeft = -1;

    private @Nullable Predicate<Action> from;
    private Fate fate = Fate.KILLED;

    /** Until when nothing more fits on its disk, and until when the disk fails. */
    private long fullUntil;

    private long badUntil;
    private long wentDown;
    private long downUntil;
    private int inSync;

    SimMember(SimGroup group, int number, ReplicationSettings settings, MemberStore store) {
        this.group = group;
        this.number = number;
        this.settings = settings;
        this.store = store;
    }

    private long now() {
        return group.time.now();
    }

    /** Whether its copies count; else it only looks on. */
    boolean counts() {
        return settings.counts();
    }

    boolean isUp() {
        return life != null;
    }

    SimNetwork.@Nullable Host host() {
        return life;
    }

    boolean leads() {
        return life != null && life.core.leads();
    }

    /** How many followers it takes for being in sync, as a leader. */
    int inSync() {
        return inSync;
    }

    boolean isDownSince(long millis) {
        return life == null && wentDown < millis;
    }

    boolean wasPaused() {
        return now() < pausedUntil + settings.timeoutMillis();
    }

    Kept kept() {
        return kept;
    }

    boolean knows(int epoch) {
        return store.epochs().stream().anyMatch(each -> each.number() == epoch);
    }

    /** Whether it has to give up what it has for a copy of the other one's log, since one of them has deleted where the two part. */
    boolean givesUpFor(SimMember other) {
        long common = history().commonEnd(other.history());
        return !store.hasRoom() && common < Math.max(store.begin(), other.store.begin());
    }

    boolean isDoubtful() {
        return kept.doubtful() || powerLost || kept.group() == 0;
    }

    /** Whether it has the log up to there, on its disk if that is what counts. */
    boolean hasUpTo(long end) {
        return safeHistory().end() >= end;
    }

    private void noteFlushed() {
        flushed = Math.min(Math.max(flushed, store.flushed()), store.end());
    }

    /** What it has after a loss of power, of which it knows nothing then. */
    EpochHistory safeHistory() {
        noteFlushed();
        // What was set aside was closed before.
        boolean all = !settings.flushed() || store.setAside() != null;
        return all ? counting().history() : history().withEnd(flushed);
    }

    /** What it has and counts. */
    MemberStore.Counting counting() {
        return store.counting();
    }

    /** What is in the place of its log. */
    EpochHistory history() {
        return new EpochHistory(store.epochs(), store.end());
    }

    void start() {
        Life begun = new Life(new MemberCore(
                settings, number == 0, kept, group.random.nextLong() | 1, history(), store.begin(), store.flushed()));
        life = begun;
        reopened();
        SetAsideLog setAside = store.setAside();
        if (setAside != null) {
            begun.core.isCopyFor(setAside);
        }
        boolean lost = powerLost;
        event(begun, () -> begun.core.start(now(), lost));
    }

    /** The store has been opened: what it may show is what was written down, as far as the log reaches. */
    private void reopened() {
        readableKept = Math.min(readableKept, store.end());
        readable = 0;
        show(readableKept);
    }

    private void show(long logOffset) {
        if (logOffset > readable) {
            group.checks.shows(this, readable, logOffset);
            readable = logOffset;
        }
    }

    /** Written down now and then. */
    private void readable(long logOffset) {
        show(logOffset);
        if (group.random.nextInt(4) == 0) {
            readableKept = readable;
        }
    }

    void crash(boolean power) {
        if (life != null) {
            life = null;
            waiting.clear();
            wentDown = now();
            inSync = 0;
            group.count(power ? "lost power" : "killed");
            group.network.crashed(number, power);
            long end = store.end();
            noteFlushed();
            store = store.crash(power, group.random);
            noteFlushed();
            powerLost |= power && group.isLossy() && !kept.doubtful();
            group.log("member " + number + (power ? " loses power" : " is killed") + " at " + end + ", has "
                    + store.end());
            group.checks.tableIsTrue(this);
            group.checks.mayLoseNothing();
        }
    }

    /** All that it ever wrote is gone; it begins again with an empty disk. */
    void loseDisk() {
        crash(true);
        group.log("member " + number + " loses its disk");
        group.count("lost its disk");
        store = store.fresh();
        noteFlushed();
        kept = Kept.NOTHING;
        readableKept = 0;
        readableAside = 0;
        powerLost = false;
        group.checks.forget();
    }

    /** Bytes of its log are damaged, so that it ends before them. */
    void loseRecords() {
        crash(true);
        store.loseRecords(group.random);
        noteFlushed();
        kept = settings.copies() > 0 ? kept.doubting() : kept;
        powerLost = false;
        group.log("member " + number + " has damaged bytes behind " + store.end());
        group.count("lost records");
        group.checks.forget();
        group.checks.mayLoseNothing();
    }

    /** Something happens to it after so many actions, counted from the next one of a kind. */
    void meets(Fate next, Predicate<Action> kind, int more) {
        fate = next;
        from = kind;
        actionsLeft = more;
    }

    /** If it dies before then, it does not start again before. */
    void staysDown(long millis) {
        downUntil = now() + millis;
    }

    long downUntil() {
        return downUntil;
    }

    void diskIsFull(long millis) {
        fullUntil = now() + millis;
    }

    void diskFails(long millis) {
        badUntil = now() + millis;
    }

    void pause(long millis) {
        pausedUntil = now() + millis;
    }

    /** Nothing happens to it any more. */
    void disarm() {
        actionsLeft = -1;
        fullUntil = 0;
        badUntil = 0;
    }

    void promote(boolean force) {
        Life living = life;
        if (living != null) {
            group.log("promote " + number + (force ? " by force" : ""));
            group.count(force ? "promoted by force" : "promoted");
            event(living, () -> living.core.promote(now(), force));
        }
    }

    /** A nameserver tells it of the last master. */
    void hearsOf(int epoch) {
        Life living = life;
        if (living != null && living.core.leads() && living.core.epoch() < epoch) {
            group.log("member " + number + " hears of epoch " + epoch);
            group.count("heard of");
            event(living, () -> living.core.heardOf(now(), epoch));
        }
    }

    void send(long id) {
        Life living = life;
        if (living != null && living.leading && now() >= Math.max(pausedUntil, Math.max(fullUntil, badUntil))) {
            long at = store.append(id);
            SimChecks.Sent sent =
                    new SimChecks.Sent(at, store.end(), id, history().last().number());
            group.checks.sent(sent);
            waiting.add(sent);
            if (!living.late) {
                grown(living);
            } else if (!living.growthDue) {
                living.growthDue = true;
                group.time.in(group.random.nextInt(30), () -> {
                    living.growthDue = false;
                    grown(living);
                });
            }
        }
    }

    private void grown(Life of) {
        event(of, () -> of.core.grown(now(), store.end(), store.flushed()));
    }

    void flush() {
        Life living = life;
        if (living == null || now() < Math.max(pausedUntil, badUntil)) {
            return;
        }
        if (store.flushed() < store.end()) {
            store.flush();
        }
        // A real store also syncs by itself.
        if (store.flushed() != living.synced) {
            living.synced = store.flushed();
            grown(living);
        }
    }

    void deleteBelow(long logOffset) {
        Life living = life;
        if (living != null && !living.busy) {
            store.deleteBelow(logOffset);
            living.core.beginsAt(store.begin());
        }
    }

    private void event(Life of, Supplier<List<Action>> event) {
        if (of != life) {
            return;
        }
        of.events.add(event);
        work(of);
    }

    private void work(Life of) {
        if (of.busy || of != life) {
            return;
        }
        if (now() < pausedUntil) {
            group.time.at(pausedUntil, () -> work(of));
            return;
        }
        of.busy = true;
        while (of == life && !(of.events.isEmpty() && of.results.isEmpty())) {
            Supplier<List<Action>> next = of.results.isEmpty() ? of.events.remove() : of.results.remove();
            boolean changed = false;
            for (Action action : next.get()) {
                if (meetsItsFate(action)) {
                    return;
                }
                carryOut(of, action);
                changed |= isOfDisk(action) || action instanceof Action.Confirm;
            }
            if (changed) {
                group.checks.mayLoseNothing();
            }
        }
        of.busy = false;
        if (of == life) {
            wakeLater(of);
        }
    }

    private boolean meetsItsFate(Action action) {
        if (actionsLeft >= 0 && (from == null || from.test(action))) {
            from = null;
            if (actionsLeft-- == 0) {
                group.count("at " + action.getClass().getSimpleName());
                group.meets(this, fate);
                return true;
            }
        }
        if (now() < badUntil && isOfDisk(action)) {
            group.count("disk failed");
            group.meets(this, Fate.KILLED);
            return true;
        }
        return false;
    }

    private static boolean isOfDisk(Action action) {
        return switch (action) {
            case Action.Keep _,
                    Action.CutBack _,
                    Action.Empty _,
                    Action.CopyIsLevel _,
                    Action.PutBack _,
                    Action.Flush _,
                    Action.AdoptEpochs _,
                    Action.TakeCopyPart _,
                    Action.Lead _ -> true;
            default -> false;
        };
    }

    private void wakeLater(Life of) {
        long at = of.core.wakeAt(now());
        if (at < of.wakeAt || of.wakeAt <= now()) {
            of.wakeAt = Math.max(at, now() + 1);
            if (at < Long.MAX_VALUE) {
                long due = of.wakeAt;
                group.time.at(due, () -> {
                    if (of.wakeAt == due) {
                        of.wakeAt = Long.MAX_VALUE;
                        event(of, () -> of.core.tick(now()));
                    }
                });
            }
        }
    }

    private void carryOut(Life of, Action action) {
        switch (action) {
            case Action.Keep keep -> keep(keep);
            case Action.Connect connect ->
                of.ends.put(connect.peer(), group.connect(this, of, connect.peer(), connect.member()));
            case Action.Close close -> {
                SimNetwork.End end = of.ends.remove(close.peer());
                if (end != null) {
                    group.network.close(end);
                }
            }
            case Action.Send send -> {
                group.count(send.message().getClass().getSimpleName());
                send(of, send.peer(), send.message());
            }
            case Action.SendLog log -> sendLog(of, log);
            case Action.SendCopy copy -> store.copyParts(copy.epoch()).forEach(part -> send(of, copy.peer(), part));
            case Action.StartFollowing _ -> store.startFollowing();
            case Action.StopFollowing _ -> store.stopFollowing();
            case Action.CutBack cut -> cutBack(of, cut.logOffset());
            case Action.Empty _ -> empty(of);
            case Action.CopyIsLevel _ -> copyIsLevel();
            case Action.PutBack _ -> putBack(of);
            case Action.Flush _ -> {
                store.flush();
                of.results.add(() -> of.core.grown(now(), store.end(), store.flushed()));
            }
            case Action.AdoptEpochs adopt -> {
                group.checks.tableIsTrue(this);
                store.adopt(adopt.epochs());
            }
            case Action.Append append -> append(of, append.chunk());
            case Action.TakeCopyPart take -> {
                if (store.takeCopyPart(take.part())) {
                    group.count("copied");
                    reopened();
                    of.results.add(() -> of.core.copyBegun(now(), store.begin()));
                }
            }
            case Action.Lead lead -> {
                assertThat(lead.logOffset()).isEqualTo(store.end());
                store.beginEpoch(lead.epoch());
                // After a force its own epoch has other bytes than were confirmed behind its end.
                of.confirmed = Math.min(of.confirmed, lead.logOffset());
                of.leading = true;
                group.leads(this, lead.epoch());
            }
            case Action.StopLeading _ -> {
                of.leading = false;
                inSync = 0;
                waiting.clear();
                group.count("stepped down");
                of.results.add(() -> of.core.stopped(now(), store.end(), store.flushed()));
            }
            case Action.Confirm confirm -> confirmed(of, confirm.logOffset());
            case Action.Show shown -> readable(shown.logOffset());
            case Action.InSync now -> inSync = now.count();
            case Action.Report report -> group.reported(this, report.sentence());
        }
    }

    private void keep(Action.Keep keep) {
        kept = new Kept(keep.epoch(), keep.doubtful(), keep.newcomer(), keep.group());
        powerLost &= !keep.doubtful();
        if (keep.doubtful()) {
            group.count("in doubt");
        }
    }

    private void empty(Life of) {
        group.log("member " + number + " begins anew");
        group.count("emptied");
        assertThat(kept.doubtful() || settings.copies() == 0 || store.setAside() != null)
                .as("member %s keeps in mind that it gives up what it acknowledged", number)
                .isTrue();
        boolean counts = store.empty();
        readableAside = counts ? Math.max(readableAside, readableKept) : 0;
        readableKept = 0;
        reopened();
        of.confirmed = 0;
        noteFlushed();
        of.results.add(() -> of.core.emptied(now(), counts));
    }

    private void copyIsLevel() {
        group.count("copy level");
        store.copyIsLevel();
        readableAside = 0;
    }

    private void putBack(Life of) {
        store.putBack();
        group.log("member " + number + " is put back to " + history());
        group.count("put back");
        readableKept = readableAside;
        readableAside = 0;
        reopened();
        of.confirmed = 0;
        flushed = store.flushed();
        of.results.add(() -> of.core.putBack(now(), history(), store.begin(), store.flushed(), false));
    }

    /** A disk that is full or fails takes a part of it, and the connection ends. */
    private void append(Life of, Message.Chunk chunk) {
        byte[] bytes = chunk.bytes();
        boolean fails = now() < Math.max(fullUntil, badUntil);
        int taken = fails ? group.random.nextInt(bytes.length) : bytes.length;
        store.receive(chunk.logOffset(), Arrays.copyOf(bytes, taken));
        of.results.add(() -> of.core.grown(now(), store.end(), store.flushed()));
        if (fails) {
            group.count("disk full");
            of.results.add(() -> close(of, of.served));
        }
    }

    private void send(Life of, int peer, Message message) {
        group.checks.says(this, message);
        SimNetwork.End end = of.ends.get(peer);
        if (end != null) {
            group.network.send(
                    end, message instanceof Message.Welcome welcome ? new TailCheck(store).with(welcome) : message);
        }
    }

    private void sendLog(Life of, Action.SendLog log) {
        long from = log.from();
        long end = from + log.count();
        while (from < end) {
            int most = 1 + group.random.nextInt((int) (end - from));
            byte[] bytes = store.read(from, most);
            if (bytes == null) {
                SimNetwork.End lost = of.ends.remove(log.peer());
                if (lost != null) {
                    group.network.close(lost);
                    of.results.add(() -> of.core.gone(now(), log.peer()));
                }
                return;
            }
            assertThat(bytes.length).isPositive();
            send(of, log.peer(), new Message.Chunk(log.epoch(), from, store.end(), log.confirmedEnd(), bytes));
            from += bytes.length;
        }
    }

    private void cutBack(Life of, long logOffset) {
        group.log("member " + number + " cuts " + store.end() + " back to " + logOffset);
        group.checks.cuts(this, logOffset);
        SimChecks.check(
                logOffset >= Math.min(of.confirmed, store.end()),
                () -> "member " + number + " cuts off what is confirmed up to " + of.confirmed);
        group.count("cut back");
        boolean cut = !group.mayRefuseToCut(this) && store.cutBack(logOffset);
        noteFlushed();
        if (!cut) {
            group.count("not cut back");
            of.results.add(() -> of.core.cannotCut(now()));
        } else {
            reopened();
            of.results.add(() -> of.core.cut(now(), store.end()));
        }
    }

    private void confirmed(Life of, long logOffset) {
        group.checks.confirmed(this, logOffset);
        of.confirmed = settings.copies() == 0 ? 0 : logOffset;
        waiting.removeIf(each -> {
            if (each.end() <= logOffset) {
                group.count("acknowledged");
                group.checks.acknowledged(this, each);
            }
            return each.end() <= logOffset;
        });
    }

    private List<Action> close(Life of, int peer) {
        SimNetwork.End end = of.ends.remove(peer);
        if (end != null) {
            group.network.close(end);
        }
        return of.core.gone(now(), peer);
    }
}
