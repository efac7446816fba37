package org.merlinmq.replication.core;

import java.util.ArrayList;
import java.util.List;

/** Time that passes only when something is to happen. */
final class SimTime {
    /** What is to happen in each millisecond, in the order in which that was decided. */
    private final List<List<Runnable>> events = new ArrayList<>();

    private long now;

    /** How much of what is to happen now has happened. */
    private int happenedNow;

    private int happened;

    long now() {
        return now;
    }

    /** How much has happened. */
    int happened() {
        return happened;
    }

    void in(long millis, Runnable what) {
        at(now + millis, what);
    }

    void at(long millis, Runnable what) {
        int at = (int) Math.max(now, millis);
        while (events.size() <= at) {
            events.add(List.of());
        }
        List<Runnable> then = events.get(at);
        if (then.isEmpty()) {
            then = new ArrayList<>(4);
            events.set(at, then);
        }
        then.add(what);
    }

    /** Lets happen what is due until then, and not more than so many events. */
    void runUntil(long millis, int most) {
        int allowed = happened + most;
        while (true) {
            List<Runnable> due = now < events.size() ? events.get((int) now) : List.of();
            while (happenedNow < due.size()) {
                due.get(happenedNow++).run();
                if (++happened > allowed) {
                    throw new AssertionError("more than " + most + " events until " + millis + " ms");
                }
            }
            if (now >= millis) {
                return;
            }
            if (now < events.size()) {
                events.set((int) now, List.of());
            }
            now++;
            happenedNow = 0;
        }
    }
}
