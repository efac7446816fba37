package org.merlinmq.replication.core;

import java.util.PriorityQueue;

/** Time that passes only when something is to happen. */
final class SimTime {
    private record Event(long at, long number, Runnable what) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            int order = Long.compare(at, other.at);
            return order != 0 ? order : Long.compare(number, other.number);
        }
    }

    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private long now;
    private long number;

    long now() {
        return now;
    }

    void in(long millis, Runnable what) {
        at(now + millis, what);
    }

    void at(long millis, Runnable what) {
        events.add(new Event(Math.max(now, millis), number++, what));
    }

    /** Lets happen what is due until then, and not more than so many events; returns how many happened. */
    int runUntil(long millis, int most) {
        int happened = 0;
        for (Event next = events.peek(); next != null && next.at <= millis; next = events.peek()) {
            events.remove();
            now = next.at;
            next.what.run();
            if (++happened > most) {
                throw new AssertionError("more than " + most + " events until " + millis + " ms");
            }
        }
        now = millis;
        return happened;
    }
}
