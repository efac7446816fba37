package org.merlinmq.storage.log;

import java.time.Duration;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.merlinmq.platform.thread.StoreThreads;

/**
 * Batches that are as safe here as was asked, and wait until so many other brokers have them as each one needs. Those that need the
 * same number wait in the order of the log, so that one offset ends the wait of all below it.
 *
 * <p>Nothing waits before {@link #require}. It may be that a batch which was not confirmed is stored at the others all the same.
 *
 * <p>Threading: any thread. The monitor is a leaf; batches are given back with no lock held, by the thread that ends their wait.
 */
public final class CopyWaits {
    private static final Line[] NO_LINES = {};

    private final CommitLog log;
    private final StoreThreads threads;

    /** Ends waits that take too long; started by the first. Null before any is possible. Guarded by this. */
    private StoreThreads.@Nullable Worker watch;

    private boolean started;

    /** Whether the watch has a deadline to wake at. Guarded by this. */
    private boolean watched;

    private volatile int required;

    // Guarded by this.
    private long timeoutNanos;
    private IntSupplier inSync = () -> 0;
    private boolean closed;
    private int waiting;

    /** Those who need one copy, those who need two, and so on. */
    private Line[] lines = NO_LINES;

    /** Those who wait for the same number of copies, linked in the order of the log. */
    private static final class Line {
        long confirmedEnd;

        @Nullable AppendBatch first;

        @Nullable AppendBatch last;

        /** Nearly always at the end, since batches come in the order of the log, but for some that overtake. */
        void insert(AppendBatch batch) {
            AppendBatch before = last != null && last.end <= batch.end ? last : null;
            if (before == null) {
                for (AppendBatch each = first; each != null && each.end <= batch.end; each = each.next) {
                    before = each;
                }
            }
            if (before == null) {
                batch.next = first;
                first = batch;
            } else {
                batch.next = before.next;
                before.next = batch;
            }
            if (batch.next == null) {
                last = batch;
            }
        }

        /** Takes the first ones out, up to one of them, and links others behind that. */
        @Nullable AppendBatch takeThrough(@Nullable AppendBatch through, @Nullable AppendBatch others) {
            if (through == null) {
                return others;
            }
            AppendBatch taken = first;
            first = through.next;
            through.next = others;
            if (first == null) {
                last = null;
            }
            return taken;
        }
    }

    CopyWaits(CommitLog log, StoreThreads threads) {
        this.log = log;
        this.threads = threads;
    }

    /**
     * Lets batches wait from now on. Called once, before batches are made.
     *
     * @param copies how many other brokers have to have a batch of which nothing else is said; 0 for none
     * @param most the largest number that {@link #confirmed} will be called with: who needs more does not wait in vain
     * @param timeout how long a batch waits for them
     * @param brokersInSync how many other brokers keep up with this log now; called under the monitor, so it locks nothing
     */
    public synchronized void require(int copies, int most, Duration timeout, IntSupplier brokersInSync) {
        if (watch != null || copies < 0 || most < copies || timeout.toNanos() < 1) {
            throw new IllegalArgumentException(
                    "expected 0 to " + most + " copies, a time-out, and one call; found " + copies + " and " + timeout);
        }
        timeoutNanos = timeout.toNanos();
        inSync = brokersInSync;
        lines = new Line[most];
        for (int i = 0; i < most; i++) {
            lines[i] = new Line();
        }
        required = copies;
        watch = threads.worker("copy-watch", new Watch());
    }

    /** How many other brokers have to have a batch of which nothing else is said; 0 if none waits for that. */
    public int required() {
        return required;
    }

    /** How many batches wait now. */
    public synchronized int waiting() {
        return waiting;
    }

    /** All below is known to be at as many other brokers as are required; 0 if none are. */
    public synchronized long confirmedEnd() {
        return required == 0 ? 0 : lines[required - 1].confirmedEnd;
    }

    /**
     * Whether so many other brokers are known to have the log up to an offset.
     *
     * @param copies how many; with 0 nobody is asked for
     * @param logOffset the end of what they are to have
     * @return false also where more are asked for than are ever counted
     */
    public synchronized boolean isConfirmed(int copies, long logOffset) {
        return copies == 0 || (copies <= lines.length && logOffset <= lines[copies - 1].confirmedEnd);
    }

    /** Takes a batch that is stored, until it is confirmed or its time is up. */
    void await(AppendBatch batch) {
        int copies = batch.copies();
        AppendStatus at = null;
        StoreThreads.Worker toStart = null;
        synchronized (this) {
            StoreThreads.Worker worker = watch;
            if (isConfirmed(copies, batch.end)) {
                at = AppendStatus.STORED;
            } else if (closed || worker == null || copies > lines.length || inSync.getAsInt() < copies) {
                at = AppendStatus.TOO_FEW_COPIES;
            } else {
                batch.copyDeadlineNanos = threads.nanoTime() + timeoutNanos;
                lines[copies - 1].insert(batch);
                waiting++;
                if (!started) {
                    started = true;
                    watched = true;
                    toStart = worker;
                } else if (!watched) {
                    watched = true;
                    worker.wake();
                }
            }
        }
        if (toStart != null) {
            toStart.start();
        }
        if (at != null) {
            batch.giveBack(at, "");
        }
    }

    /**
     * So many other brokers have the log up to an offset, as safe as they were asked to keep it.
     *
     * @param copies how many, at least 1
     * @param logOffset all below is confirmed; one that is lower than an earlier one changes nothing
     */
    public void confirmed(int copies, long logOffset) {
        AppendBatch done = null;
        synchronized (this) {
            // What more brokers have, fewer have: the further down, the further the line is already.
            for (int i = Math.min(copies, lines.length) - 1; i >= 0 && logOffset > lines[i].confirmedEnd; i--) {
                Line line = lines[i];
                line.confirmedEnd = logOffset;
                AppendBatch through = null;
                for (AppendBatch each = line.first; each != null && each.end <= logOffset; each = each.next) {
                    through = each;
                    waiting--;
                }
                done = line.takeThrough(through, done);
            }
        }
        giveBack(done, AppendStatus.STORED);
    }

    private static void giveBack(@Nullable AppendBatch taken, AppendStatus status) {
        for (AppendBatch each = taken; each != null; ) {
            // Its owner may use it again at once: what is next is read before.
            AppendBatch next = each.next;
            each.next = null;
            each.giveBack(status, "");
            each = next;
        }
    }

    /** The number of brokers that keep up has changed: who needs more of them does not go on waiting. */
    public void inSyncChanged() {
        AppendBatch failed;
        synchronized (this) {
            failed = takeAll(Math.max(0, inSync.getAsInt()));
        }
        giveBack(failed, AppendStatus.TOO_FEW_COPIES);
    }

    /** This broker leads no more: whether the others have what waits will not be known here. */
    public void stopLeading() {
        AppendBatch failed;
        synchronized (this) {
            failed = takeAll(0);
        }
        giveBack(failed, AppendStatus.COPY_TIMEOUT);
    }

    /** Takes all out that need more copies than so many. */
    private @Nullable AppendBatch takeAll(int copies) {
        AppendBatch taken = null;
        for (int i = copies; i < lines.length; i++) {
            Line line = lines[i];
            for (AppendBatch each = line.first; each != null; each = each.next) {
                waiting--;
            }
            taken = line.takeThrough(line.last, taken);
        }
        return taken;
    }

    /** Wakes once per timeout while there are waits, and not at all while there are none. */
    private final class Watch implements StoreThreads.Task {
        @Override
        public long step() {
            return expire();
        }

        @Override
        public void failed(Throwable bug) {
            log.poison("The thread copy-watch ended by a bug", bug);
        }
    }

    /** Ends the waits whose time is up; returns how long until the next of them. */
    private long expire() {
        AppendBatch late = null;
        long next = StoreThreads.UNTIL_WOKEN;
        synchronized (this) {
            long now = threads.nanoTime();
            for (Line line : lines) {
                AppendBatch through = null;
                for (AppendBatch each = line.first;
                        each != null && now - each.copyDeadlineNanos >= 0;
                        each = each.next) {
                    through = each;
                    waiting--;
                }
                late = line.takeThrough(through, late);
                AppendBatch oldest = line.first;
                next = oldest == null ? next : Math.min(next, oldest.copyDeadlineNanos - now);
            }
            watched = waiting > 0;
        }
        giveBack(late, AppendStatus.COPY_TIMEOUT);
        return next;
    }

    /** Nobody waits any more: the log is closed. */
    void close() {
        StoreThreads.Worker worker;
        AppendBatch left;
        synchronized (this) {
            closed = true;
            worker = started ? watch : null;
            left = takeAll(0);
        }
        giveBack(left, AppendStatus.COPY_TIMEOUT);
        if (worker != null) {
            worker.close();
        }
    }
}
