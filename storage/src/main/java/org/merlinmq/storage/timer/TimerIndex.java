package org.merlinmq.storage.timer;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.merlinmq.platform.disk.Damage;
import org.merlinmq.platform.disk.Disk;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.storage.facts.RecordFacts;
import org.merlinmq.storage.index.LogIndex;
import org.merlinmq.storage.index.LogReplay;
import org.merlinmq.storage.index.PublishedRecords;
import org.merlinmq.storage.index.Wakeup;
import org.merlinmq.storage.run.DamagedRunException;
import org.merlinmq.storage.run.PairTail;
import org.merlinmq.storage.run.Run;
import org.merlinmq.storage.run.RunFile;
import org.merlinmq.storage.run.RunKind;
import org.merlinmq.storage.run.RunStore;

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
 * <p>Threading: {@code drainDue} on the timer thread; what belongs to {@link LogIndex} as that says; all else on any
 * thread. A lock of its own, taken after the append lock and never held over a file, guards what is in memory.
 *
 * <p>Errors: where a damaged run is met, no timer is fetched from disk until it is rebuilt from the log; see {@link
 * #mend}.
 *
 * <p>Format: docs/formats/timer-run.md.
 */
public final class TimerIndex implements LogIndex {

    /** How far ahead of time timers are fetched from disk. */
    public static final long HORIZON_MILLIS = 120_000;

    /** A due time above this is cut to it: the year 4147. */
    public static final long MAX_DUE_MILLIS = 1L << 46;

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

    private static final RunKind RUNS = new RunKind(3, "timer", RunKind.PAIR_BYTES);
    private static final int VERSION = 1;
    private static final int PLACE_BYTES = 16;

    private final RunStore store;
    private final TimerMemory memory;
    private final TimerFetch fetch;

    private TimerIndex(RunStore store, int maxInMemory) {
        this.store = store;
        this.memory = new TimerMemory(maxInMemory);
        this.fetch = new TimerFetch(store, memory);
    }

    /**
     * Opens the index; {@link #recover} comes next, then {@link #start}.
     *
     * @param disk holds the files
     * @param folder of the timer runs; made if missing
     * @param maxInMemory about how many timers to hold in memory besides those that no run has yet
     * @param damages called with each damage
     * @return the index
     */
    public static TimerIndex open(Disk disk, Path folder, int maxInMemory, Consumer<Damage> damages) {
        return new TimerIndex(new RunStore(disk, folder, RUNS, damages), maxInMemory);
    }

    /**
     * Says whom to wake when a timer comes that is due before what {@link #nextDueMillis()} last returned.
     *
     * @param wake called with no lock held, by the appending thread or by {@code store-tail}: must be short
     */
    public void onEarlier(Runnable wake) {
        memory.onEarlier(wake);
    }

    @Override
    public String name() {
        return RUNS.word();
    }

    @Override
    public int version() {
        return VERSION;
    }

    @Override
    public void apply(PublishedRecords records) {
        if (!records.has(RecordFacts.DELAYED | RecordFacts.SETTLES)) {
            return;
        }
        for (int i = 0; i < records.count(); i++) {
            if (records.is(i, RecordFacts.SETTLES) && !records.is(i, RecordFacts.ENDS_HALF)) {
                settle(records.settles(i), records.logOffset(i));
            }
            if (records.is(i, RecordFacts.DELAYED)) {
                add(records.dueMillis(i), records.logOffset(i));
            }
        }
    }

    @Override
    public @Nullable Wakeup takeWaiters(PublishedRecords records, @Nullable Wakeup chain) {
        return records.has(RecordFacts.DELAYED) ? memory.takeWaiter(chain) : chain;
    }

    /** Adds a timer. */
    void add(long dueMillis, long logOffset) {
        memory.add(dueMillis, logOffset);
    }

    /** Ends a timer that a record names, its delivered copy or a cancellation. What names no timer is ignored. */
    void settle(long logOffset, long byLogOffset) {
        memory.settle(logOffset, byLogOffset);
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
     * @param dueMillis the timer, as {@link #list} listed it
     * @param logOffset the timer
     * @return false if it is settled, being delivered or claimed already
     */
    public boolean claim(long dueMillis, long logOffset) {
        return memory.claim(dueMillis, logOffset);
    }

    /** What became of an attempt to claim a timer. */
    public enum Claim {
        /** It is the caller's, until the caller appends a record that names it or gives it back. */
        CLAIMED,
        /** It is being delivered, or somebody else has claimed it. */
        TAKEN,
        /** There is no such timer, or it is settled. */
        ENDED
    }

    /**
     * Claims a timer that may be none: looks it up in memory, or in the few blocks of each run where it would be. One that is
     * claimed is not handed out; a record that names it settles it, {@link #release} gives it back.
     *
     * @param dueMillis when its record is due
     * @param logOffset where its record begins
     * @return whether it is the caller's
     * @throws DiskException if it is not known: a damaged run is being made again. It is not claimed then
     */
    public Claim claimPending(long dueMillis, long logOffset) {
        if (!memory.claim(dueMillis, logOffset)) {
            return memory.isSettled(logOffset) ? Claim.ENDED : Claim.TAKEN;
        }
        Claim found = Claim.ENDED;
        try {
            found = whole(() -> find(dueMillis, logOffset));
        } finally {
            if (found != Claim.CLAIMED) {
                memory.unclaim(logOffset);
            }
        }
        return found;
    }

    /**
     * Whether a timer waits, or is being delivered, at this moment.
     *
     * @param dueMillis when its record is due
     * @param logOffset where its record begins
     * @return false if there is no such timer, or it is settled
     * @throws DiskException as {@link #claimPending}
     */
    public boolean isPending(long dueMillis, long logOffset) {
        return !memory.isSettled(logOffset) && whole(() -> find(dueMillis, logOffset)) != Claim.ENDED;
    }

    /** Looks up a timer. One that is claimed does not end meanwhile. */
    private Claim find(long dueMillis, long logOffset) {
        PairTail.Snapshot[] unflushed = new PairTail.Snapshot[1];
        boolean[] inTail = new boolean[1];
        boolean[] gone = new boolean[1];
        memory.locked(() -> {
            unflushed[0] = memory.tail().snapshot();
            inTail[0] = logOffset >= memory.tail().flushedUpTo();
            gone[0] = logOffset < memory.tail().minLogOffset()
                    || (!inTail[0] && memory.tail().progress().isBehind(dueMillis, logOffset));
        });
        if (gone[0]) {
            return Claim.ENDED;
        }
        if (inTail[0]) {
            int at = unflushed[0].below(logOffset << 1);
            long[] pair = unflushed[0].toArray(at, Math.min(at + 1, unflushed[0].size()));
            boolean there = pair.length == 2 && pair[1] == logOffset << 1;
            // One that counts with another time came overdue: it is about to be delivered.
            return !there ? Claim.ENDED : pair[0] == dueMillis ? Claim.CLAIMED : Claim.TAKEN;
        }
        try (TimerSources sources = new TimerSources(store, new PairTail().snapshot(), 0, logOffset + 1)) {
            TimerScan scan = sources.scan(new Place(dueMillis, logOffset));
            return scan.advance() && scan.dueMillis() == dueMillis && scan.logOffset() == logOffset
                    ? Claim.CLAIMED
                    : Claim.ENDED;
        }
    }

    /**
     * Gives a claimed timer back, whose record could not be appended anew.
     *
     * @param dueMillis the timer
     * @param logOffset the timer
     */
    public void release(long dueMillis, long logOffset) {
        memory.release(dueMillis, logOffset);
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
            fetch.run(nowMillis);
            int count = memory.pop(nowMillis, dues, logOffsets);
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
            if (count == 0 && !fetch.isWanted(nowMillis)) {
                return drained;
            }
        }
    }

    /**
     * Puts back a timer that was handed out and could not be delivered.
     *
     * @param dueMillis as it was handed out
     * @param logOffset as it was handed out
     * @param atMillis when to hand it out again
     */
    public void retry(long dueMillis, long logOffset, long atMillis) {
        memory.retry(dueMillis, logOffset, atMillis);
    }

    /**
     * When to call {@link #drainDue} next. May be a little early, for timers to be fetched from disk.
     *
     * @return milliseconds since 1970; {@link Long#MAX_VALUE} if there is no timer
     */
    public long nextDueMillis() {
        return memory.nextDueMillis(store.isSound());
    }

    /**
     * Lists pending timers in the order of their due times. On any thread but {@code store-tail} those may be missing that
     * are relocated meanwhile.
     *
     * @param fromDueMillis none due before this
     * @param visitor takes them, outside all locks; false ends the list
     * @throws DamagedRunException if what is listed is not all; see {@link #damaged}
     */
    public void list(long fromDueMillis, Visitor visitor) {
        list(new Place(fromDueMillis, 0), Long.MAX_VALUE, visitor);
    }

    /**
     * Lists pending timers as {@link #list} does, from a place in their order on, for whoever does not mend damage.
     *
     * @param fromDueMillis none due before this
     * @param fromLogOffset of those due at that time, none below this
     * @param visitor takes them, outside all locks; false ends the list
     * @throws DiskException if what is listed is not all: a damaged run is being made again
     */
    public void listFrom(long fromDueMillis, long fromLogOffset, Visitor visitor) {
        whole(() -> {
            list(new Place(fromDueMillis, fromLogOffset), Long.MAX_VALUE, visitor);
            return true;
        });
    }

    /** Looks at all timers there are. */
    private <T> T whole(Supplier<T> look) {
        DamagedRunException cause = null;
        if (store.isSound()) {
            try {
                return look.get();
            } catch (DamagedRunException e) {
                store.damage(e);
                cause = e;
            }
        }
        throw new DiskException(
                "A file of the index of delayed messages is damaged and is being made again from the log; ask again in a moment",
                false,
                cause);
    }

    /**
     * Lists pending timers as {@link #list} does, but only those whose records begin below an offset.
     *
     * @param endLogOffset the offset
     * @param visitor takes them, outside all locks; false ends the list
     * @throws DamagedRunException if what is listed is not all; see {@link #damaged}
     */
    public void listBelow(long endLogOffset, Visitor visitor) {
        list(new Place(0, 0), endLogOffset, (due, offset) -> offset >= endLogOffset || visitor.visit(due, offset));
    }

    private void list(Place begin, long endLogOffset, Visitor visitor) {
        Map<Long, Settled> ended = new HashMap<>();
        PairTail.Snapshot[] unflushed = new PairTail.Snapshot[1];
        Place[] from = new Place[1];
        long[] flushedUpTo = new long[1];
        memory.locked(() -> {
            ended.putAll(memory.tail().settled());
            unflushed[0] = memory.tail().snapshot();
            from[0] = memory.tail().progress();
            flushedUpTo[0] = memory.tail().flushedUpTo();
        });
        if (begin.isBehind(from[0])) {
            from[0] = begin;
        }
        try (TimerSources sources = new TimerSources(store, unflushed[0], flushedUpTo[0], endLogOffset)) {
            TimerScan scan = sources.scan(from[0]);
            while (scan.advance()) {
                if (!ended.containsKey(scan.logOffset())
                        && scan.logOffset() >= memory.tail().minLogOffset()
                        && !visitor.visit(scan.dueMillis(), scan.logOffset())) {
                    return;
                }
            }
        }
    }

    /**
     * Where the log begins to be waited for: no pending timer's record begins below. Costs nothing that grows with the
     * number of timers, and may lie up to 1 MiB before the first of them; a cancelled one counts until a flush has looked
     * it up.
     *
     * @return a log offset; {@link Long#MAX_VALUE} if none is pending
     */
    public long firstLogOffset() {
        return memory.firstLogOffset();
    }

    /**
     * How many timers are not settled. A cancelled one counts until a flush has looked it up.
     *
     * @return timers
     */
    public long count() {
        return memory.count();
    }

    /** {@inheritDoc} The end of a timer counts for several. */
    @Override
    public long tailEntries() {
        return memory.unflushedEntries();
    }

    /** What is in memory because it is due soon or being delivered. */
    public int nearEntries() {
        return memory.nearEntries();
    }

    @Override
    public byte[] progress() {
        Place place = memory.tail().progress();
        byte[] head = ByteBuffer.allocate(PLACE_BYTES)
                .putLong(place.dueMillis())
                .putLong(place.logOffset())
                .array();
        return RunFile.write(store.live(), head);
    }

    @Override
    public long recover(RecoveryPoint last) {
        Place place = new Place(0, 0);
        List<RunFile> files = List.of();
        if (!last.isNone()) {
            last.expectVersion(VERSION);
            ByteBuffer in = last.progress();
            if (in.remaining() < PLACE_BYTES) {
                throw new IllegalArgumentException("expected a place, found " + in.remaining() + " bytes");
            }
            place = new Place(in.getLong(), in.getLong());
            files = RunFile.read(in, RUNS);
        }
        store.recover(files);
        store.checkAll();
        memory.tail().recover(last.upToLogOffset(), place);
        return last.upToLogOffset();
    }

    /** Counts what is pending in the runs. */
    @Override
    public void start() {
        PendingCounts counted = new PendingCounts();
        long[] first = {Long.MAX_VALUE};
        list(0, (due, logOffset) -> {
            first[0] = Math.min(first[0], due);
            counted.add(logOffset);
            return true;
        });
        memory.start(counted, first[0]);
    }

    /**
     * Whether all timers are known: no run waits to be mended.
     *
     * @return false while one does
     */
    public boolean isSound() {
        return store.isSound();
    }

    /**
     * Takes note of a damaged run that a listing met.
     *
     * @param e what was met
     */
    public void damaged(DamagedRunException e) {
        store.damage(e);
    }

    @Override
    public boolean mend(LogReplay log) {
        List<RunFile> damaged = store.damaged();
        for (RunFile file : damaged) {
            try (TimerRebuild rebuild = rebuild(file)) {
                rebuild.run(log);
            } catch (DamagedRunException e) {
                // The two are made again without each other's help.
                damaged(e);
                throw e;
            }
        }
        return !damaged.isEmpty();
    }

    @Override
    public void flush(long upToLogOffset) {
        new TimerFlush(store, memory, upToLogOffset).run();
        while (merge()) {
            // Until there is nothing to merge.
        }
    }

    List<RunFile> live() {
        return store.live();
    }

    List<RunFile> damaged() {
        return store.damaged();
    }

    TimerRebuild rebuild(RunFile damaged) {
        return new TimerRebuild(store, memory, damaged);
    }

    boolean merge() {
        List<Run> olds = store.mergeable();
        if (olds.isEmpty()) {
            return false;
        }
        boolean oldest = store.runs()[0].equals(olds.getFirst());
        Place progress = memory.tail().progress();
        return store.merge(olds, out -> {
            TimerScan scan = new TimerScan(olds, progress.dueMillis(), progress.logOffset(), !oldest);
            while (scan.advance()) {
                if (scan.logOffset() >= memory.tail().minLogOffset()) {
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
        boolean sound = store.isSound();
        memory.retain(minLogOffset);
        store.dropBelow(minLogOffset);
        dropSettledRuns();
        if (!sound && store.isSound()) {
            // The damaged one went with its segment.
            memory.refetch();
        }
    }

    private void dropSettledRuns() {
        Place progress = memory.tail().progress();
        for (Run run : store.runs()) {
            try {
                if (run.entries() > 0
                        && run.ceiling(progress.dueMillis(), progress.logOffset() << 1) == run.entries()) {
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

    @Override
    public void close() {
        store.close();
    }
}
