package org.merlinmq.broker.schedule;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The broker's one queue of deadlines and the {@code timer} thread that sleeps until the next of them: due delayed
 * messages, timeouts of parked pulls, expiry of channels, journalling of offsets.
 *
 * <p>Arming and disarming cost a few links under a short lock, so that every parked pull may have an entry. The
 * thread is woken only by a deadline that is earlier than the one it sleeps for.
 *
 * <p>Threading: any thread; tasks run on {@code timer} and must be short and must not block.
 * <p>Units: due times are wall-clock milliseconds, kept to the millisecond.
 * <p>Errors: a task that throws is a bug: the thread ends and the owner's {@code failed} is told.
 */
public final class Deadlines implements AutoCloseable {
    private static final long LONGEST_SLEEP_MILLIS = 60_000;

    private final LongSupplier nowMillis;
    private final Consumer<Throwable> failed;
    private final ReentrantLock lock = new ReentrantLock();
    private final Wheel wheel;
    private final List<Entry> due = new ArrayList<>();

    // Guarded by lock: what the thread sleeps for; Long.MIN_VALUE while it is awake and will look again anyway.
    private long sleepsUntil = Long.MIN_VALUE;
    private volatile boolean closed;
    private volatile @Nullable Thread thread;

    /** A task with a place in the queue; made once, armed and disarmed as often as its owner likes. */
    public static final class Entry {
        private final Runnable task;
        private final Wheel.Node node = new Wheel.Node(this);

        private Entry(Runnable task) {
            this.task = task;
        }
    }

    /**
     * A queue without a thread; {@link #start} gives it one.
     *
     * @param nowMillis the wall clock
     * @param failed told of a task that threw, on the timer thread, which ends then
     */
    public Deadlines(LongSupplier nowMillis, Consumer<Throwable> failed) {
        this.nowMillis = nowMillis;
        this.failed = failed;
        this.wheel = new Wheel(nowMillis.getAsLong());
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
     * @param task what to do when it is due
     * @return the entry
     */
    public Entry entry(Runnable task) {
        return new Entry(task);
    }

    /**
     * Sets an entry's time, whether or not it is armed.
     *
     * @param entry the entry
     * @param atMillis when its task is due; a time that has passed means at once
     */
    public void arm(Entry entry, long atMillis) {
        boolean earlier;
        lock.lock();
        try {
            wheel.remove(entry.node);
            wheel.add(entry.node, atMillis);
            earlier = atMillis < sleepsUntil;
        } finally {
            lock.unlock();
        }
        if (earlier) {
            LockSupport.unpark(thread);
        }
    }

    /**
     * Arms an entry unless it is armed for an earlier time.
     *
     * @param entry the entry
     * @param atMillis the latest time at which its task shall run
     */
    public void armNoLater(Entry entry, long atMillis) {
        boolean earlier;
        lock.lock();
        try {
            if (entry.node.slot >= 0 && entry.node.dueMillis <= atMillis) {
                return;
            }
            wheel.remove(entry.node);
            wheel.add(entry.node, atMillis);
            earlier = atMillis < sleepsUntil;
        } finally {
            lock.unlock();
        }
        if (earlier) {
            LockSupport.unpark(thread);
        }
    }

    /**
     * Takes an entry's time away.
     *
     * @param entry the entry
     * @return false if it was not armed: never was, or its task has run or is about to
     */
    public boolean disarm(Entry entry) {
        lock.lock();
        try {
            return wheel.remove(entry.node);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Arms a task of its own.
     *
     * @param atMillis when it is due
     * @param task what to do
     * @return its entry, for {@link #disarm}
     */
    public Entry schedule(long atMillis, Runnable task) {
        Entry entry = new Entry(task);
        arm(entry, atMillis);
        return entry;
    }

    /**
     * Runs what is due by now on the calling thread: the step that the timer thread repeats, and that a simulation
     * calls instead of starting one.
     */
    public void runDue() {
        List<Entry> ready;
        lock.lock();
        try {
            wheel.advance(nowMillis.getAsLong(), due);
            if (due.isEmpty()) {
                return;
            }
            ready = new ArrayList<>(due);
            due.clear();
        } finally {
            lock.unlock();
        }
        for (Entry entry : ready) {
            entry.task.run();
        }
    }

    /** Ends the timer thread and waits for the task it is in; what is armed is forgotten. */
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
        long now;
        long until;
        lock.lock();
        try {
            now = nowMillis.getAsLong();
            // The wall clock may be set while we sleep, so that no sleep is longer than this.
            until = Math.min(wheel.nextMillis(), now + LONGEST_SLEEP_MILLIS);
            if (until <= now) {
                return;
            }
            sleepsUntil = until;
        } finally {
            lock.unlock();
        }
        LockSupport.parkNanos(this, (until - now) * 1_000_000);
        lock.lock();
        try {
            sleepsUntil = Long.MIN_VALUE;
        } finally {
            lock.unlock();
        }
    }
}
