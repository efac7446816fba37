package org.merlinmq.storage.log;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.platform.thread.StoreThreads;

/**
 * Makes written bytes durable: at once, one sync for all who wait (group commit), or an interval after they were written
 * if nobody waits. Makes segments ahead of need in between. Sleeps while there is nothing to do.
 *
 * <p>Threading: {@code await}, {@code wrote} and {@code sync} on any thread; its own thread is {@code log-flush}. A
 * waiting batch is in the list until exactly one thread takes it out, under the monitor, and tells it.
 */
final class Flusher implements StoreThreads.Task {
    /** How long to wait before trying again to make a segment on a full disk. */
    private static final long RETRY_NANOS = 1_000_000_000L;

    private final CommitLog log;
    private final Segments segments;
    private final long intervalNanos;
    private final long timeoutNanos;
    private final StoreThreads threads;
    private final StoreThreads.Worker worker;
    /** Ends waits that take too long; it never touches the disk, which may be what takes so long. */
    private final StoreThreads.Worker watch;

    private final Object syncing = new Object();
    private final ArrayDeque<AppendBatch> waiting = new ArrayDeque<>();

    /** Whether the watch has a deadline to wake at. Guarded by waiting. */
    private boolean watched;

    private volatile int waitingCount;
    private volatile boolean dirty;
    private volatile long flushedEnd;
    private volatile boolean broken;

    /** Somebody wants a sync at once, who is not in the list. */
    private volatile boolean wanted;

    private volatile LogWaiter listener = () -> {};

    private final Durations syncs = new Durations();
    private final Durations waits = new Durations();

    /** When there was first something to flush that is not flushed yet; 0 if there is nothing. Of the worker alone. */
    private long dirtySince;

    Flusher(CommitLog log, Segments segments, LogSettings settings, StoreThreads threads, long flushedEnd) {
        this.log = log;
        this.segments = segments;
        this.intervalNanos = settings.flushInterval().toNanos();
        this.timeoutNanos = settings.syncFlushTimeout().toNanos();
        this.flushedEnd = flushedEnd;
        this.threads = threads;
        this.worker = threads.worker("log-flush", this);
        this.watch = threads.worker("flush-watch", new Watch());
    }

    void start() {
        worker.start();
        watch.start();
    }

    long flushedEnd() {
        return flushedEnd;
    }

    /**
     * A batch was published whose outcome waits for the disk. Called under the append lock, so that the list is in log order and
     * closing the log finds all of it.
     *
     * @return whether to {@link #wake} the thread
     */
    boolean enqueue(AppendBatch batch) {
        synchronized (waiting) {
            batch.flushDeadlineNanos = threads.nanoTime() + timeoutNanos;
            waiting.addLast(batch);
            waitingCount = waiting.size();
            if (!watched) {
                watched = true;
                watch.wake();
            }
            return waiting.size() == 1;
        }
    }

    /** How long the disk took to confirm what it was given. */
    Durations syncs() {
        return syncs;
    }

    /** How long batches that wanted to be durable waited for it, those that gave up included. */
    Durations waits() {
        return waits;
    }

    FlushQueue queue() {
        synchronized (waiting) {
            AppendBatch first = waiting.peekFirst();
            long oldest = first == null ? 0 : threads.nanoTime() - (first.flushDeadlineNanos - timeoutNanos);
            return new FlushQueue(waiting.size(), oldest);
        }
    }

    void wake() {
        worker.wake();
    }

    /** Something was published that nobody waits for. */
    void wrote() {
        if (!dirty) {
            dirty = true;
            worker.wake();
        }
    }

    void syncSoon() {
        wanted = true;
        worker.wake();
    }

    void afterSync(LogWaiter hears) {
        listener = hears;
    }

    @Override
    public long step() {
        if (waitingCount > 0) {
            long before = flushedEnd;
            sync();
            log.zeroAhead(flushedEnd - before);
        } else if (wanted) {
            sync();
        }
        boolean starved = !log.makeSpare();
        long now = threads.nanoTime();
        long pause;
        if (!dirty || broken) {
            dirtySince = 0;
            pause = starved ? RETRY_NANOS : StoreThreads.UNTIL_WOKEN;
        } else if (dirtySince == 0) {
            dirtySince = now;
            pause = intervalNanos;
        } else if (now - dirtySince >= intervalNanos) {
            dirtySince = 0;
            sync();
            pause = 0;
        } else {
            pause = intervalNanos - (now - dirtySince);
        }
        return waitingCount > 0 || wanted ? 0 : pause;
    }

    @Override
    public void failed(Throwable bug) {
        // Whoever waits for the disk would wait for ever.
        broken = true;
        log.poison("The thread log-flush ended by a bug", bug);
        tellFlushed();
    }

    /** Makes durable what is published, and tells those who waited for it. */
    void sync() {
        synchronized (syncing) {
            dirty = false;
            wanted = false;
            long target = log.maxLogOffset();
            if (!broken && target > flushedEnd) {
                long begun = threads.nanoTime();
                try {
                    segments.force(flushedEnd, target);
                    syncs.add(threads.nanoTime() - begun);
                    flushedEnd = target;
                } catch (DiskException e) {
                    // What the disk has now is unknown, and a second sync would not tell: never try again.
                    broken = true;
                    log.poison("Syncing the log up to offset " + target + " failed", e);
                }
            }
        }
        tellFlushed();
        listener.wake();
    }

    private void tellFlushed() {
        List<AppendBatch> done = new ArrayList<>();
        boolean failed = broken;
        synchronized (waiting) {
            while (!waiting.isEmpty() && (failed || waiting.getFirst().end <= flushedEnd)) {
                done.add(waiting.removeFirst());
            }
            waitingCount = waiting.size();
        }
        noteWaits(done);
        for (AppendBatch batch : done) {
            if (batch.end <= flushedEnd) {
                batch.finish(AppendStatus.STORED, "");
            } else {
                batch.finish(AppendStatus.REFUSED, log.writeState().sentence());
            }
        }
    }

    /** Before their listeners are called: after that a batch is filled anew by its owner. */
    private void noteWaits(List<AppendBatch> ended) {
        long now = ended.isEmpty() ? 0 : threads.nanoTime();
        for (AppendBatch batch : ended) {
            waits.add(now - (batch.flushDeadlineNanos - timeoutNanos));
        }
    }

    /** Wakes once per timeout while there are waits, and not at all while there are none. */
    private final class Watch implements StoreThreads.Task {
        @Override
        public long step() {
            return expire();
        }

        @Override
        public void failed(Throwable bug) {
            log.poison("The thread flush-watch ended by a bug", bug);
        }
    }

    /**
     * Tells those who waited too long that their records are stored but not known to be durable.
     *
     * @return how long until the next of them has
     */
    private long expire() {
        List<AppendBatch> late = new ArrayList<>();
        long next;
        synchronized (waiting) {
            long now = threads.nanoTime();
            while (!waiting.isEmpty() && now - waiting.getFirst().flushDeadlineNanos >= 0) {
                late.add(waiting.removeFirst());
            }
            waitingCount = waiting.size();
            watched = !waiting.isEmpty();
            next = watched ? waiting.getFirst().flushDeadlineNanos - now : StoreThreads.UNTIL_WOKEN;
        }
        noteWaits(late);
        for (AppendBatch batch : late) {
            batch.finish(AppendStatus.FLUSH_TIMEOUT, "");
        }
        return next;
    }

    /** Ends the threads and syncs a last time. */
    void close() {
        worker.close();
        watch.close();
        sync();
    }
}
