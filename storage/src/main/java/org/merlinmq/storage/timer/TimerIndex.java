package org.merlinmq.storage.timer;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.merlinmq.storage.disk.Damage;
import org.merlinmq.storage.disk.Disk;
import org.merlinmq.storage.run.DamagedRunException;
import org.merlinmq.storage.run.PairRebuild;
import org.merlinmq.storage.run.PairSort;
import org.merlinmq.storage.run.PairSource;
import org.merlinmq.storage.run.PairTail;
import org.merlinmq.storage.run.Run;
import org.merlinmq.storage.run.RunFile;
import org.merlinmq.storage.run.RunKind;
import org.merlinmq.storage.run.RunSet;
import org.merlinmq.storage.run.RunStore;
import org.merlinmq.storage.run.RunWriter;
import org.merlinmq.storage.run.Runs;

/**
 * Which delayed messages are due when.
 *
 * <p>A timer is named by the log offset of the delayed message's record. It is settled by a later record that names it
 * in its {@code preparedTransactionOffset}: the delivered copy, or a cancellation. Since both are records of the log, a
 * crash neither loses nor doubles a delivery.
 *
 * <p>How: all timers are in the tail or in runs sorted by due time. Those before the <em>horizon</em> are in a heap too,
 * which is filled from tail and runs as time goes on. What is settled is forgotten at a flush: everything before the
 * first pending timer by one number, the <em>progress</em>, and the few settled ones behind it by tombstones.
 *
 * <p>Threading: {@code add} and {@code settle} under the append lock, in log order; {@code drainDue} on the timer
 * thread; the methods of {@link Runs} on the store's tail thread; all else on any thread. A lock of its own, taken
 * after the append lock and never held over a file, guards what is in memory.
 *
 * <p>Format: docs/formats/timer-run.md.
 */
public final class TimerIndex implements Runs, AutoCloseable {

    /** How far ahead of time timers are fetched from disk. */
    public static final long HORIZON_MILLIS = 120_000;

    /** A due time above this is cut to it: the year 4147. */
    public static final long MAX_DUE_MILLIS = 1L << 46;

    private static final long LEAD_MILLIS = 1_000;
    private static final int DRAIN_BATCH = 256;

    /** Takes timers. */
    @FunctionalInterface
    public interface Visitor {
        /**
         * One timer.
         *
         * @param dueMillis when it is due, in milliseconds since 1970
         * @param logOffset where the delayed message's record begins
         * @return whether to go on
         */
        boolean visit(long dueMillis, long logOffset);
    }

    private final RunStore store;
    private final int maxInMemory;
    private final ReentrantLock lock = new ReentrantLock();
    private final PairTail tail = new PairTail();
    private final DueHeap near = new DueHeap();

    /** Timers that were handed out, with their due times; those to be handed out again are in the heap too. */
    private final Map<Long, Long> dueInFlight = new HashMap<>();

    /** Timers in the heap that wait for a retry, and stay there until then or a flush even if they are settled. */
    private final Set<Long> retried = new HashSet<>();

    private final Map<Long, Settled> settled = new HashMap<>();

    /** Timers that are claimed, which are in flight too; with whether the heap has them still. */
    private final Map<Long, Boolean> claimed = new HashMap<>();

    private long horizonDue;
    private long horizonLogOffset;

    /** The first timer known to be at the horizon or behind it; before that nothing has to be fetched. */
    private long nextBehindHorizon = Long.MAX_VALUE;

    private long announced = Long.MAX_VALUE;
    private long pending;

    /** The latest time that timers were drained at. */
    private long drainedTo;

    /** Changes when what a fetch has read may be wrong: after a flush, and when the horizon is pulled in. */
    private long version;

    /** Whether the heap may hold timers that are settled: cancelled ones, and late successes of a retried delivery. */
    private boolean mayHoldSettled;

    private volatile long minLogOffset;
    private @Nullable Runnable earlier;

    // Written by the store's tail thread under the lock.
    private long flushedUpTo;
    private long progressDue;

    private long progressLogOffset;

    /** The progress, or what it becomes when the flush under way is done; no timer is entered before it. */
    private long floorDue;

    private long floorLogOffset;

    private TimerIndex(RunStore store, int maxInMemory) {
        this.store = store;
        this.maxInMemory = maxInMemory;
    }

    /**
     * Opens the index; {@link #recover} comes next.
     *
     * @param disk holds the files
     * @param folder of the timer runs; made if missing
     * @param maxInMemory about how many timers to hold in memory besides those that no run has yet
     * @param damages told of each damage
     * @return the index
     */
    public static TimerIndex open(Disk disk, Path folder, int maxInMemory, Consumer<Damage> damages) {
        return new TimerIndex(new RunStore(disk, folder, RunKind.TIMER, damages), maxInMemory);
    }

    /**
     * Says whom to wake when a timer comes that is due before what {@link #nextDueMillis()} last told.
     *
     * @param wake called under the append lock: must be short and must not call the index
     */
    public void onEarlier(Runnable wake) {
        locked(() -> earlier = wake);
    }

    private void locked(Runnable action) {
        lock.lock();
        try {
            action.run();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Adds a timer.
     *
     * @param dueMillis when it is due, in milliseconds since 1970
     * @param logOffset where the delayed message's record begins
     */
    public void add(long dueMillis, long logOffset) {
        lock.lock();
        try {
            long due = notBeforeProgress(Math.clamp(dueMillis, 1, MAX_DUE_MILLIS), logOffset);
            tail.add(due, logOffset << 1);
            pending++;
            if (isBeforeHorizon(due, logOffset)) {
                near.add(due, due, logOffset);
                if (near.size() - retried.size() > 2L * maxInMemory) {
                    pullInHorizon();
                }
            } else {
                nextBehindHorizon = Math.min(nextBehindHorizon, due);
            }
            wakeFor(due);
        } finally {
            lock.unlock();
        }
    }

    private void wakeFor(long due) {
        Runnable wake = earlier;
        if (due < announced && wake != null) {
            announced = due;
            wake.run();
        }
    }

    /** What is overdue so much comes at once all the same; and the progress never has to go back for it. */
    private long notBeforeProgress(long due, long logOffset) {
        boolean before = due < floorDue || (due == floorDue && logOffset < floorLogOffset);
        return before ? floorDue + 1 : due;
    }

    private boolean isBeforeHorizon(long due, long logOffset) {
        return due < horizonDue || (due == horizonDue && logOffset < horizonLogOffset);
    }

    /**
     * Forgets the later half of the heap: it will be fetched again. Handed-out timers that wait for a retry stay, and
     * do not count: being overdue, they would draw the horizon into the past.
     */
    private void pullInHorizon() {
        long due = near.dueAt(maxInMemory, retried::contains);
        near.retain(d -> d < due, retried::contains);
        claimed.replaceAll((logOffset, inHeap) ->
                inHeap && (retried.contains(logOffset) || dueInFlight.getOrDefault(logOffset, due) < due));
        version++;
        horizonDue = due;
        horizonLogOffset = 0;
        nextBehindHorizon = due;
    }

    /**
     * Ends a timer: a record was published that names it, the delivered copy or a cancellation. Offsets that name no
     * timer (a transaction's half message) are ignored.
     *
     * @param logOffset the timer
     * @param byLogOffset where the record that ends it begins
     */
    public void settle(long logOffset, long byLogOffset) {
        lock.lock();
        try {
            Long due = dueInFlight.remove(logOffset);
            if (due != null) {
                pending--;
                boolean inHeap = Boolean.TRUE.equals(claimed.remove(logOffset));
                mayHoldSettled |= inHeap || retried.contains(logOffset);
            }
            settled.putIfAbsent(logOffset, new Settled(due == null ? Settled.UNKNOWN : due, byLogOffset));
        } finally {
            lock.unlock();
        }
    }

    /**
     * Gives up a timer that was handed out and whose record is gone: it will not come again.
     *
     * @param logOffset the timer
     */
    public void drop(long logOffset) {
        settle(logOffset, -1);
    }

    /**
     * Takes a pending timer for itself, wherever it is due, to append its record anew at the log's end: the new record
     * names this one and so settles it. Until then it is not handed out.
     *
     * @param dueMillis the timer, as {@link #list} told it
     * @param logOffset the timer
     * @return false if it is settled, being delivered or claimed already
     */
    public boolean claim(long dueMillis, long logOffset) {
        lock.lock();
        try {
            boolean waits = retried.contains(logOffset);
            boolean taken = claimed.containsKey(logOffset) || (dueInFlight.containsKey(logOffset) && !waits);
            if (taken || settled.containsKey(logOffset)) {
                return false;
            }
            dueInFlight.put(logOffset, dueMillis);
            claimed.put(logOffset, waits || isBeforeHorizon(dueMillis, logOffset));
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Gives a claimed timer back, whose record could not be appended anew.
     *
     * @param dueMillis the timer
     * @param logOffset the timer
     */
    public void release(long dueMillis, long logOffset) {
        lock.lock();
        try {
            Boolean inHeap = claimed.remove(logOffset);
            if (inHeap == null || retried.contains(logOffset)) {
                return;
            }
            dueInFlight.remove(logOffset);
            if (!isBeforeHorizon(dueMillis, logOffset)) {
                nextBehindHorizon = Math.min(nextBehindHorizon, dueMillis);
            } else if (!inHeap) {
                near.add(dueMillis, dueMillis, logOffset);
            }
            wakeFor(dueMillis);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Hands out the timers that are due, in the order of their due times. A timer is handed out once; {@link #retry}
     * puts it back.
     *
     * @param nowMillis the time
     * @param sink takes each, outside all locks; false ends the draining, behind this timer
     * @return how many were handed out
     */
    public int drainDue(long nowMillis, Visitor sink) {
        long[] dues = new long[DRAIN_BATCH];
        long[] logOffsets = new long[DRAIN_BATCH];
        int drained = 0;
        while (true) {
            fetch(nowMillis);
            int count = pop(nowMillis, dues, logOffsets);
            for (int i = 0; i < count; i++) {
                drained++;
                if (!sink.visit(dues[i], logOffsets[i])) {
                    for (int back = i + 1; back < count; back++) {
                        retry(dues[back], logOffsets[back], dues[back]);
                    }
                    return drained;
                }
            }
            // None popped does not mean none due: a heap full of cancelled timers left no room to fetch those behind.
            if (count == 0 && !isFetchWanted(nowMillis)) {
                return drained;
            }
        }
    }

    private int pop(long nowMillis, long[] dues, long[] logOffsets) {
        lock.lock();
        try {
            int count = 0;
            drainedTo = Math.max(drainedTo, nowMillis);
            if (nextBehindHorizon == Long.MAX_VALUE && horizonDue < nowMillis) {
                horizonDue = nowMillis;
                horizonLogOffset = 0;
            }
            while (count < dues.length && near.size() > 0 && near.topWake() <= nowMillis) {
                long due = near.topDue();
                long logOffset = near.topLogOffset();
                near.removeTop();
                retried.remove(logOffset);
                if (claimed.containsKey(logOffset)) {
                    claimed.put(logOffset, false);
                } else if (!endIfSettled(due, logOffset)) {
                    dueInFlight.put(logOffset, due);
                    dues[count] = due;
                    logOffsets[count++] = logOffset;
                }
            }
            return count;
        } finally {
            lock.unlock();
        }
    }

    /** Under the lock. Settled before it was met: now its due time is known. */
    private boolean endIfSettled(long due, long logOffset) {
        Settled end = settled.get(logOffset);
        if (end == null) {
            return false;
        }
        if (!end.isKnown()) {
            settled.put(logOffset, new Settled(due, end.byLogOffset()));
            pending--;
        }
        return true;
    }

    /**
     * Puts back a timer that was handed out and could not be delivered.
     *
     * @param dueMillis as it was handed out
     * @param logOffset as it was handed out
     * @param atMillis when to hand it out again
     */
    public void retry(long dueMillis, long logOffset, long atMillis) {
        locked(() -> {
            if (dueInFlight.containsKey(logOffset)) {
                near.add(Math.max(dueMillis, atMillis), dueMillis, logOffset);
                retried.add(logOffset);
            }
        });
    }

    /**
     * When to call {@link #drainDue} next. May be a little early, for timers to be fetched from disk.
     *
     * @return milliseconds since 1970; {@link Long#MAX_VALUE} if there is no timer
     */
    public long nextDueMillis() {
        lock.lock();
        try {
            long next = near.size() == 0 ? Long.MAX_VALUE : near.topWake();
            long fetch =
                    hasRoom() && nextBehindHorizon < Long.MAX_VALUE ? nextBehindHorizon - LEAD_MILLIS : Long.MAX_VALUE;
            announced = Math.min(next, fetch);
            return announced;
        } finally {
            lock.unlock();
        }
    }

    /** Fills the heap from tail and runs when timers behind the horizon come near. */
    private void fetch(long nowMillis) {
        while (isFetchWanted(nowMillis)) {
            fetchOnce(nowMillis + HORIZON_MILLIS);
        }
    }

    private boolean isFetchWanted(long nowMillis) {
        lock.lock();
        try {
            return hasRoom() && nextBehindHorizon <= nowMillis + HORIZON_MILLIS / 2;
        } finally {
            lock.unlock();
        }
    }

    /** With half a heap of timers the next ones can wait; those that wait for a retry do not count. */
    private boolean hasRoom() {
        return near.size() - retried.size() <= maxInMemory / 2;
    }

    /** In vain if a flush came between: what was read may be settled meanwhile. */
    private void fetchOnce(long untilDue) {
        long seen;
        long fromDue;
        long fromLogOffset;
        int room;
        long flushed;
        PairTail.Snapshot unflushed;
        lock.lock();
        try {
            seen = version;
            fromDue = horizonDue;
            fromLogOffset = horizonLogOffset;
            room = Math.max(DRAIN_BATCH, maxInMemory - near.size());
            unflushed = tail.snapshot();
            flushed = flushedUpTo;
        } finally {
            lock.unlock();
        }
        try (Sources sources = new Sources(unflushed, flushed)) {
            TimerScan scan = new TimerScan(sources.all, fromDue, fromLogOffset, false);
            Batch batch = new Batch(room);
            boolean more = scan.advance();
            while (more && batch.count < room && scan.dueMillis() < untilDue) {
                batch.add(scan.dueMillis(), scan.logOffset());
                more = scan.advance();
            }
            enter(
                    seen,
                    unflushed,
                    batch,
                    more ? scan.dueMillis() : Long.MAX_VALUE,
                    more && scan.dueMillis() < untilDue ? scan.dueMillis() : untilDue,
                    more && scan.dueMillis() < untilDue ? scan.logOffset() : 0);
        }
    }

    private static final class Batch {
        private final long[] due;
        private final long[] logOffset;
        private int count;

        Batch(int room) {
            due = new long[room];
            logOffset = new long[room];
        }

        void add(long dueMillis, long at) {
            due[count] = dueMillis;
            logOffset[count++] = at;
        }
    }

    private void enter(long seen, PairTail.Snapshot unflushed, Batch batch, long next, long toDue, long toLogOffset) {
        lock.lock();
        try {
            if (seen != version) {
                return;
            }
            long fromDue = horizonDue;
            long fromLogOffset = horizonLogOffset;
            for (int i = 0; i < batch.count; i++) {
                admit(batch.due[i], batch.logOffset[i]);
            }
            if (!isBeforeHorizon(toDue, toLogOffset)) {
                horizonDue = toDue;
                horizonLogOffset = toLogOffset;
            }
            nextBehindHorizon = next;
            // Those that came while the files were read.
            long[] all = tail.snapshot().toArray(unflushed.size());
            for (int i = 0; i < all.length; i += 2) {
                long logOffset = all[i + 1] >>> 1;
                boolean wasNear = all[i] < fromDue || (all[i] == fromDue && logOffset < fromLogOffset);
                if (isBeforeHorizon(all[i], logOffset)) {
                    if (!wasNear) {
                        admit(all[i], logOffset);
                    }
                } else {
                    nextBehindHorizon = Math.min(nextBehindHorizon, all[i]);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private void admit(long due, long logOffset) {
        if (logOffset >= minLogOffset && !dueInFlight.containsKey(logOffset) && !endIfSettled(due, logOffset)) {
            near.add(due, due, logOffset);
        }
    }

    /** Tail and runs, sorted, held until closed. */
    private final class Sources implements AutoCloseable {
        private final List<PairSource> all = new ArrayList<>();
        private final List<Run> held = new ArrayList<>();

        /** Of the tail only what is not flushed: what was settled before the flush is known as such no more. */
        Sources(PairTail.Snapshot unflushed, long flushed) {
            long[] inOrder = unflushed.toArray(0);
            int from = 0;
            while (from < inOrder.length && inOrder[from + 1] >>> 1 < flushed) {
                from += 2;
            }
            int count = (inOrder.length - from) / 2;
            all.add(PairSource.of(PairSort.sort(Arrays.copyOfRange(inOrder, from, inOrder.length), count), count));
            for (Run[] runs = store.runs(); held.isEmpty() && runs.length > 0; runs = store.runs()) {
                hold(runs);
            }
            all.addAll(held);
        }

        private void hold(Run[] runs) {
            for (Run run : runs) {
                if (!run.acquire()) {
                    close();
                    return;
                }
                held.add(run);
            }
        }

        @Override
        public void close() {
            held.forEach(Run::release);
            held.clear();
        }
    }

    /**
     * Lists pending timers in the order of their due times. On any thread but {@code store-tail} those may be missing that
     * are carried over meanwhile.
     *
     * @param fromDueMillis none due before this
     * @param visitor takes them, outside all locks; false ends the list
     * @throws DamagedRunException if what is listed is not all; see {@link #damaged(DamagedRunException)}
     */
    public void list(long fromDueMillis, Visitor visitor) {
        Map<Long, Settled> ended = new HashMap<>();
        PairTail.Snapshot[] unflushed = new PairTail.Snapshot[1];
        long[] from = new long[3];
        locked(() -> {
            ended.putAll(settled);
            unflushed[0] = tail.snapshot();
            from[0] = progressDue;
            from[1] = progressLogOffset;
            from[2] = flushedUpTo;
        });
        if (fromDueMillis > from[0]) {
            from[0] = fromDueMillis;
            from[1] = 0;
        }
        try (Sources sources = new Sources(unflushed[0], from[2])) {
            TimerScan scan = new TimerScan(sources.all, from[0], from[1], false);
            while (scan.advance()) {
                if (!ended.containsKey(scan.logOffset())
                        && scan.logOffset() >= minLogOffset
                        && !visitor.visit(scan.dueMillis(), scan.logOffset())) {
                    return;
                }
            }
        }
    }

    /**
     * The lowest log offset of a pending timer: the log may let go of all below.
     *
     * @return a log offset; {@link Long#MAX_VALUE} if none is pending
     */
    public long firstLogOffset() {
        long[] first = {Long.MAX_VALUE};
        list(0, (due, logOffset) -> {
            first[0] = Math.min(first[0], logOffset);
            return true;
        });
        return first[0];
    }

    /**
     * How many timers are not settled. A cancelled one counts until a flush has looked it up.
     *
     * @return timers
     */
    public long count() {
        lock.lock();
        try {
            return pending;
        } finally {
            lock.unlock();
        }
    }

    /**
     * What is in memory because no run has it yet, at 16 bytes each. The store's sign to flush.
     *
     * @return entries
     */
    public long tailEntries() {
        return tail.snapshot().size();
    }

    /**
     * What is in memory because it is due soon or being delivered.
     *
     * @return entries
     */
    public int nearEntries() {
        lock.lock();
        try {
            return near.size() + dueInFlight.size() - retried.size();
        } finally {
            lock.unlock();
        }
    }

    /**
     * With {@link #progressLogOffset()} for the checkpoint's {@link RunSet}: all timers of the runs that come before
     * are settled.
     *
     * @return a due time
     */
    public long progressDueMillis() {
        return progressDue;
    }

    /**
     * See {@link #progressDueMillis()}.
     *
     * @return among timers due at that time, those with a lower log offset are settled
     */
    public long progressLogOffset() {
        return progressLogOffset;
    }

    @Override
    public void recover(RunSet set) {
        store.recover(set);
        store.checkAll();
        flushedUpTo = set.upToLogOffset();
        progressDue = set.timerDueMillis();
        progressLogOffset = set.timerLogOffset();
        floorDue = progressDue;
        floorLogOffset = progressLogOffset;
        restart();
    }

    /** Counts what is pending in the runs and lets the next fetch begin at the progress. */
    private void restart() {
        long[] counted = {0, Long.MAX_VALUE};
        list(0, (due, logOffset) -> {
            counted[1] = counted[0]++ == 0 ? due : counted[1];
            return true;
        });
        locked(() -> {
            drainedTo = progressDue;
            horizonDue = progressDue;
            horizonLogOffset = progressLogOffset;
            pending = counted[0];
            nextBehindHorizon = counted[1];
        });
    }

    @Override
    public List<RunFile> damaged() {
        return store.damaged();
    }

    /**
     * Takes note of a damaged run that a listing met.
     *
     * @param e what was met
     */
    public void damaged(DamagedRunException e) {
        for (Run run : store.runs()) {
            if (run.path().equals(e.damage().file())) {
                store.damage(run.file(), e);
            }
        }
    }

    /**
     * Begins to replace a damaged run. To be fed with all delayed records of the log from the file's {@code
     * minLogOffset} to its {@code maxLogOffset}; then {@link #rebuilt}, then {@link #settle} for each record from there
     * to the checkpoint's offset that names another: tombstones may have been lost.
     *
     * @param damaged one of {@link #damaged()}
     * @return takes due times and log offsets
     */
    public PairRebuild rebuild(RunFile damaged) {
        return new PairRebuild(store, damaged, 1);
    }

    /** Says that rebuilding is done. Only at the start, before anything was added or drained. */
    public void rebuilt() {
        restart();
    }

    @Override
    public void flush(long upToLogOffset) {
        new TimerFlush(upToLogOffset).run();
    }

    /** One flush: see the class comment for what is forgotten how. */
    private final class TimerFlush {
        private final long upTo;
        private final Map<Long, Settled> ended = new HashMap<>();
        private long[] unflushed = new long[0];
        private long firstDue;
        private long firstLogOffset;

        TimerFlush(long upTo) {
            this.upTo = upTo;
        }

        void run() {
            lookUpSettled();
            locked(this::takeState);
            try (RunWriter out = store.newRun()) {
                write(out);
                if (out.entries() > 0) {
                    store.append(out.finish());
                }
            }
            locked(this::commit);
        }

        /** Finds the due times of those that were settled before they were fetched: cancelled ones. */
        private void lookUpSettled() {
            Map<Long, Long> wanted = new HashMap<>();
            PairTail.Snapshot[] now = new PairTail.Snapshot[1];
            locked(() -> {
                settled.forEach((logOffset, end) -> {
                    if (!end.isKnown()) {
                        wanted.put(logOffset, Settled.UNKNOWN);
                    }
                });
                now[0] = tail.snapshot();
            });
            if (wanted.isEmpty()) {
                return;
            }
            try (Sources sources = new Sources(now[0], flushedUpTo)) {
                TimerScan scan = new TimerScan(sources.all, progressDue, progressLogOffset, false);
                for (int left = wanted.size(); left > 0 && scan.advance(); ) {
                    if (wanted.replace(scan.logOffset(), scan.dueMillis()) != null) {
                        left--;
                    }
                }
            }
            locked(() -> wanted.forEach(this::known));
        }

        private void known(long logOffset, long due) {
            Settled end = settled.get(logOffset);
            if (end == null || end.isKnown()) {
                return;
            }
            if (due == Settled.UNKNOWN) {
                settled.remove(logOffset);
            } else {
                settled.put(logOffset, new Settled(due, end.byLogOffset()));
                mayHoldSettled = true;
                pending--;
            }
        }

        private void takeState() {
            unflushed = tail.snapshot().toArray(0);
            firstDue = horizonDue;
            firstLogOffset = horizonLogOffset;
            // Not beyond the present: timers may still come that are due between now and the horizon.
            first(drainedTo, 0);
            for (int i = 0; i < near.size(); i++) {
                first(near.due(i), near.logOffset(i));
            }
            dueInFlight.forEach((logOffset, due) -> first(due, logOffset));
            settled.forEach((logOffset, end) -> {
                if (end.byLogOffset() < upTo && end.isKnown()) {
                    ended.put(logOffset, end);
                } else if (end.isKnown()) {
                    first(end.dueMillis(), logOffset);
                } else {
                    // Settled since the look-up: it may be anything pending.
                    first(progressDue, progressLogOffset);
                }
            });
            // From here on, or what comes before the commit could end up before the progress, and be lost in a crash.
            if (isBeforeFirst(floorDue, floorLogOffset)) {
                floorDue = firstDue;
                floorLogOffset = firstLogOffset;
            }
        }

        private void first(long due, long logOffset) {
            if (isBeforeFirst(due, logOffset)) {
                firstDue = due;
                firstLogOffset = logOffset;
            }
        }

        private boolean isBeforeFirst(long due, long logOffset) {
            return due < firstDue || (due == firstDue && logOffset < firstLogOffset);
        }

        private void write(RunWriter out) {
            long[] pairs = new long[unflushed.length + ended.size() * 2];
            int count = 0;
            for (int i = 0; i < unflushed.length; i += 2) {
                long logOffset = unflushed[i + 1] >>> 1;
                if (logOffset >= flushedUpTo && logOffset < upTo && !ended.containsKey(logOffset)) {
                    pairs[count++] = unflushed[i];
                    pairs[count++] = unflushed[i + 1];
                }
            }
            for (Map.Entry<Long, Settled> end : ended.entrySet()) {
                long due = end.getValue().dueMillis();
                if (end.getValue().isKnown() && end.getKey() < flushedUpTo && !isBeforeFirst(due, end.getKey())) {
                    pairs[count++] = due;
                    pairs[count++] = end.getKey() << 1 | 1;
                }
            }
            long[] sorted = sortedByBoth(pairs, count / 2);
            for (int i = 0; i < count; i += 2) {
                out.pair(sorted[i], sorted[i + 1], sorted[i + 1] >>> 1);
            }
        }

        private void commit() {
            if (mayHoldSettled) {
                near.retain(due -> false, logOffset -> !ended.containsKey(logOffset));
                retried.removeAll(ended.keySet());
            }
            settled.keySet().removeAll(ended.keySet());
            mayHoldSettled = !settled.isEmpty();
            tail.trim(upTo << 1);
            flushedUpTo = Math.max(flushedUpTo, upTo);
            if (isBeforeFirst(progressDue, progressLogOffset)) {
                progressDue = firstDue;
                progressLogOffset = firstLogOffset;
            }
            version++;
        }
    }

    /** Tombstones come in no order: sorts by value first, then, keeping that order, by key. */
    private static long[] sortedByBoth(long[] pairs, int count) {
        long[] swapped = new long[count * 2];
        for (int i = 0; i < count * 2; i += 2) {
            swapped[i] = pairs[i + 1];
            swapped[i + 1] = pairs[i];
        }
        long[] byValue = PairSort.sort(swapped, count);
        for (int i = 0; i < count * 2; i += 2) {
            long value = byValue[i];
            byValue[i] = byValue[i + 1];
            byValue[i + 1] = value;
        }
        return PairSort.sort(byValue, count);
    }

    @Override
    public List<RunFile> live() {
        return store.live();
    }

    @Override
    public boolean merge() {
        List<Run> olds = store.mergeable();
        if (olds.isEmpty()) {
            return false;
        }
        boolean oldest = store.runs()[0].equals(olds.getFirst());
        return store.merge(olds, out -> {
            TimerScan scan = new TimerScan(olds, progressDue, progressLogOffset, !oldest);
            while (scan.advance()) {
                if (scan.logOffset() >= minLogOffset) {
                    out.pair(scan.dueMillis(), scan.value(), scan.logOffset());
                }
            }
        });
    }

    /**
     * {@inheritDoc}
     *
     * <p>A timer whose record is gone is gone: see {@link #claim} and {@link #firstLogOffset} for what must come before.
     */
    @Override
    public void retain(long minLogOffset) {
        this.minLogOffset = minLogOffset;
        store.dropBelow(minLogOffset);
        dropSettledRuns();
    }

    private void dropSettledRuns() {
        for (Run run : store.runs()) {
            try {
                if (run.entries() > 0 && run.ceiling(progressDue, progressLogOffset << 1) == run.entries()) {
                    store.replace(List.of(run), List.of());
                }
            } catch (DamagedRunException e) {
                store.damage(run.file(), e);
            }
        }
    }

    @Override
    public void deleteRetired() {
        store.deleteRetired();
    }

    /** Closes the files. What is not flushed is in the log. */
    @Override
    public void close() {
        store.close();
    }
}
