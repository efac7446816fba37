package org.merlinmq.storage.timer;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.message.RecordLayout;
import org.merlinmq.storage.index.LogReplay;
import org.merlinmq.storage.run.PairMerge;
import org.merlinmq.storage.run.PairRebuild;
import org.merlinmq.storage.run.PairSource;
import org.merlinmq.storage.run.PairSpool;
import org.merlinmq.storage.run.Run;
import org.merlinmq.storage.run.RunFile;
import org.merlinmq.storage.run.RunStore;

/**
 * Makes the timer runs that replace a damaged one, from the log: the timers of its part of the log that are pending and
 * that no other run has. What tombstones it had is found as well: they may be of timers in other runs.
 *
 * <p>Use: {@link #run}, then {@link #close}. If the first fails, all is as it was.
 *
 * <p>While it is at work timers are handed out that are in memory, and none is fetched from disk.
 *
 * <p>Threading: on the store's tail thread, or at the start.
 *
 * <p>Errors: {@link org.merlinmq.storage.run.DamagedRunException} if another run turns out to be damaged too.
 */
final class TimerRebuild implements AutoCloseable {
    private final RunStore store;
    private final TimerMemory memory;
    private final RunFile damaged;
    private final PairRebuild pending;

    /** Timers of this part of the log that ended, and by what. */
    private final PairSpool ended;

    /** Timers of this part of the log that are in other runs. */
    private final PairSpool elsewhere;

    /** In memory a timer has the due time that it must have in a run, too. */
    private final PairSource inMemory;

    /** Both of these, walked along with the log. Null until the first timer comes. */
    private @Nullable PairMerge unwanted;

    private boolean more;

    TimerRebuild(RunStore store, TimerMemory memory, RunFile damaged) {
        this.store = store;
        this.memory = memory;
        this.damaged = damaged;
        pending = new PairRebuild(store, damaged, 1);
        ended = new PairSpool(store);
        elsewhere = new PairSpool(store);
        inMemory = memory.stopFetching();
    }

    /** Reads the log twice: for ends of timers, then for the timers. */
    void run(LogReplay log) {
        log.records(damaged.minLogOffset(), endsBelow(), records -> {
            if (records.settles(0) != RecordLayout.NAMES_NONE) {
                settled(records.settles(0), records.logOffset(0));
            }
        });
        log.records(damaged.minLogOffset(), damaged.maxLogOffset() + 1, records -> {
            if (records.dueMillis(0) != 0) {
                add(records.dueMillis(0), records.logOffset(0));
            }
        });
        finish();
    }

    /** How far to look for ends of timers: those behind are in memory. */
    long endsBelow() {
        return memory.tail().flushedUpTo();
    }

    /** Puts the new runs in the damaged one's place. */
    void finish() {
        unwanted();
        pending.finish();
    }

    /** Takes the end of a timer. */
    void settled(long logOffset, long byLogOffset) {
        if (logOffset >= damaged.minLogOffset() && logOffset <= damaged.maxLogOffset()) {
            ended.add(logOffset, byLogOffset);
        }
    }

    /** Takes a timer. They come in log order. */
    void add(long dueMillis, long logOffset) {
        PairMerge passed = unwanted();
        while (more && passed.key() < logOffset) {
            more = passed.advance();
        }
        if (!more || passed.key() != logOffset) {
            pending.add(due(dueMillis, logOffset), logOffset);
        }
    }

    private PairMerge unwanted() {
        PairMerge all = unwanted;
        if (all == null) {
            lookElsewhere();
            all = new PairMerge(
                    Stream.concat(ended.sorted().stream(), elsewhere.sorted().stream())
                            .toList(),
                    0,
                    0);
            more = all.advance();
            unwanted = all;
        }
        return all;
    }

    /** Sees what the other runs have of this part of the log, and ends again what only the damaged one knew to be over. */
    private void lookElsewhere() {
        List<RunFile> unsound = store.damaged();
        List<Run> others = Arrays.stream(store.runs())
                .filter(run -> !unsound.contains(run.file()))
                .toList();
        Place progress = memory.tail().progress();
        TimerScan scan = new TimerScan(others, progress.dueMillis(), progress.logOffset(), false);
        while (scan.advance()) {
            long logOffset = scan.logOffset();
            if (logOffset >= damaged.minLogOffset() && logOffset <= damaged.maxLogOffset()) {
                long by = find(ended.sorted(), logOffset);
                if (by >= 0) {
                    memory.settleAgain(scan.dueMillis(), logOffset, by);
                } else {
                    elsewhere.add(logOffset, 0);
                }
            }
        }
    }

    private long due(long dueMillis, long logOffset) {
        long known = find(List.of(inMemory), logOffset);
        return known >= 0 ? known : memory.tail().dueInOrder(dueMillis, logOffset);
    }

    /** The value of a key; -1 if there is none. */
    private static long find(List<PairSource> sources, long key) {
        for (PairSource source : sources) {
            long at = source.ceiling(key, 0);
            if (at < source.entries() && source.field(at, 0) == key) {
                return source.field(at, 1);
            }
        }
        return -1;
    }

    /** Lets timers be fetched again; gives up what is not finished. */
    @Override
    public void close() {
        pending.close();
        ended.close();
        elsewhere.close();
        memory.refetch();
    }
}
