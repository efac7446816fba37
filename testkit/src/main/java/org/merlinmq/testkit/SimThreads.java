package org.merlinmq.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.merlinmq.platform.thread.StoreThreads;

/**
 * Lets the caller's thread do the work of all workers, in an order that a seed decides, by a clock that stands still until
 * it is moved.
 *
 * <p>Threading: one thread.
 */
public final class SimThreads implements StoreThreads {
    private static final int MAX_STEPS = 100_000;

    private final RandomGenerator random;
    private final List<SimWorker> workers = new ArrayList<>();
    private long now = 1_000_000_000L;

    /**
     * No workers yet.
     *
     * @param random decides which of several workers goes first
     */
    public SimThreads(RandomGenerator random) {
        this.random = random;
    }

    @Override
    public long nanoTime() {
        return now;
    }

    @Override
    public Worker worker(String name, Task task) {
        SimWorker worker = new SimWorker(name, task);
        workers.add(worker);
        return worker;
    }

    /** Lets workers that are due or woken do at most so many steps. */
    public void run(int steps) {
        for (int i = 0; i < steps; i++) {
            List<SimWorker> ready = workers.stream().filter(SimWorker::isReady).toList();
            if (ready.isEmpty()) {
                return;
            }
            ready.get(random.nextInt(ready.size())).step();
        }
        if (steps == MAX_STEPS) {
            throw new AssertionError("the store's workers do not come to rest");
        }
    }

    /** Lets workers do all that is due or woken. */
    public void run() {
        run(MAX_STEPS);
    }

    /**
     * Moves the time, and lets workers do what becomes due on the way.
     *
     * @param by how far
     */
    public void advance(Duration by) {
        long end = now + by.toNanos();
        run();
        for (long next = nextDue(); next <= end; next = nextDue()) {
            now = Math.max(now, next);
            run();
        }
        now = end;
        run();
    }

    private long nextDue() {
        return workers.stream()
                .filter(worker -> worker.running)
                .mapToLong(worker -> worker.due)
                .min()
                .orElse(Long.MAX_VALUE);
    }

    private final class SimWorker implements Worker {
        private final String name;
        private final Task task;
        private boolean running;
        private boolean woken;
        private long due;

        SimWorker(String name, Task task) {
            this.name = name;
            this.task = task;
        }

        boolean isReady() {
            return running && (woken || due <= now);
        }

        void step() {
            woken = false;
            try {
                long nanos = task.step();
                due = nanos > Long.MAX_VALUE - now ? Long.MAX_VALUE : now + nanos;
            } catch (RuntimeException | Error bug) {
                running = false;
                task.failed(bug);
                throw new AssertionError(name + " ended by a bug", bug);
            }
        }

        @Override
        public void start() {
            running = true;
            due = now;
        }

        @Override
        public void wake() {
            woken = true;
        }

        @Override
        public void close() {
            running = false;
        }
    }
}
