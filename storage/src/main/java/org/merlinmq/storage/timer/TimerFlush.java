package org.merlinmq.storage.timer;

import java.util.HashMap;
import java.util.Map;
import org.merlinmq.storage.run.DamagedRunException;
import org.merlinmq.storage.run.PairSort;
import org.merlinmq.storage.run.PairTail;
import org.merlinmq.storage.run.RunStore;
import org.merlinmq.storage.run.RunWriter;

/**
 * One flush: writes the tail and the tombstones to a run, and forgets what is settled.
 *
 * <p>Everything before the first pending timer is forgotten by one number, the progress, and the few settled ones behind
 * it by tombstones.
 *
 * <p>Threading: the store's tail thread.
 *
 * <p>Errors: a {@link DamagedRunException}, reported, if a damaged run may have what was settled: flush again when it is
 * rebuilt.
 */
final class TimerFlush {
    private final RunStore store;
    private final TimerMemory memory;
    private final long upTo;
    private final Map<Long, Settled> ended = new HashMap<>();
    private long[] unflushed = new long[0];
    private Place first = new Place(0, 0);

    TimerFlush(RunStore store, TimerMemory memory, long upTo) {
        this.store = store;
        this.memory = memory;
        this.upTo = upTo;
    }

    void run() {
        lookUpSettled();
        memory.locked(this::takeState);
        try (RunWriter out = store.newRun()) {
            write(out);
            if (out.entries() > 0) {
                store.append(out.finish());
            }
        }
        memory.locked(() -> memory.flushed(ended.keySet(), upTo, first));
    }

    /** Finds the due times of those that were settled before they were fetched: cancelled ones. */
    private void lookUpSettled() {
        Map<Long, Long> wanted = new HashMap<>();
        PairTail.Snapshot[] now = new PairTail.Snapshot[1];
        memory.locked(() -> {
            memory.tail().settled().forEach((logOffset, end) -> {
                if (!end.isKnown()) {
                    wanted.put(logOffset, Settled.UNKNOWN);
                }
            });
            now[0] = memory.tail().snapshot();
        });
        if (wanted.isEmpty()) {
            return;
        }
        try (TimerSources sources =
                new TimerSources(store, now[0], memory.tail().flushedUpTo(), Long.MAX_VALUE)) {
            TimerScan scan = sources.scan(memory.tail().progress());
            for (int left = wanted.size(); left > 0 && scan.advance(); ) {
                if (wanted.replace(scan.logOffset(), scan.dueMillis()) != null) {
                    left--;
                }
            }
        } catch (DamagedRunException e) {
            // A flush that leaves one out would lose its end: the log is not read again below its offset.
            store.damage(e);
            throw e;
        }
        memory.locked(() -> wanted.forEach(memory::lookedUp));
    }

    private void takeState() {
        unflushed = memory.tail().snapshot().toArray(0);
        first = memory.firstPending();
        memory.tail().settled().forEach((logOffset, end) -> {
            if (end.byLogOffset() < upTo && end.isKnown()) {
                ended.put(logOffset, end);
            } else if (end.isKnown()) {
                atMost(new Place(end.dueMillis(), logOffset));
            } else {
                // Settled since the look-up: it may be anything pending.
                atMost(memory.tail().progress());
            }
        });
        // From here on, or what comes before the commit could end up before the progress, and be lost in a crash.
        memory.tail().raiseFloor(first);
    }

    private void atMost(Place place) {
        if (first.isBehind(place)) {
            first = place;
        }
    }

    private void write(RunWriter out) {
        long[] pairs = new long[unflushed.length + ended.size() * 2];
        int count = 0;
        for (int i = 0; i < unflushed.length; i += 2) {
            long logOffset = unflushed[i + 1] >>> 1;
            if (logOffset >= memory.tail().flushedUpTo() && logOffset < upTo && !ended.containsKey(logOffset)) {
                pairs[count++] = unflushed[i];
                pairs[count++] = unflushed[i + 1];
            }
        }
        for (Map.Entry<Long, Settled> end : ended.entrySet()) {
            long due = end.getValue().dueMillis();
            boolean flushed = end.getKey() < memory.tail().flushedUpTo();
            if (end.getValue().isKnown() && flushed && !first.isBehind(due, end.getKey())) {
                pairs[count++] = due;
                pairs[count++] = end.getKey() << 1 | 1;
            }
        }
        long[] sorted = sortedByBoth(pairs, count / 2);
        for (int i = 0; i < count; i += 2) {
            out.pair(sorted[i], sorted[i + 1], sorted[i + 1] >>> 1);
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
}
