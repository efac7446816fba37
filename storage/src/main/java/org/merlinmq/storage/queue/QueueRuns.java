package org.merlinmq.storage.queue;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.merlinmq.storage.run.DamagedRunException;
import org.merlinmq.storage.run.Run;
import org.merlinmq.storage.run.RunStore;

/**
 * The entries that are not in memory any more: finds a queue's stretch in the runs and copies from it.
 *
 * <p>Threading: any thread, without a lock.
 */
final class QueueRuns {

    /**
     * A queue's stretch of entries in one run; each queue remembers the one that was read last.
     *
     * @param in the run; null for none
     * @param firstOffset of its first entry
     * @param count entries
     * @param firstEntry where they begin in the run
     */
    record Stretch(@Nullable Run in, long firstOffset, int count, long firstEntry) {

        /**
         * What a queue remembers at first: it holds nothing. Null would be a branch of its own, taken once for each queue:
         * code that was compiled before would be thrown away for it.
         */
        static final Stretch NONE = new Stretch(null, 0, 0, 0);

        Run run() {
            return Objects.requireNonNull(in);
        }

        /** One comparison for both ends, for the same reason: an offset that lies before it is as rare as one behind it. */
        boolean holds(long queueOffset) {
            return Long.compareUnsigned(queueOffset - firstOffset, count) < 0;
        }
    }

    private final RunStore store;

    QueueRuns(RunStore store) {
        this.store = store;
    }

    /** Adds entries to a slice, as many as one block holds of them at most. */
    void read(Queue queue, long queueOffset, int wanted, EntrySlice into) {
        Stretch stretch = queue.lastRead();
        while (true) {
            if (!stretch.holds(queueOffset) || !stretch.run().acquire()) {
                stretch = find(queue.handle(), queueOffset);
                if (stretch.count() == 0) {
                    return;
                }
                queue.remember(stretch);
                if (!stretch.run().acquire()) {
                    continue;
                }
            }
            try {
                copy(stretch, queueOffset, wanted, into);
            } catch (DamagedRunException e) {
                store.damage(stretch.run().file(), e);
            } finally {
                stretch.run().release();
            }
            return;
        }
    }

    private static void copy(Stretch stretch, long queueOffset, int wanted, EntrySlice into) {
        long skip = queueOffset - stretch.firstOffset();
        long entry = stretch.firstEntry() + skip;
        long left = Math.min(stretch.count() - skip, stretch.run().leftInBlock(entry));
        int count = (int) Math.min(wanted, left);
        long[] longs = into.longs();
        stretch.run().copy(entry, count, longs);
        TailChunk.add(longs, 0, count, into);
    }

    /** Newest first: consumers are mostly near the end. */
    private Stretch find(int handle, long queueOffset) {
        Run[] runs = store.runs();
        for (int i = runs.length - 1; i >= 0; i--) {
            Run run = runs[i];
            if (!run.acquire()) {
                runs = store.runs();
                i = runs.length;
                continue;
            }
            try {
                int line = run.floorLine(handle, queueOffset);
                if (line >= 0 && run.handle(line) == handle) {
                    Stretch found = new Stretch(run, run.firstOffset(line), run.count(line), run.firstEntry(line));
                    if (found.holds(queueOffset)) {
                        return found;
                    }
                }
            } finally {
                run.release();
            }
        }
        return Stretch.NONE;
    }

    /**
     * Finds a queue's oldest entry whose record begins at or above an offset. In a damaged block the search stays on
     * the low side.
     *
     * @return its queue offset; -1 if no run has one
     */
    long firstAtOrAbove(Queue queue, long logOffset) {
        Run[] runs = store.runs();
        for (int i = 0; i < runs.length; i++) {
            Run run = runs[i];
            if (!run.acquire()) {
                runs = store.runs();
                i = -1;
                continue;
            }
            try {
                long found = run.file().maxLogOffset() < logOffset ? -1 : firstIn(run, queue.handle(), logOffset);
                if (found >= 0) {
                    return found;
                }
            } finally {
                run.release();
            }
        }
        return -1;
    }

    private long firstIn(Run run, int handle, long logOffset) {
        int line = run.floorLine(handle, -1) + 1;
        for (; line < run.directoryCount() && run.handle(line) == handle; line++) {
            if (run.count(line) > 0 && run.lastLogOffset(line) >= logOffset) {
                return run.firstOffset(line) + search(run, run.firstEntry(line), run.count(line), logOffset);
            }
        }
        return -1;
    }

    private long search(Run run, long firstEntry, int count, long logOffset) {
        long low = 0;
        long high = count - 1L;
        try {
            while (low < high) {
                long mid = (low + high) >>> 1;
                if (run.field(firstEntry + mid, 0) < logOffset) {
                    low = mid + 1;
                } else {
                    high = mid;
                }
            }
        } catch (DamagedRunException e) {
            store.damage(run.file(), e);
        }
        return low;
    }
}
