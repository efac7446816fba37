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
 * All timers there are, settled ones with them: tail and runs, sorted, held until closed.
 *
 * <p>Threading: one owner.
 */
final class TimerSources implements AutoCloseable {
    private final List<PairSource> all = new ArrayList<>();
    private final List<Run> held = new ArrayList<>();

    /** Of the tail only what is not flushed: what was settled before the flush is known as such no more. */
    TimerSources(RunStore store, PairTail.Snapshot unflushed, long flushedUpTo) {
        long[] inOrder = unflushed.toArray(0);
        int from = 0;
        while (from < inOrder.length && inOrder[from + 1] >>> 1 < flushedUpTo) {
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
