package org.merlinmq.broker.pull;

import java.util.PriorityQueue;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.merlinmq.broker.limit.DeliveryLimit;
import org.merlinmq.transport.Loop;

/**
 * The pulls of one loop for which there are messages that their topic or group may not have yet: each is looked at again as
 * soon as it may, or at its deadline.
 *
 * <p>Threading: its loop only.
 *
 * <p>Units: nanoseconds of the clock that limits are timed by.
 *
 * @param <C> the shell's kind of client
 */
final class HeldPulls<C> {
    private static final long NANOS_PER_MILLI = 1_000_000;

    private record Held<C>(long turnNanos, long number, ParkedPull<C> pull, DeliveryLimit limit)
            implements Comparable<Held<C>> {
        @Override
        public int compareTo(Held<C> other) {
            int order = Long.compare(turnNanos, other.turnNanos);
            return order != 0 ? order : Long.compare(number, other.number);
        }
    }

    private final Loop loop;
    private final LongSupplier nanoTime;
    private final Consumer<ParkedPull<C>> turn;
    private final PriorityQueue<Held<C>> held = new PriorityQueue<>();
    private long lastNumber;
    private long armedNanos = Long.MAX_VALUE;

    HeldPulls(Loop loop, LongSupplier nanoTime, Consumer<ParkedPull<C>> turn) {
        this.loop = loop;
        this.nanoTime = nanoTime;
        this.turn = turn;
    }

    int count() {
        return held.size();
    }

    long nanoTime() {
        return nanoTime.getAsLong();
    }

    void add(ParkedPull<C> pull, DeliveryLimit limit, long waitNanos) {
        limit.waits();
        held.add(new Held<>(nanoTime() + waitNanos, ++lastNumber, pull, limit));
        arm();
    }

    private void arm() {
        Held<C> next = held.peek();
        if (next != null && next.turnNanos() < armedNanos) {
            armedNanos = next.turnNanos();
            long wait = Math.max(0, armedNanos - nanoTime());
            loop.schedule(this::look, (wait + NANOS_PER_MILLI - 1) / NANOS_PER_MILLI);
        }
    }

    /** Takes out all and gives them to {@code each}. */
    void removeAll(Consumer<ParkedPull<C>> each) {
        for (Held<C> next = held.poll(); next != null; next = held.poll()) {
            next.limit().waitEnded();
            each.accept(next.pull());
        }
    }

    /** Those that wait again do so behind the ones that are looked at now: none is passed over for ever. */
    private void look() {
        armedNanos = Long.MAX_VALUE;
        long now = nanoTime();
        for (int left = held.size(); left > 0; left--) {
            Held<C> next = held.peek();
            if (next == null || next.turnNanos() > now) {
                break;
            }
            held.poll();
            next.limit().waitEnded();
            turn.accept(next.pull());
        }
        arm();
    }
}
