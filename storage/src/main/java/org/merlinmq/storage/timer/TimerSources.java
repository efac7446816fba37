package org.merlinmq.storage.timer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.merlinmq.storage.run.PairSort;
import org.merlinmq.storage.run.PairSource;
import org.merlinmq.storage.run.PairTail;
import org.merlinmq.storage.run.Run;
import org.merlinmq.storage.run.RunStore;

/**
 * All timers there are, settled ones with them: tail and runs, sorted, held until closed. Those whose records begin at or
 * above an offset may be missing.
 *
 * <p>Threading: one owner.
 */
final class TimerSources implements AutoCloseable {
    private final List<PairSource> all = new ArrayList<>();
    private final List<Run> held = new ArrayList<>();

    /** Of the tail only what is not flushed: what was settled before the flush is known as such no more. */
    TimerSources(RunStore store, PairTail.Snapshot unflushed, long flushedUpTo, long belowLogOffset) {
        long[] inOrder = unflushed.toArray(0);
        int from = 0;
        while (from < inOrder.length && inOrder[from + 1] >>> 1 < flushedUpTo) {
            from += 2;
        }
        int count = (inOrder.length - from) / 2;
        all.add(PairSource.of(PairSort.sort(Arrays.copyOfRange(inOrder, from, inOrder.length), count), count));
        while (!hold(store.runs(), belowLogOffset)) {
            close();
        }
        all.addAll(held);
    }

    /** A run's range has its tombstones in it too, so that those for the timers asked for are not left out. */
    private boolean hold(Run[] runs, long belowLogOffset) {
        for (Run run : runs) {
            if (run.file().minLogOffset() < belowLogOffset) {
                if (!run.acquire()) {
                    return false;
                }
                held.add(run);
            }
        }
        return true;
    }

    /** Walks the timers from a place on that have no tombstone. */
    TimerScan scan(Place from) {
        return new TimerScan(all, from.dueMillis(), from.logOffset(), false);
    }

    @Override
    public void close() {
        held.forEach(Run::release);
        held.clear();
    }
}
