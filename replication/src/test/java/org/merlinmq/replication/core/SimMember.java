package org.merlinmq.replication.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.merlinmq.replication.core.MemberCore.Kept;
import org.merlinmq.replication.stream.Message;

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
                if (message instanceof Message.Welcome) {
                    store.forgetCopyParts();
                }
                return ends.containsKey(peer) ? core.message(now(), peer, message) : List.of();
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

    /** A send that waits for its copies. */
    private record Waiting(long logOffset, long end, long id) {}

    final int number;
    private final SimGroup group;
    private final ReplicationSettings settings;
    MemberStore store;
    private Kept kept = Kept.NOTHING;
    private @Nullable Life life;
    private final List<Waiting> waiting = new ArrayList<>();
    private boolean powerLost;
    private long pausedUntil;

    /** What its disk has, also if its store does not know that any more since it was killed. */
    private long flushed;

    /** After so many actions it crashes; never if negative. */
    private int actionsLeft = -1;

    private boolean powerNext;

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

    /** Whether it is about to. */
    boolean mayLosePower() {
        return actionsLeft >= 0 && powerNext;
    }

    boolean leads() {
        return life != null && life.core.leads();
    }

    boolean isDoubtful() {
        return kept.doubtful() || powerLost || kept.group() == 0;
    }

    /** Whether it has the log up to there, on its disk if that is what counts. */
    boolean hasUpTo(long end) {
        noteFlushed();
        return (settings.flushed() ? flushed : store.end()) >= end;
    }

    private void noteFlushed() {
        flushed = Math.min(Math.max(flushed, store.flushed()), store.end());
    }

    EpochHistory history() {
        return new EpochHistory(store.epochs(), store.end());
    }

    void start() {
        Life begun = new Life(new MemberCore(
                settings, number == 0, kept, group.random.nextLong() | 1, history(), store.begin(), store.flushed()));
        life = begun;
        actionsLeft = -1;
        boolean lost = powerLost;
        event(begun, () -> begun.core.start(now(), lost));
    }

    void crash(boolean power) {
        if (life != null) {
            life = null;
            waiting.clear();
            group.count(power ? "lost power" : "killed");
            group.network.crashed(number, power);
            long end = store.end();
            noteFlushed();
            store = store.crash(power, group.random);
            noteFlushed();
            powerLost |= power && group.isLossy() && !kept.doubtful();
            group.log("member " + number + (power ? " loses power" : " is killed") + " at " + end + ", has "
                    + store.end());
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
        powerLost = false;
    }

    void crashAfter(int actions, boolean power) {
        actionsLeft = actions;
        powerNext = power;
    }

    void pause(long millis) {
        pausedUntil = now() + millis;
    }

    void disarm() {
        actionsLeft = -1;
    }

    void promote(boolean force) {
        Life living = life;
        if (living != null) {
            group.log("promote " + number + (force ? " by force" : ""));
            group.count(force ? "promoted by force" : "promoted");
            event(living, () -> living.core.promote(now(), force));
        }
    }

    void send(long id) {
        Life living = life;
        if (living != null && living.core.leads() && now() >= pausedUntil) {
            long at = store.append(id);
            waiting.add(new Waiting(at, store.end(), id));
            event(living, () -> living.core.grown(now(), store.end(), store.flushed()));
        }
    }

    void flush() {
        Life living = life;
        if (living != null && now() >= pausedUntil && store.flushed() < store.end()) {
            store.flush();
            event(living, () -> living.core.grown(now(), store.end(), store.flushed()));
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
            for (Action action : next.get()) {
                if (actionsLeft >= 0 && actionsLeft-- == 0) {
                    crash(powerNext && group.mayLosePower(this));
                    group.restartLater(this);
                    return;
                }
                carryOut(of, action);
            }
        }
        of.busy = false;
        if (of == life) {
            wakeLater(of);
        }
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
            case Action.Send send -> send(of, send.peer(), send.message());
            case Action.SendLog log -> sendLog(of, log);
            case Action.SendCopy copy -> store.copyParts(copy.epoch()).forEach(part -> send(of, copy.peer(), part));
            case Action.StartFollowing _ -> store.startFollowing();
            case Action.StopFollowing _ -> store.stopFollowing();
            case Action.CutBack cut -> cutBack(of, cut.logOffset());
            case Action.Empty _ -> empty(of);
            case Action.Flush _ -> {
                store.flush();
                of.results.add(() -> of.core.grown(now(), store.end(), store.flushed()));
            }
            case Action.AdoptEpochs adopt -> store.adopt(adopt.epochs());
            case Action.Append append -> {
                store.receive(append.chunk().logOffset(), append.chunk().bytes());
                of.results.add(() -> of.core.grown(now(), store.end(), store.flushed()));
            }
            case Action.TakeCopyPart take -> {
                if (store.takeCopyPart(take.part())) {
                    group.count("copied");
                    of.results.add(() -> of.core.copyBegun(now(), store.begin()));
                }
            }
            case Action.Lead lead -> {
                assertThat(lead.logOffset()).isEqualTo(store.end());
                store.beginEpoch(lead.epoch());
                group.leads(this, lead.epoch());
            }
            case Action.StopLeading _ -> {
                waiting.clear();
                group.count("stepped down");
                of.results.add(() -> of.core.stopped(now(), store.end(), store.flushed()));
            }
            case Action.Confirm confirm -> confirmed(of, confirm.logOffset());
            case Action.InSync _ -> {}
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
        assertThat(kept.doubtful() || settings.copies() == 0)
                .as("member %s keeps in mind that it gives up what it acknowledged", number)
                .isTrue();
        store.empty();
        noteFlushed();
        of.results.add(() -> of.core.emptied(now()));
    }

    private void send(Life of, int peer, Message message) {
        SimNetwork.End end = of.ends.get(peer);
        if (end != null) {
            group.network.send(end, message);
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
        group.cuts(this, logOffset);
        group.count("cut back");
        boolean cut = !group.mayRefuseToCut() && store.cutBack(logOffset);
        noteFlushed();
        if (!cut) {
            group.count("not cut back");
            of.results.add(() -> of.core.cannotCut(now()));
        } else {
            of.results.add(() -> of.core.cut(now(), store.end()));
        }
    }

    private void confirmed(Life of, long logOffset) {
        waiting.removeIf(each -> {
            if (each.end <= logOffset) {
                group.acknowledged(this, of.core.epoch(), each.logOffset, each.end, each.id);
            }
            return each.end <= logOffset;
        });
    }
}
