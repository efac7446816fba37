package org.merlinmq.storage.timer;

import java.util.Arrays;
import java.util.function.LongPredicate;

/**
 * The timers that are due soon, the next one on top; as arrays, 24 bytes each.
 *
 * <p>Threading: guarded by the index's lock.
 */
final class DueHeap {

    /** When to hand it out: the due time, or later if a delivery failed. */
    private long[] wake = new long[64];

    private long[] logOffset = new long[64];
    private long[] due = new long[64];
    private int size;

    int size() {
        return size;
    }

    long topWake() {
        return wake[0];
    }

    long topLogOffset() {
        return logOffset[0];
    }

    long topDue() {
        return due[0];
    }

    long due(int i) {
        return due[i];
    }

    long logOffset(int i) {
        return logOffset[i];
    }

    void add(long wakeMillis, long dueMillis, long at) {
        if (size == wake.length) {
            resize(size * 2);
        }
        int hole = size++;
        while (hole > 0) {
            int parent = (hole - 1) >>> 1;
            if (!before(wakeMillis, at, parent)) {
                break;
            }
            move(parent, hole);
            hole = parent;
        }
        set(hole, wakeMillis, dueMillis, at);
    }

    private boolean before(long wakeMillis, long at, int i) {
        return wakeMillis < wake[i] || (wakeMillis == wake[i] && at < logOffset[i]);
    }

    private void move(int from, int to) {
        set(to, wake[from], due[from], logOffset[from]);
    }

    private void set(int i, long wakeMillis, long dueMillis, long at) {
        wake[i] = wakeMillis;
        due[i] = dueMillis;
        logOffset[i] = at;
    }

    void removeTop() {
        size--;
        if (size > 0) {
            sink(0, wake[size], due[size], logOffset[size]);
        }
        if (wake.length > 1024 && size < wake.length / 4) {
            resize(wake.length / 2);
        }
    }

    private void resize(int capacity) {
        wake = Arrays.copyOf(wake, capacity);
        logOffset = Arrays.copyOf(logOffset, capacity);
        due = Arrays.copyOf(due, capacity);
    }

    private void sink(int from, long wakeMillis, long dueMillis, long at) {
        int hole = from;
        for (int child = 2 * hole + 1; child < size; child = 2 * hole + 1) {
            if (child + 1 < size && before(wake[child + 1], logOffset[child + 1], child)) {
                child++;
            }
            if (before(wakeMillis, at, child)) {
                break;
            }
            move(child, hole);
            hole = child;
        }
        set(hole, wakeMillis, dueMillis, at);
    }

    /** Keeps the timers whose due time or log offset passes one of the tests. */
    void retain(LongPredicate keepDue, LongPredicate keepLogOffset) {
        int kept = 0;
        for (int i = 0; i < size; i++) {
            if (keepDue.test(due[i]) || keepLogOffset.test(logOffset[i])) {
                move(i, kept++);
            }
        }
        size = kept;
        for (int i = size / 2 - 1; i >= 0; i--) {
            sink(i, wake[i], due[i], logOffset[i]);
        }
    }

    /** The due time that so many timers are before, of those whose log offset does not pass the test. */
    long dueAt(int rank, LongPredicate leaveOutLogOffset) {
        long[] sorted = new long[size];
        int count = 0;
        for (int i = 0; i < size; i++) {
            if (!leaveOutLogOffset.test(logOffset[i])) {
                sorted[count++] = due[i];
            }
        }
        Arrays.sort(sorted, 0, count);
        return sorted[rank];
    }
}
