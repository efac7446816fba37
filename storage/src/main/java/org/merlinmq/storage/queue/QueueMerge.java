package org.merlinmq.storage.queue;

import java.util.List;
import java.util.function.IntPredicate;
import org.merlinmq.storage.run.Run;
import org.merlinmq.storage.run.RunWriter;

/**
 * Merges neighbouring queue runs: all stretches of a queue one behind the other, oldest first.
 *
 * <p>Stretches wholly below the log's beginning go, except that the last stretch of a queue leaves a line without
 * entries: it says where the queue goes on.
 */
final class QueueMerge {

    private final List<Run> runs;
    private final int[] line;
    private final long minLogOffset;
    private final IntPredicate isLive;
    private final RunWriter out;

    QueueMerge(List<Run> runs, long minLogOffset, IntPredicate isLive, RunWriter out) {
        this.runs = runs;
        line = new int[runs.size()];
        this.minLogOffset = minLogOffset;
        this.isLive = isLive;
        this.out = out;
    }

    void write() {
        for (long handle = leastHandle(); handle >= 0; handle = leastHandle()) {
            if (isLive.test((int) handle)) {
                writeQueue((int) handle);
            } else {
                skip((int) handle);
            }
        }
    }

    private long leastHandle() {
        long least = -1;
        for (int i = 0; i < line.length; i++) {
            if (line[i] < runs.get(i).directoryCount()) {
                int handle = runs.get(i).handle(line[i]);
                least = least < 0 ? handle : Math.min(least, handle);
            }
        }
        return least;
    }

    private boolean at(int i, int handle) {
        return line[i] < runs.get(i).directoryCount() && runs.get(i).handle(line[i]) == handle;
    }

    private void skip(int handle) {
        for (int i = 0; i < line.length; i++) {
            while (at(i, handle)) {
                line[i]++;
            }
        }
    }

    private void writeQueue(int handle) {
        long first = -1;
        long next = -1;
        long lastLogOffset = -1;
        int count = 0;
        for (int i = 0; i < line.length; i++) {
            for (; at(i, handle); line[i]++) {
                Run run = runs.get(i);
                long start = run.firstOffset(line[i]);
                boolean gone = run.lastLogOffset(line[i]) < minLogOffset;
                if (count > 0 && (start != next || count > Integer.MAX_VALUE / 2)) {
                    out.directory(handle, first, count, lastLogOffset);
                    count = 0;
                }
                next = start + run.count(line[i]);
                if (!gone) {
                    first = count == 0 ? start : first;
                    count += run.count(line[i]);
                    copy(run, line[i]);
                }
                lastLogOffset = run.lastLogOffset(line[i]);
            }
        }
        if (next >= 0) {
            out.directory(handle, count == 0 ? next : first, count, lastLogOffset);
        }
    }

    private void copy(Run run, int line) {
        if (run.count(line) > 0) {
            out.queueEntries(run, run.firstEntry(line), run.count(line));
        }
    }
}
