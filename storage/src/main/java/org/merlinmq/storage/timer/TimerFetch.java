package org.merlinmq.storage.timer;

import org.merlinmq.storage.run.DamagedRunException;
import org.merlinmq.storage.run.PairTail;
import org.merlinmq.storage.run.RunStore;

/**
 * Brings timers behind the horizon into memory when they come near.
 *
 * <p>Threading: the timer thread.
 */
final class TimerFetch {

    /**
     * What is to be fetched, as it was when the fetch began.
     *
     * @param version of the memory; if it has changed, what was read may be settled meanwhile
     * @param from the horizon
     * @param room how many timers to fetch at most
     * @param unflushed the tail
     * @param flushedUpTo what of the tail is in runs
     */
    record Gap(long version, Place from, int room, PairTail.Snapshot unflushed, long flushedUpTo) {}

    /** What was found in a gap. */
    static final class Found {
        private final long[] dueMillis;
        private final long[] logOffset;
        private int count;
        private long nextDueMillis = Long.MAX_VALUE;
        private Place end;

        private Found(int room, long untilDueMillis) {
            dueMillis = new long[room];
            logOffset = new long[room];
            end = new Place(untilDueMillis, 0);
        }

        int count() {
            return count;
        }

        long dueMillis(int i) {
            return dueMillis[i];
        }

        long logOffset(int i) {
            return logOffset[i];
        }

        /** When the first timer is due that was left. */
        long nextDueMillis() {
            return nextDueMillis;
        }

        /** All timers before this were found. */
        Place end() {
            return end;
        }

        private void read(TimerScan scan) {
            long untilDueMillis = end.dueMillis();
            boolean more = scan.advance();
            while (more && count < dueMillis.length && scan.dueMillis() < untilDueMillis) {
                dueMillis[count] = scan.dueMillis();
                logOffset[count++] = scan.logOffset();
                more = scan.advance();
            }
            if (more) {
                nextDueMillis = scan.dueMillis();
                if (scan.dueMillis() < untilDueMillis) {
                    end = new Place(scan.dueMillis(), scan.logOffset());
                }
            }
        }
    }

    private final RunStore store;
    private final TimerMemory memory;

    TimerFetch(RunStore store, TimerMemory memory) {
        this.store = store;
        this.memory = memory;
    }

    /** Fills the heap from tail and runs when timers behind the horizon come near. */
    void run(long nowMillis) {
        while (isWanted(nowMillis)) {
            try {
                once(nowMillis + TimerIndex.HORIZON_MILLIS);
            } catch (DamagedRunException e) {
                store.damage(e);
            }
        }
    }

    /** Whether one would find something. Nothing is fetched past a damaged run: timers come late then, but none twice. */
    boolean isWanted(long nowMillis) {
        return store.isSound() && memory.isFetchWanted(nowMillis);
    }

    private void once(long untilDueMillis) {
        Gap gap = memory.gap();
        try (TimerSources sources = new TimerSources(store, gap.unflushed(), gap.flushedUpTo(), Long.MAX_VALUE)) {
            Found found = new Found(gap.room(), untilDueMillis);
            found.read(sources.scan(gap.from()));
            memory.enter(gap, found);
        }
    }
}
