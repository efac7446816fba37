package org.merlinmq.platform.thread;

import java.util.concurrent.locks.LockSupport;

/** One platform thread for each worker, and the system's clock. */
public final class PlatformThreads implements StoreThreads {
    /** A source of threads; as many as you like may exist. */
    public PlatformThreads() {}

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public Worker worker(String name, Task task) {
        return new ThreadWorker(name, task);
    }

    /**
     * Waits for a thread that was asked to end. An interrupt is kept for later: the thread still uses what its owner closes next.
     *
     * @param thread started, or not
     */
    public static void join(Thread thread) {
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

    private static final class ThreadWorker implements Worker {
        private final Task task;
        private final Thread thread;
        private volatile boolean closing;

        ThreadWorker(String name, Task task) {
            this.task = task;
            this.thread = Thread.ofPlatform().name(name).unstarted(this::run);
        }

        private void run() {
            try {
                while (!closing) {
                    long nanos = task.step();
                    if (nanos > 0 && !closing) {
                        LockSupport.parkNanos(this, nanos);
                    }
                }
            } catch (RuntimeException | Error bug) {
                task.failed(bug);
                throw bug;
            }
        }

        @Override
        public void start() {
            thread.start();
        }

        @Override
        public void wake() {
            LockSupport.unpark(thread);
        }

        @Override
        public void close() {
            closing = true;
            wake();
            join(thread);
        }
    }
}
