package org.merlinmq.broker.schedule;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The broker's one queue of deadlines and the {@code timer} thread that sleeps until the next of them: due delayed
 * messages, expiry of clients, journalling of offsets.
 *
 * <p>The thread is woken only by a deadline that is earlier than the one it sleeps for.
 *
 * <p>Threading: any thread; tasks run on {@code timer}, so they must be short and must not block.
 * <p>Units: due times are wall-clock milliseconds, kept to the millisecond. If the clock is set, they are due by the new
 * time.
 * <p>Errors: a task that throws is a bug: it ends the thread and is passed to the owner's {@code failed}.
 */
public final class Deadlines implements AutoCloseable {
    /** The wall clock may be set while the thread sleeps, so it never sleeps longer. */
    private static final long MAX_SLEEP_MILLIS = 60_000;

    private static final Comparator<Entry> BY_TIME =
            Comparator.<Entry>comparingLong(entry -> entry.dueMillis).thenComparingLong(entry -> entry.number);

    private final LongSupplier nowMillis;
    private final Consumer<Throwable> failed;
    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by lock.
    private final TreeSet<Entry> armed = new TreeSet<>(BY_TIME);
    private long lastNumber;
    /** The end of the thread's sleep; Long.MIN_VALUE while it is awake and will look at the queue anyway. */
    private long sleepsUntil = Long.MIN_VALUE;

    private volatile boolean closed;
    private volatile @Nullable Thread thread;

    /** A task with a place in the queue; made once, armed and disarmed any number of times. */
    public static final class Entry {
        private final Runnable task;
        private boolean isArmed;
        private long dueMillis;
        private long number;

        private Entry(Runnable task) {
            this.task = task;
        }
    }

    /**
     * A queue whose thread is not started.
     *
     * @param nowMillis the wall clock
     * @param failed gets what a task threw, on the timer thread, which then ends
     */
    public Deadlines(LongSupplier nowMillis, Consumer<Throwable> failed) {
        this.nowMillis = nowMillis;
        this.failed = failed;
    }

    /**
     * Starts the {@code timer} thread.
     *
     * @return this
     */
    public Deadlines start() {
        thread = Thread.ofPlatform().daemon().name("timer").start(this::run);
        return this;
    }

    /**
     * A new entry, not armed.
     *
     * @param task runs when the entry is due
     * @return the entry
     */
    public Entry entry(Runnable task) {
        return new Entry(task);
    }

    /**
     * Sets an entry's time, whether or not it is armed.
     *
     * @param entry the entry
     * @param atMillis when its task is due; a time in the past means at once
     */
    public void arm(Entry entry, long atMillis) {
        arm(entry, atMillis, false);
    }

    /**
     * Arms an entry unless it is armed for an earlier time.
     *
     * @param entry the entry
     * @param atMillis the latest time at which its task is to run
     */
    public void armNoLater(Entry entry, long atMillis) {
        arm(entry, atMillis, true);
    }

    private void arm(Entry entry, long atMillis, boolean keepEarlier) {
        boolean wake;
        lock.lock();
        try {
            if (keepEarlier && entry.isArmed && entry.dueMillis <= atMillis) {
                return;
            }
            remove(entry);
            entry.dueMillis = atMillis;
            entry.number = ++lastNumber;
            entry.isArmed = armed.add(entry);
            wake = atMillis < sleepsUntil;
        } finally {
            lock.unlock();
        }
        if (wake) {
            LockSupport.unpark(thread);
        }
    }

    private boolean remove(Entry entry) {
        boolean wasArmed = entry.isArmed;
        if (wasArmed) {
            armed.remove(entry);
            entry.isArmed = false;
        }
        return wasArmed;
    }

    /**
     * Disarms an entry.
     *
     * @param entry the entry
     * @return false if it was not armed: never was, or its task has run or is about to
     */
    public boolean disarm(Entry entry) {
        lock.lock();
        try {
            return remove(entry);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Arms a new entry.
     *
     * @param atMillis when it is due
     * @param task runs then
     * @return the entry, for {@link #disarm}
     */
    public Entry schedule(long atMillis, Runnable task) {
        Entry entry = new Entry(task);
        arm(entry, atMillis);
        return entry;
    }

    /**
     * Runs the tasks that are due on the calling thread, in the order of their times. The timer thread repeats this step;
     * a simulation calls it without a thread.
     */
    public void runDue() {
        List<Entry> due = new ArrayList<>();
        lock.lock();
        try {
            long now = nowMillis.getAsLong();
            while (!armed.isEmpty() && armed.first().dueMillis <= now) {
                Entry entry = armed.first();
                remove(entry);
                due.add(entry);
            }
        } finally {
            lock.unlock();
        }
        for (Entry entry : due) {
            entry.task.run();
        }
    }

    /** Ends the timer thread and waits for the task that runs; drops all entries. */
    @Override
    public void close() {
        closed = true;
        Thread running = thread;
        if (running == null || running == Thread.currentThread()) {
            return;
        }
        LockSupport.unpark(running);
        boolean interrupted = false;
        while (running.isAlive()) {
            try {
                running.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            while (!closed) {
                runDue();
                sleep();
            }
        } catch (Throwable bug) {
            failed.accept(bug);
        }
    }

    private void sleep() {
        long sleepMillis;
        lock.lock();
        try {
            long now = nowMillis.getAsLong();
            long next = armed.isEmpty() ? Long.MAX_VALUE : armed.first().dueMillis;
            sleepsUntil = Math.min(next, now + MAX_SLEEP_MILLIS);
            sleepMillis = sleepsUntil - now;
        } finally {
            lock.unlock();
        }
        if (sleepMillis > 0 && !closed) {
            LockSupport.parkNanos(this, sleepMillis * 1_000_000);
        }
        lock.lock();
        try {
            sleepsUntil = Long.MIN_VALUE;
        } finally {
            lock.unlock();
        }
    }
}
