package org.merlinmq.storage.transaction;

import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.bytes.ByteWriter;

/**
 * The half messages that are open: who decides one claims it here, who asks producers finds here what is due.
 *
 * <p>{@link TransactionIndex} opens and closes them as the log's records say.
 *
 * <p>Threading: any thread. A lock of its own, taken after the append lock and never held over a file, guards all rows.
 *
 * <p>Limits: the broker refuses half messages above a number of open ones; see {@link #count}.
 */
public final class OpenHalves {
    /** How a half message stands. */
    public enum Standing {
        /** It is open. */
        OPEN,
        /** Somebody is about to store a decision. */
        CLAIMED,
        /** It was decided or given up a moment ago. */
        DECIDED,
        /** No open half message has this place, and none was closed just now. */
        UNKNOWN
    }

    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by lock.
    private final HalfTable table = new HalfTable();
    private long announced = Long.MAX_VALUE;
    private @Nullable Runnable earlier;
    private boolean wakeWanted;

    /** The log offset of the first change that no snapshot has. */
    private long firstChange = Long.MAX_VALUE;

    private long lastChange = -1;

    /** How many are open, as it was when the lock was last given back. */
    private volatile long count;

    OpenHalves() {}

    /**
     * How many half messages are open.
     *
     * @return at the last append that changed it
     */
    public long count() {
        return count;
    }

    /**
     * Takes an open half message for itself, to store a decision. It is closed by the record that holds the decision, or given
     * back by {@link #release}.
     *
     * @param logOffset where its record begins, or where its first one did
     * @return the half message; null if it cannot be had: {@link #standing} says why
     */
    public @Nullable OpenHalf claim(long logOffset) {
        lock();
        try {
            if (!table.findOpen(logOffset) || table.foundChunk().isClaimed(table.foundRow())) {
                return null;
            }
            table.foundChunk().claim(table.foundRow());
            return table.foundChunk().half(table.foundRow());
        } finally {
            unlock();
        }
    }

    /**
     * Gives a claimed half message back, whose decision was not stored.
     *
     * @param logOffset where its record begins
     */
    public void release(long logOffset) {
        lock();
        try {
            if (table.findOpen(logOffset)) {
                table.foundChunk().release(table.foundRow());
            }
        } finally {
            unlock();
        }
    }

    /**
     * Gives up a half message whose record is gone: nobody can decide it any more.
     *
     * @param logOffset where its record began
     */
    public void drop(long logOffset) {
        lock();
        try {
            if (table.findOpen(logOffset)) {
                close(0);
            }
        } finally {
            unlock();
        }
    }

    /**
     * How a half message stands.
     *
     * @param logOffset where its record begins, or where its first one did
     * @return {@link Standing#DECIDED} only until the next checkpoints have forgotten it
     */
    public Standing standing(long logOffset) {
        lock();
        try {
            if (table.findOpen(logOffset)) {
                return table.foundChunk().isClaimed(table.foundRow()) ? Standing.CLAIMED : Standing.OPEN;
            }
            return table.find(logOffset) ? Standing.DECIDED : Standing.UNKNOWN;
        } finally {
            unlock();
        }
    }

    /**
     * Finds an open half message.
     *
     * @param logOffset where its record begins, or where its first one did
     * @return null if it is not open
     */
    public @Nullable OpenHalf openAt(long logOffset) {
        lock();
        try {
            return table.findOpen(logOffset) ? table.foundChunk().half(table.foundRow()) : null;
        } finally {
            unlock();
        }
    }

    /**
     * Lists open half messages in the order of the log.
     *
     * @param fromLogOffset none whose record begins before
     * @param max the most to list
     * @return as they were at some moment during the call
     */
    public List<OpenHalf> list(long fromLogOffset, int max) {
        lock();
        try {
            return table.list(fromLogOffset, max);
        } finally {
            unlock();
        }
    }

    /**
     * Where the log begins to be waited for: no open half message's record begins below.
     *
     * @return a log offset; {@link Long#MAX_VALUE} if none is open
     */
    public long firstLogOffset() {
        List<OpenHalf> first = list(0, 1);
        return first.isEmpty() ? Long.MAX_VALUE : first.getFirst().logOffset();
    }

    // Checks.

    /**
     * Says whom to wake when a half message comes that is due before what {@link #nextCheckMillis} last returned.
     *
     * @param wake called with no lock held, by the appending thread: must be short
     */
    public void onEarlier(Runnable wake) {
        lock();
        try {
            earlier = wake;
        } finally {
            unlock();
        }
    }

    /**
     * When to call {@link #takeDue} next. May be early: what was due then may have been decided.
     *
     * @return milliseconds since 1970; {@link Long#MAX_VALUE} if nothing is open
     */
    public long nextCheckMillis() {
        lock();
        try {
            long next = table.earliestMillis();
            announced = next;
            return next;
        } finally {
            unlock();
        }
    }

    /**
     * Hands out half messages that are due. Each is due again after the rule's interval. One that is to be given up is claimed
     * by the caller; all others may be decided meanwhile. Those of groups without a producer are not handed out.
     *
     * @param nowMillis the time
     * @param rule which of them
     * @param max the most to hand out
     * @param into takes them
     */
    public void takeDue(long nowMillis, CheckRule rule, int max, List<OpenHalf> into) {
        boolean more = true;
        for (int c = 0; more && into.size() < max; c++) {
            // Appends wait for the lock, so it is held for one chunk at a time.
            lock();
            try {
                more = c < table.chunkCount();
                if (more && table.chunk(c).earliestMillis() <= nowMillis) {
                    takeDue(table.chunk(c), nowMillis, rule, max, into);
                }
            } finally {
                unlock();
            }
        }
    }

    private static void takeDue(HalfChunk chunk, long now, CheckRule rule, int max, List<OpenHalf> into) {
        long later = now + rule.intervalMillis();
        long earliest = Long.MAX_VALUE;
        for (int row = 0; row < chunk.count(); row++) {
            if (!chunk.isOpen(row)) {
                continue;
            }
            if (chunk.checkMillis(row) > now) {
                earliest = Math.min(earliest, chunk.checkMillis(row));
                continue;
            }
            if (into.size() == max) {
                // The earliest stays as it is: the next call finds the rest.
                return;
            }
            earliest = Math.min(earliest, later);
            boolean claimed = chunk.isClaimed(row);
            boolean giveUp = !claimed && chunk.checks(row) >= rule.maxChecks();
            if (giveUp || (!claimed && rule.reachable().test(chunk.groupHash(row)))) {
                into.add(chunk.half(row));
            }
            if (giveUp) {
                chunk.claim(row);
            }
            chunk.dueAt(row, later);
        }
        chunk.earliestMillis(earliest);
    }

    /**
     * Notes which producer was asked about a half message, or that the last one has answered.
     *
     * @param logOffset where its record begins, or where its first one did
     * @param who a number from 1 to 127; 0 if it has answered
     */
    public void asked(long logOffset, int who) {
        lock();
        try {
            if (table.findOpen(logOffset)) {
                table.foundChunk().asked(table.foundRow(), who);
            }
        } finally {
            unlock();
        }
    }

    /**
     * Makes a half message due at a time.
     *
     * @param logOffset where its record begins, or where its first one did
     * @param atMillis the time
     * @return false if it is not open
     */
    public boolean checkAt(long logOffset, long atMillis) {
        Runnable wake = null;
        lock();
        try {
            if (!table.findOpen(logOffset)) {
                return false;
            }
            table.foundChunk().dueAt(table.foundRow(), atMillis);
            if (atMillis < announced) {
                announced = atMillis;
                wake = earlier;
            }
        } finally {
            unlock();
        }
        if (wake != null) {
            wake.run();
        }
        return true;
    }

    // For the index: what the log's records do, under the lock that it holds meanwhile.

    void lock() {
        lock.lock();
    }

    void unlock() {
        long open = table.open();
        if (open != count) {
            count = open;
        }
        lock.unlock();
    }

    void clear() {
        table.clear();
        firstChange = Long.MAX_VALUE;
    }

    boolean find(long logOffset) {
        return table.find(logOffset);
    }

    boolean findInQueue(long queueOffset) {
        return table.findInQueue(queueOffset);
    }

    /** Closes the row that was found last; returns when it would have been checked, -1 if it was closed. */
    long close(long byLogOffset) {
        long check = table.close(byLogOffset);
        if (check >= 0) {
            changedAt(byLogOffset);
        }
        return check;
    }

    void add(OpenHalf half) {
        table.add(half);
        changedAt(half.logOffset());
        if (half.checkMillis() < announced && earlier != null) {
            announced = half.checkMillis();
            wakeWanted = true;
        }
    }

    /** Sets how often the one was checked that was found last. */
    void checks(int times, long byLogOffset) {
        table.foundChunk().checks(table.foundRow(), times);
        changedAt(byLogOffset);
    }

    private void changedAt(long logOffset) {
        firstChange = Math.min(firstChange, logOffset);
        lastChange = Math.max(lastChange, logOffset);
    }

    // For the index: snapshots. These take the lock.

    /** Whom to wake since something came that is due earlier; null for nobody. */
    @Nullable Runnable takeWake() {
        lock();
        try {
            Runnable wake = wakeWanted ? earlier : null;
            wakeWanted = false;
            return wake;
        } finally {
            unlock();
        }
    }

    long decidedRows() {
        lock();
        try {
            return table.decidedRows();
        } finally {
            unlock();
        }
    }

    /** Forgets which changes there were: they are read with the log from a snapshot on. */
    void noChanges() {
        lock();
        try {
            firstChange = Long.MAX_VALUE;
        } finally {
            unlock();
        }
    }

    boolean changedBelow(long logOffset) {
        lock();
        try {
            return firstChange < logOffset;
        } finally {
            unlock();
        }
    }

    /** Begins a snapshot; returns what {@link #snapshotWritten} takes. */
    long beginSnapshot(long asOf) {
        lock();
        try {
            // What lies above is a change that the snapshot has not; that there is one costs another snapshot only.
            long next = lastChange >= asOf ? asOf : Long.MAX_VALUE;
            firstChange = Long.MAX_VALUE;
            return next;
        } finally {
            unlock();
        }
    }

    void snapshotWritten(long next) {
        lock();
        try {
            firstChange = Math.min(firstChange, next);
        } finally {
            unlock();
        }
    }

    /** Encodes those of a chunk that were open as of a log offset; returns false if there is no such chunk. */
    boolean encode(int c, long asOf, ByteWriter out) {
        lock();
        try {
            if (c >= table.chunkCount()) {
                return false;
            }
            HalfChunk chunk = table.chunk(c);
            for (int row = 0; row < chunk.count(); row++) {
                if (chunk.wasOpen(row, asOf)) {
                    OpenHalf half = chunk.half(row);
                    out.putLong(half.logOffset()).putLong(half.queueOffset());
                    out.putLong(half.firstLogOffset()).putLong(half.firstQueueOffset());
                    out.putLong(half.checkMillis()).putInt(half.groupHash()).putInt(half.checks());
                }
            }
            return true;
        } finally {
            unlock();
        }
    }

    /** Forgets what was decided below an offset. */
    void forget(long upTo) {
        lock();
        try {
            table.forget(upTo);
        } finally {
            unlock();
        }
    }

    /** Closes those whose records lie below an offset; returns how many. */
    int dropBelow(long minLogOffset) {
        lock();
        try {
            return table.dropBelow(minLogOffset);
        } finally {
            unlock();
        }
    }
}
