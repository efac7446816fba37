package org.merlinmq.replication.member;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.platform.thread.PlatformThreads;
import org.merlinmq.platform.thread.StoreThreads;
import org.merlinmq.replication.core.Action;
import org.merlinmq.replication.core.EpochHistory;
import org.merlinmq.replication.core.MemberCore;
import org.merlinmq.replication.core.MemberCore.Kept;
import org.merlinmq.replication.core.ReplicationSettings;
import org.merlinmq.replication.member.MemberView.Role;
import org.merlinmq.replication.stream.Message;
import org.merlinmq.replication.stream.Message.Chunk;
import org.merlinmq.replication.stream.Message.Heartbeat;
import org.merlinmq.replication.stream.Message.Welcome;
import org.merlinmq.storage.SetAsideLog;
import org.merlinmq.storage.log.BrokenLogException;
import org.merlinmq.storage.log.LogWaiter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A member of a broker group: runs the rules of {@link MemberCore} over sockets, a store and a file.
 *
 * <pre>
 *  sockets ─┐                                      ┌─► sockets
 *  growth  ─┼─► one event at a time ─► MemberCore ─┼─► log, member file
 *  orders  ─┘        (replica)          actions    └─► MemberEvents: leads, confirmed …
 * </pre>
 *
 * <p>One thread does it all, sockets included: a message goes from the log to a follower's socket, and its acknowledgement from
 * there to those who wait for it, with no hand-off in between.
 *
 * <p>When the disk fails under an action the member is in the state of one that was killed: it lets go of everything, and begins
 * again, after a while, with what is on the disk.
 *
 * <p>Threading: {@code replica} does the work; all public methods on any thread.
 */
public final class Member implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Member.class);

    /** A member whose disk has failed rests so many times as long as one that could not connect. */
    private static final int REST_RETRIES = 5;

    private static final int NOBODY = -1;

    private final MemberSetup setup;
    private final ReplicationSettings settings;
    private final MemberEvents events;
    private final StoredLog log;
    private final TailCheck tail;
    private final MemberFile file;
    private final StoreThreads time;
    private final GroupSockets sockets;
    private final MemberStatus status;
    private final Thread thread;
    private final LogWaiter growth = this::grew;

    private final Queue<Runnable> orders = new ConcurrentLinkedQueue<>();
    private volatile boolean closing;
    private volatile boolean killed;

    private volatile boolean growthAwaited;

    // Of the thread alone from here on.
    private @Nullable MemberCore core;
    private Kept kept = Kept.NOTHING;
    private boolean keptAnew;
    private boolean leading;
    private boolean following;
    private long restUntil;

    /** The earliest time that the core has asked for since its last tick: asked again it may name one that is always ahead. */
    private long tickAt = Long.MAX_VALUE;

    /** What came of actions: given to the core before anything else. */
    private final ArrayDeque<Supplier<List<Action>>> results = new ArrayDeque<>();

    /** The connection whose message is being handled. */
    private int served = NOBODY;

    private long knownBegin;
    private long knownEnd;
    private long knownFlushed;
    private boolean syncWanted;
    private String lastReport = "";

    /**
     * A member that does nothing yet.
     *
     * @param setup how it runs
     * @param stores has its store, which takes no appends before {@link MemberEvents#leads}
     * @param events hears what it becomes
     */
    public Member(MemberSetup setup, StoreHost stores, MemberEvents events) {
        this.setup = setup;
        this.settings = setup.settings();
        this.events = events;
        this.log = new StoredLog(stores);
        this.tail = new TailCheck(log);
        this.time = stores.environment().threads();
        this.file =
                new MemberFile(stores.environment().disk(), stores.config().folder(), settings.member(), setup.boot());
        this.sockets = new GroupSockets(setup, log, new Connections(), this::now, this::order);
        this.status = new MemberStatus(settings.member(), log, sockets);
        this.thread = Thread.ofPlatform().name("replica").unstarted(this::run);
    }

    /**
     * Begins: follows, or stands for the lead that it had.
     *
     * @throws DiskException if what it has promised cannot be read
     */
    public void start() {
        MemberFile.Found found = file.read(isOfGroup());
        if (settings.flushed()) {
            log.afterSync(sockets::wake);
        }
        orders.add(() -> {
            if (!closing) {
                begin(found);
            }
        });
        thread.start();
    }

    private boolean isOfGroup() {
        return log.epochs().getLast().number() > 0;
    }

    /**
     * Takes a connection of another member.
     *
     * @param channel connected, and this member's from now on
     * @param first what was read of it already
     */
    public void take(SocketChannel channel, ByteBuffer first) {
        if (closing) {
            GroupSockets.close(channel);
        } else {
            order(() -> accept(channel, first));
        }
    }

    /**
     * Makes this member the leader as soon as that is safe, as an operator orders. What keeps it from that is reported.
     *
     * @param force with those who answer, however few; see {@link MemberCore#promote}
     */
    public void promote(boolean force) {
        order(() -> event(running -> running.promote(now(), force)));
    }

    /**
     * Hears of a master of its group from somebody who is no member; see {@link MemberCore#heardOf}.
     *
     * @param epoch that the other one leads in
     */
    public void heardOf(int epoch) {
        order(() -> event(running -> running.heardOf(now(), epoch)));
    }

    /**
     * What it is and has now.
     *
     * @return of one moment but for the positions, which may be a little newer
     */
    public MemberView view() {
        return status.view(now());
    }

    private long now() {
        return time.nanoTime() / 1_000_000;
    }

    private void order(Runnable order) {
        orders.add(order);
        sockets.wake();
    }

    private void grew() {
        growthAwaited = false;
        sockets.wake();
    }

    // The thread.

    private void run() {
        try {
            while (!closing) {
                turn();
            }
            if (!killed) {
                end();
            }
        } catch (IOException e) {
            failed(e);
        } catch (RuntimeException | Error bug) {
            failed(bug);
            throw bug;
        } finally {
            letGo();
        }
    }

    private void letGo() {
        core = null;
        // Connections that came too late are closed by their orders.
        for (Runnable order = orders.poll(); order != null; order = orders.poll()) {
            order.run();
        }
        sockets.close();
    }

    private void failed(Throwable bug) {
        LOG.error("replica-failed action=\"this member takes no part in its group until it is started again\"", bug);
        stopLeading("a bug ended the thread that leads: " + bug);
        report("the thread replica ended by a bug: " + bug + "; start this broker again");
    }

    private void end() {
        stopLeading("this broker stops");
        sockets.forgetAll();
        try {
            stopFollowing();
            log.flush();
            if (core != null) {
                file.write(kept, true);
            }
        } catch (DiskException e) {
            LOG.warn("replica-not-closed cause=\"{}\" action=\"the next start takes it for a crash\"", e.getMessage());
        }
    }

    private void turn() throws IOException {
        awaitGrowth();
        await();
        for (Runnable order = orders.poll(); order != null; order = orders.poll()) {
            order.run();
        }
        noteGrowth();
        sockets.receive();
        sockets.closeSilent();
        tick();
        if (syncWanted) {
            syncWanted = false;
            log.flushSoon();
        }
        sockets.send();
    }

    private void await() throws IOException {
        MemberCore running = core;
        long now = now();
        if (running != null) {
            tickAt = Math.min(tickAt, running.wakeAt(now));
        }
        long own = running != null ? tickAt : restUntil == 0 ? Long.MAX_VALUE : restUntil;
        long at = Math.min(own, sockets.wakeAt());
        long millis = at == Long.MAX_VALUE ? at : Math.max(1, at - now);
        sockets.await(orders.isEmpty() ? millis : 0);
    }

    private void tick() {
        MemberCore running = core;
        long now = now();
        if (running == null) {
            if (restUntil != 0 && now >= restUntil) {
                restUntil = 0;
                beginAgain();
            }
        } else if (now >= tickAt) {
            tickAt = Long.MAX_VALUE;
            event(each -> each.tick(now));
        }
    }

    /** An async master without slaves is not woken by sends. */
    private void awaitGrowth() {
        if (leading && !growthAwaited && (settings.copies() > 0 || !sockets.isEmpty())) {
            growthAwaited = true;
            log.awaitGrowth(growth, knownEnd + 1);
        }
    }

    private void noteGrowth() {
        long begin = log.begin();
        if (begin != knownBegin && core != null) {
            knownBegin = begin;
            core.beginsAt(begin);
        }
        long flushed = log.flushed();
        long end = log.end();
        if (end != knownEnd || flushed != knownFlushed) {
            knownEnd = end;
            knownFlushed = flushed;
            event(running -> running.grown(now(), end, flushed));
        }
    }

    private void begin(MemberFile.Found found) {
        boolean lost = settings.copies() > 0 && log.hasLostRecords();
        kept = lost ? found.kept().doubting() : found.kept();
        keptAnew = false;
        knownBegin = log.begin();
        knownEnd = log.end();
        knownFlushed = log.flushed();
        MemberCore begun = new MemberCore(
                settings,
                setup.masterByFile(),
                kept,
                setup.newGroup(),
                new EpochHistory(log.epochs(), knownEnd),
                knownBegin,
                knownFlushed);
        SetAsideLog setAside = log.setAside();
        if (setAside != null) {
            begun.isCopyFor(setAside);
        }
        core = begun;
        event(running -> running.start(now(), found.powerLost()));
        // Only now, with its doubts if it has any: the boot that goes on, and that it runs.
        if (core != null) {
            try {
                if (!keptAnew) {
                    file.write(kept, false);
                }
                if (lost) {
                    log.lossIsKnown();
                }
            } catch (DiskException e) {
                rest(String.valueOf(e.getMessage()));
            }
        }
    }

    private void beginAgain() {
        try {
            log.mend();
            MemberFile.Found found = file.read(isOfGroup());
            begin(new MemberFile.Found(found.kept(), false));
        } catch (DiskException e) {
            rest(String.valueOf(e.getMessage()));
        }
    }

    /** The disk has failed: what the core believes may not be there. It begins again with what is. */
    private void rest(String why) {
        long millis = REST_RETRIES * settings.retryMillis();
        report("the disk failed under the replication: " + why + "; it is tried again each " + millis + " ms");
        core = null;
        results.clear();
        sockets.forgetAll();
        stopLeading(why);
        try {
            stopFollowing();
        } catch (DiskException e) {
            LOG.warn("replica-not-stopped cause=\"{}\"", e.getMessage());
        }
        log.forgetCopyParts();
        restUntil = now() + millis;
        noteStatus();
    }

    private void stopLeading(String reason) {
        if (leading) {
            leading = false;
            log.awaitNoGrowth(growth);
            growthAwaited = false;
            events.stoodDown(reason);
        }
    }

    // Events and their actions.

    /** What happens to a core. */
    @FunctionalInterface
    private interface Event {
        List<Action> on(MemberCore running);
    }

    /** Gives the core an event, and carries out all that comes of it. */
    private void event(Event event) {
        MemberCore running = core;
        if (running == null) {
            return;
        }
        try {
            carryOut(event.on(running));
            while (!results.isEmpty()) {
                carryOut(results.remove().get());
            }
        } catch (DiskException e) {
            LOG.error("replica-disk-failed cause=\"{}\"", e.getMessage(), e);
            rest(String.valueOf(e.getMessage()));
        }
        noteStatus();
    }

    private void carryOut(List<Action> actions) {
        for (Action action : actions) {
            carryOut(action);
        }
    }

    private MemberCore running() {
        MemberCore running = core;
        if (running == null) {
            throw new IllegalStateException("the member rests");
        }
        return running;
    }

    private void carryOut(Action action) {
        MemberCore running = running();
        switch (action) {
            case Action.Keep keep -> keep(new Kept(keep.epoch(), keep.doubtful(), keep.newcomer(), keep.group()));
            case Action.Connect connect -> sockets.connect(connect.peer(), connect.member());
            case Action.Close close -> sockets.close(close.peer(), close.why());
            case Action.Send send -> send(send.peer(), send.message());
            case Action.SendLog of -> sockets.sendLog(of.peer(), of.epoch(), of.from(), of.count(), of.confirmedEnd());
            case Action.SendCopy copy -> log.copyParts(copy.epoch()).forEach(part -> send(copy.peer(), part));
            case Action.StartFollowing _ -> {
                log.startFollowing();
                following = true;
            }
            case Action.StopFollowing _ -> stopFollowing();
            case Action.CutBack cut -> {
                boolean done = log.cutBack(cut.logOffset());
                results.add(() -> done ? running.cut(now(), log.end()) : running.cannotCut(now()));
            }
            case Action.Empty _ -> {
                boolean counts = log.empty();
                results.add(() -> running.emptied(now(), counts));
            }
            case Action.CopyIsLevel _ -> log.copyIsLevel();
            case Action.PutBack _ -> putBack(running);
            case Action.Flush _ -> {
                log.flush();
                results.add(() -> running.grown(now(), log.end(), log.flushed()));
            }
            case Action.AdoptEpochs adopt -> log.adopt(adopt.epochs());
            case Action.Append append -> append(running, append.chunk());
            case Action.TakeCopyPart take -> {
                if (log.takeCopyPart(take.part())) {
                    long begin = take.part().logOffset();
                    results.add(() -> running.copyBegun(now(), begin));
                }
            }
            case Action.Lead lead -> lead(lead);
            case Action.StopLeading stop -> {
                stopLeading("there is epoch " + stop.heard());
                results.add(() -> running.stopped(now(), log.end(), log.flushed()));
            }
            case Action.Confirm confirm -> {
                status.confirmed(confirm.logOffset());
                events.confirmed(confirm.logOffset());
            }
            case Action.Show show -> events.readable(show.logOffset());
            case Action.InSync now -> {
                status.inSync(now.count());
                events.inSync(now.count());
            }
            case Action.Report report -> report(report.sentence());
        }
    }

    private void putBack(MemberCore running) {
        log.putBack();
        EpochHistory history = new EpochHistory(log.epochs(), log.end());
        results.add(() -> running.putBack(now(), history, log.begin(), log.flushed(), log.hasLostRecords()));
    }

    private void stopFollowing() {
        following = false;
        log.stopFollowing();
    }

    private void keep(Kept now) {
        file.write(now, false);
        kept = now;
        keptAnew = true;
    }

    private void lead(Action.Lead lead) {
        if (log.end() != lead.logOffset()) {
            throw new IllegalStateException("the log ends at " + log.end() + ", and its member is to lead from "
                    + lead.logOffset() + ": the store took appends while it stood by");
        }
        log.beginEpoch(lead.epoch());
        leading = true;
        status.inSync(0);
        lastReport = "";
        LOG.info("replica-leads epoch={} logOffset={}", lead.epoch(), lead.logOffset());
        events.leads(lead.epoch(), kept.group());
    }

    private void append(MemberCore running, Chunk chunk) {
        int from = served;
        String failure = null;
        try {
            log.receive(chunk.logOffset(), chunk.bytes());
            syncWanted |= settings.flushed();
        } catch (BrokenLogException | DiskException e) {
            failure = String.valueOf(e.getMessage());
        }
        // What was whole before broken bytes is in the log: the next hello has to say so.
        knownEnd = log.end();
        results.add(() -> running.grown(now(), log.end(), log.flushed()));
        if (failure != null) {
            report("the log of the master cannot be taken: " + failure);
            sockets.forget(from, failure);
            results.add(() -> running.gone(now(), from));
        }
    }

    private void report(String sentence) {
        if (!sentence.equals(lastReport)) {
            lastReport = sentence;
            LOG.warn("replica-reports member={} what=\"{}\"", settings.member(), sentence);
            events.reported(sentence);
        }
    }

    /** Shows what the core has become, and who is followed now. */
    private void noteStatus() {
        MemberCore running = core;
        MemberStatus.State shown = status.state();
        int leader = running != null && (leading || following) ? running.knownLeader() : NOBODY;
        Role role = leading ? Role.LEADS : following ? Role.FOLLOWS : Role.STANDS_BY;
        int epoch = running == null ? shown.epoch() : running.epoch();
        boolean doubtful = running == null ? shown.doubtful() : running.isDoubtful();
        if (role != shown.role()
                || epoch != shown.epoch()
                || leader != shown.leader()
                || doubtful != shown.doubtful()) {
            status.become(new MemberStatus.State(role, epoch, leader, doubtful));
            if (!leading && leader != shown.leader()) {
                LOG.info("replica-follows member={} epoch={} logOffset={}", leader, epoch, log.end());
                events.follows(leader);
            }
        }
    }

    // Connections.

    /** What sockets bring, to the core. */
    private final class Connections implements GroupSockets.Listener {
        @Override
        public void connected(int peer) {
            event(running -> running.connected(now(), peer));
        }

        @Override
        public void gone(int peer) {
            event(running -> running.gone(now(), peer));
        }

        @Override
        public void message(GroupConnection from, Message message) {
            from.note(message, knownEnd, now());
            take(from.peer, message);
        }

        @Override
        public void refused(String sentence) {
            report(sentence);
        }
    }

    private void accept(SocketChannel channel, ByteBuffer first) {
        if (core == null) {
            GroupSockets.close(channel);
        } else {
            sockets.accept(channel, first);
        }
    }

    private void take(int peer, Message message) {
        switch (message) {
            case Welcome welcome -> {
                log.forgetCopyParts();
                String differs = tail.difference(welcome);
                if (differs != null) {
                    report(differs);
                    sockets.lost(peer, differs);
                    return;
                }
                status.welcomed(welcome.end(), now());
            }
            case Chunk chunk -> status.heardEnds(chunk.publishedEnd(), chunk.confirmedEnd());
            case Heartbeat heartbeat
            when peer < 0 -> status.heardEnds(heartbeat.publishedEnd(), heartbeat.confirmedEnd());
            default -> {
                // Nothing but the core's.
            }
        }
        served = peer;
        event(running -> running.message(now(), peer, message));
        served = NOBODY;
        if (peer < 0) {
            status.reached(knownEnd, now());
        }
    }

    private void send(int peer, Message message) {
        sockets.send(peer, message instanceof Welcome welcome ? tail.with(welcome) : message);
    }

    /** Ends it as a kill of the process does: nothing is said, written or put in order. For tests. */
    void kill() {
        killed = true;
        close();
    }

    /** Leaves the group: others hear nothing of it, as if it had been killed, but its log is on the disk. */
    @Override
    public void close() {
        closing = true;
        sockets.wake();
        PlatformThreads.join(thread);
        sockets.close();
    }
}
