package org.merlinmq.storage.log;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.merlinmq.storage.disk.DiskException;

/**
 * Makes written bytes durable: at once, one sync for all who wait (group commit), or an interval after they were written
 * if nobody waits. Makes segments ahead of need in between. Sleeps while there is nothing to do.
 *
 * <p>Threading: {@code await}, {@code wrote} and {@code sync} on any thread; its own thread is {@code log-flush}. A
 * waiting batch is in the list until exactly one thread takes it out, under the monitor, and tells it.
 */
final class Flusher implements Runnable {
    /** How long to wait before trying again to make a segment on a full disk. */
    private static final long RETRY_NANOS = 1_000_000_000L;

    private final CommitLog log;
    private final Segments segments;
    private final long intervalNanos;
    private final long timeoutNanos;
    private final Thread thread;
    /** Ends waits that take too long; it never touches the disk, which may be what takes so long. */
    private final Thread watch;

    private final Object syncing = new Object();
    private final ArrayDeque<AppendBatch> waiting = new ArrayDeque<>();

    /** Whether the watch has a deadline to wake at. Guarded by waiting. */
    private boolean watched;

    private volatile int waitingCount;
    private volatile boolean dirty;
    private volatile boolean closing;
    private volatile long flushedEnd;
    private volatile boolean broken;

    private final Durations syncs = new Durations();
    private final Durations waits = new Durations();

    Flusher(CommitLog log, Segments segments, Duration interval, Duration timeout, long flushedEnd) {
        this.log = log;
        this.segments = segments;
        this.intervalNanos = interval.toNanos();
        this.timeoutNanos = timeout.toNanos();
        this.flushedEnd = flushedEnd;
        this.thread = Thread.ofPlatform().name("log-flush").unstarted(this);
        this.watch = Thread.ofPlatform().name("flush-watch").daemon().unstarted(this::watch);
    }

    void start() {
        thread.start();
        watch.start();
    }

    long flushedEnd() {
        return flushedEnd;
    }

    /**
     * A batch was published and wants to be durable. Called under the append lock, so that the list is in log order and
     * closing the log finds all of it.
     *
     * @return whether to {@link #wake} the thread
     */
    boolean enqueue(AppendBatch batch) {
        synchronized (waiting) {
            batch.flushDeadlineNanos = System.nanoTime() + timeoutNanos;
            waiting.addLast(batch);
            waitingCount = waiting.size();
            if (!watched) {
                watched = true;
                LockSupport.unpark(watch);
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
            long oldest = first == null ? 0 : System.nanoTime() - (first.flushDeadlineNanos - timeoutNanos);
            return new FlushQueue(waiting.size(), oldest);
        }
    }

    void wake() {
        LockSupport.unpark(thread);
    }

    /** Something was published that nobody waits for. */
    void wrote() {
        if (!dirty) {
            dirty = true;
            LockSupport.unpark(thread);
        }
    }

    @Override
    public void run() {
        try {
            loop();
        } catch (RuntimeException | Error e) {
            // Whoever waits for the disk would wait for ever.
            broken = true;
            log.poison("The thread log-flush ended by a bug", e);
            tellFlushed();
            throw e;
        }
    }

    private void loop() {
        long dirtySince = 0;
        while (!closing) {
            if (waitingCount > 0) {
                sync();
                log.zeroAhead();
            }
            boolean starved = !log.makeSpare();
            long now = System.nanoTime();
            if (!dirty || broken) {
                dirtySince = 0;
                pause(starved ? RETRY_NANOS : 0);
            } else if (dirtySince == 0) {
                dirtySince = now;
                pause(intervalNanos);
            } else if (now - dirtySince >= intervalNanos) {
                dirtySince = 0;
                sync();
            } else {
                pause(intervalNanos - (now - dirtySince));
            }
        }
        sync();
    }

    /** Sleeps until woken or so long; 0 is without end. */
    private void pause(long nanos) {
        if (waitingCount > 0 || closing) {
            return;
        }
        if (nanos == 0) {
            LockSupport.park(this);
        } else {
            LockSupport.parkNanos(this, nanos);
        }
    }

    /** Makes durable what is published, and tells those who waited for it. */
    void sync() {
        synchronized (syncing) {
            dirty = false;
            long target = log.maxLogOffset();
            if (!broken && target > flushedEnd) {
                long begun = System.nanoTime();
                try {
                    segments.force(flushedEnd, target);
                    syncs.add(System.nanoTime() - begun);
                    flushedEnd = target;
                } catch (DiskException e) {
                    // What the disk has now is unknown, and a second sync would not tell: never try again.
                    broken = true;
                    log.poison("Syncing the log up to offset " + target + " failed", e);
                }
            }
        }
        tellFlushed();
    }

    private void tellFlushed() {
        List<AppendBatch> told = new ArrayList<>();
        boolean failed = broken;
        synchronized (waiting) {
            while (!waiting.isEmpty() && (failed || waiting.getFirst().end <= flushedEnd)) {
                told.add(waiting.removeFirst());
            }
            waitingCount = waiting.size();
        }
        noteWaits(told);
        for (AppendBatch batch : told) {
            if (batch.end <= flushedEnd) {
                batch.finish(AppendStatus.STORED, "");
            } else {
                batch.finish(AppendStatus.REFUSED, log.writeState().sentence());
            }
        }
    }

    /** Before they are told: a batch that was is filled anew by its owner. */
    private void noteWaits(List<AppendBatch> ended) {
        long now = ended.isEmpty() ? 0 : System.nanoTime();
        for (AppendBatch batch : ended) {
            waits.add(now - (batch.flushDeadlineNanos - timeoutNanos));
        }
    }

    /** Wakes once per timeout while there are waits, and not at all while there are none. */
    private void watch() {
        while (!closing) {
            long nanos = expire();
            if (nanos < 0) {
                LockSupport.park(this);
            } else {
                LockSupport.parkNanos(this, nanos);
            }
        }
    }

    /**
     * Tells those who waited too long that their records are stored but not known to be durable.
     *
     * @return how long until the next of them has; -1 if nobody waits
     */
    private long expire() {
        List<AppendBatch> late = new ArrayList<>();
        long next;
        synchronized (waiting) {
            long now = System.nanoTime();
            while (!waiting.isEmpty() && now - waiting.getFirst().flushDeadlineNanos >= 0) {
                late.add(waiting.removeFirst());
            }
            waitingCount = waiting.size();
            watched = !waiting.isEmpty();
            next = watched ? waiting.getFirst().flushDeadlineNanos - now : -1;
        }
        noteWaits(late);
        for (AppendBatch batch : late) {
            batch.finish(AppendStatus.FLUSH_TIMEOUT, "");
        }
        return next;
    }

    /** Syncs a last time and ends the thread. */
    void close() {
        closing = true;
        LockSupport.unpark(thread);
        LockSupport.unpark(watch);
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
