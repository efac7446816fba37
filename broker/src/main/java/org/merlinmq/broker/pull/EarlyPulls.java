package org.merlinmq.broker.pull;

import java.util.ArrayDeque;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * The pulls of one loop that came before the heartbeat of their subscription: each is held until that comes, a second at
 * most. Clients pull as soon as they know their queues; a refusal would cost them one to three seconds.
 *
 * <p>Threading: its loop only, except {@link #isEmpty}.
 *
 * <p>Units: milliseconds of the clock that the times were taken from.
 *
 * @param <C> the shell's kind of client
 */
final class EarlyPulls<C> {
    static final long HOLD_MILLIS = 1_000;
    static final int MAX_HELD = 1_000;

    /** A pull that waits for a heartbeat, and what it is answered if none comes. */
    record Held<C>(
            String group,
            PullRequest request,
            C client,
            long token,
            PullOutcome.Refused refused,
            long deadlineMillis) {}

    /** All are held equally long: the oldest stands in front. */
    private final ArrayDeque<Held<C>> held = new ArrayDeque<>();

    /** For the threads of heartbeats. */
    private volatile boolean empty = true;

    boolean isEmpty() {
        return empty;
    }

    boolean isFull() {
        return held.size() >= MAX_HELD;
    }

    void add(Held<C> pull) {
        held.add(pull);
        empty = false;
    }

    /** Takes out the one that was added last. */
    void removeLast() {
        held.removeLast();
        empty = held.isEmpty();
    }

    /** Takes out those of a group that {@code settled} has dealt with. */
    void heartbeat(String group, Predicate<Held<C>> settled) {
        held.removeIf(pull -> pull.group.equals(group) && settled.test(pull));
        empty = held.isEmpty();
    }

    /** Takes out each whose time is up and gives it to {@code due}. */
    void expire(long nowMillis, Consumer<Held<C>> due) {
        for (Held<C> pull = held.peek(); pull != null && pull.deadlineMillis <= nowMillis; pull = held.peek()) {
            held.remove();
            due.accept(pull);
        }
        empty = held.isEmpty();
    }
}
