package org.merlinmq.broker.dispatch;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.merlinmq.testkit.SimClock;
import org.merlinmq.transport.Loop;

/** An event loop that runs when its test says so, on the test's own thread and clock. */
public final class SimLoop implements Loop {
    private record Later(long atMillis, Runnable task) {}

    private final SimClock clock;
    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private final List<Later> later = new ArrayList<>();
    private boolean inLoop;

    /**
     * A loop with nothing to do.
     *
     * @param clock its time
     */
    public SimLoop(SimClock clock) {
        this.clock = clock;
    }

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
    }

    @Override
    public void schedule(Runnable task, long delayMillis) {
        later.add(new Later(clock.millis() + delayMillis, task));
    }

    /** The test's thread is the loop only during {@link #asLoop}: what happens outside came from elsewhere. */
    @Override
    public boolean inLoop() {
        return inLoop;
    }

    /**
     * Does something as the loop's own thread would.
     *
     * @param what is done
     */
    public void asLoop(Runnable what) {
        inLoop = true;
        try {
            what.run();
        } finally {
            inLoop = false;
        }
    }

    @Override
    public int index() {
        return 0;
    }

    /**
     * Runs what is to be run now.
     *
     * @return how many tasks that were
     */
    public int run() {
        int count = 0;
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
            count++;
        }
        return count;
    }

    /**
     * Lets time pass, in which scheduled tasks run when they are due.
     *
     * @param time how much
     */
    public void advance(Duration time) {
        long end = clock.millis() + time.toMillis();
        while (true) {
            run();
            Later next = later.stream()
                    .filter(each -> each.atMillis <= end)
                    .min(Comparator.comparingLong(Later::atMillis))
                    .orElse(null);
            if (next == null) {
                break;
            }
            later.remove(next);
            clock.set(Math.max(clock.millis(), next.atMillis));
            next.task.run();
        }
        clock.set(end);
    }

    /**
     * Whether anything is left to be done later.
     *
     * @return true if a task is scheduled
     */
    public boolean hasLater() {
        return !later.isEmpty();
    }
}
