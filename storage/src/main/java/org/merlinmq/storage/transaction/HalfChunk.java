package org.merlinmq.storage.transaction;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Half messages that follow one another in the log, a column for each fact: about 31 bytes for one, 47 in a chunk that holds
 * one which was moved.
 *
 * <p>A half message that is decided stays, with the log offset of what decided it, until a flush has passed that.
 *
 * <p>Threading: guarded by the lock of {@link TransactionIndex}.
 */
final class HalfChunk {
    static final int MAX_ROWS = 4096;

    private static final int FIRST_ROWS = 64;
    private static final int CLAIMED = 0x80;
    private static final int ASKED = 0x7F;

    private int count;
    private int open;

    /** None that is open is due before this; some may be due much later. */
    private long earliestMillis = Long.MAX_VALUE;

    private long[] logOffset;
    private long[] queueOffset;

    /** When it is due; of a decided one −1 minus the log offset of the record that decided it. */
    private long[] checkMillis;

    private int[] groupHash;
    private short[] checks;

    /** Bit 7: somebody is deciding it; the others: who was asked last. */
    private byte[] marks;

    /** Of those that were moved, and then of all; null while there is none. */
    private long @Nullable [] firstLogOffset;

    private long @Nullable [] firstQueueOffset;
    private long minFirst = Long.MAX_VALUE;
    private long maxFirst = -1;

    HalfChunk() {
        this(FIRST_ROWS);
    }

    private HalfChunk(int rows) {
        logOffset = new long[rows];
        queueOffset = new long[rows];
        checkMillis = new long[rows];
        groupHash = new int[rows];
        checks = new short[rows];
        marks = new byte[rows];
    }

    int count() {
        return count;
    }

    int open() {
        return open;
    }

    boolean isFull() {
        return count == MAX_ROWS;
    }

    long firstRowLogOffset() {
        return logOffset[0];
    }

    long firstRowQueueOffset() {
        return queueOffset[0];
    }

    long earliestMillis() {
        return earliestMillis;
    }

    void earliestMillis(long millis) {
        earliestMillis = millis;
    }

    void dueAt(int row, long millis) {
        checkMillis[row] = millis;
        earliestMillis = Math.min(earliestMillis, millis);
    }

    void add(OpenHalf half) {
        if (count == logOffset.length) {
            resize(Math.min(MAX_ROWS, count * 2));
        }
        int row = count++;
        open++;
        logOffset[row] = half.logOffset();
        queueOffset[row] = half.queueOffset();
        groupHash[row] = half.groupHash();
        checks[row] = (short) Math.min(half.checks(), Short.MAX_VALUE);
        marks[row] = (byte) half.asked();
        dueAt(row, half.checkMillis());
        if (half.firstLogOffset() != half.logOffset() || firstLogOffset != null) {
            first(row, half.firstLogOffset(), half.firstQueueOffset());
        }
    }

    private void first(int row, long log, long queue) {
        long[] logs = firstLogOffset;
        long[] queues = firstQueueOffset;
        if (logs == null || queues == null) {
            logs = Arrays.copyOf(logOffset, logOffset.length);
            queues = Arrays.copyOf(queueOffset, queueOffset.length);
            firstLogOffset = logs;
            firstQueueOffset = queues;
        }
        logs[row] = log;
        queues[row] = queue;
        if (log != logOffset[row]) {
            minFirst = Math.min(minFirst, log);
            maxFirst = Math.max(maxFirst, log);
        }
    }

    private void resize(int rows) {
        logOffset = Arrays.copyOf(logOffset, rows);
        queueOffset = Arrays.copyOf(queueOffset, rows);
        checkMillis = Arrays.copyOf(checkMillis, rows);
        groupHash = Arrays.copyOf(groupHash, rows);
        checks = Arrays.copyOf(checks, rows);
        marks = Arrays.copyOf(marks, rows);
        if (firstLogOffset != null && firstQueueOffset != null) {
            firstLogOffset = Arrays.copyOf(firstLogOffset, rows);
            firstQueueOffset = Arrays.copyOf(firstQueueOffset, rows);
        }
    }

    /** The row of a record; below 0 if there is none, as {@link Arrays#binarySearch(long[], long)} has it. */
    int row(long ofLogOffset) {
        return Arrays.binarySearch(logOffset, 0, count, ofLogOffset);
    }

    int rowInQueue(long ofQueueOffset) {
        return Arrays.binarySearch(queueOffset, 0, count, ofQueueOffset);
    }

    /** The open row of a transaction that was moved here; −1 if there is none. */
    int rowOfMoved(long first) {
        long[] logs = firstLogOffset;
        if (logs == null || first < minFirst || first > maxFirst) {
            return -1;
        }
        for (int row = 0; row < count; row++) {
            if (logs[row] == first && isOpen(row)) {
                return row;
            }
        }
        return -1;
    }

    boolean isOpen(int row) {
        return checkMillis[row] >= 0;
    }

    /** Whether a row was there and not decided as of a log offset. */
    boolean wasOpen(int row, long asOf) {
        return logOffset[row] < asOf && (isOpen(row) || decidedBy(row) >= asOf);
    }

    private long decidedBy(int row) {
        return -1 - checkMillis[row];
    }

    /** Returns when it would have been checked. */
    long decide(int row, long byLogOffset) {
        long check = checkMillis[row];
        checkMillis[row] = -1 - byLogOffset;
        open--;
        return check;
    }

    long checkMillis(int row) {
        return checkMillis[row];
    }

    int checks(int row) {
        return checks[row];
    }

    void checks(int row, int times) {
        checks[row] = (short) Math.clamp(times, 0, Short.MAX_VALUE);
    }

    int groupHash(int row) {
        return groupHash[row];
    }

    boolean isClaimed(int row) {
        return (marks[row] & CLAIMED) != 0;
    }

    void claim(int row) {
        marks[row] |= (byte) CLAIMED;
    }

    void release(int row) {
        marks[row] &= ASKED;
    }

    void asked(int row, int who) {
        marks[row] = (byte) ((marks[row] & CLAIMED) | (who & ASKED));
    }

    long logOffset(int row) {
        return logOffset[row];
    }

    OpenHalf half(int row) {
        long[] logs = firstLogOffset;
        long[] queues = firstQueueOffset;
        return new OpenHalf(
                logOffset[row],
                queueOffset[row],
                logs == null ? logOffset[row] : logs[row],
                queues == null ? queueOffset[row] : queues[row],
                checks[row],
                Math.max(0, checkMillis[row]),
                groupHash[row],
                marks[row] & ASKED);
    }

    /** How many rows would be left if those were forgotten that were decided below an offset. */
    int needed(long decidedBelow) {
        int left = 0;
        for (int row = 0; row < count; row++) {
            left += isOpen(row) || decidedBy(row) >= decidedBelow ? 1 : 0;
        }
        return left;
    }

    /** Appends the rows that are needed to another chunk, which has room. */
    void copyNeeded(long decidedBelow, HalfChunk to) {
        long earliest = Math.min(to.earliestMillis, earliestMillis);
        for (int row = 0; row < count; row++) {
            if (isOpen(row) || decidedBy(row) >= decidedBelow) {
                long check = checkMillis[row];
                to.add(half(row));
                int copied = to.count - 1;
                to.marks[copied] = marks[row];
                if (check < 0) {
                    to.checkMillis[copied] = check;
                    to.open--;
                }
            }
        }
        to.earliestMillis = earliest;
    }

    /** Decides what lies below an offset, whose records are gone; returns how many were open. */
    int dropBelow(long minLogOffset) {
        int dropped = 0;
        for (int row = 0; row < count && logOffset[row] < minLogOffset; row++) {
            if (isOpen(row)) {
                decide(row, 0);
                dropped++;
            }
        }
        return dropped;
    }
}
