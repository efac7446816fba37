package org.merlinmq.broker.pull;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The parked pulls of one loop by when they are looked at again: a wheel of slots, so that parking and waking cost the same
 * however many wait. It is looked at only while something is parked.
 *
 * <p>Threading: its loop only.
 *
 * <p>Units: milliseconds of the clock that the times were taken from.
 *
 * @param <C> the shell's kind of client
 */
final class ParkedPulls<C> {
    /** How late an answer may come, at most. */
    static final int SLOT_MILLIS = 200;

    private static final int SLOTS = 512;

    private final PullCounters counters;
    private final List<@Nullable ParkedPull<C>> slots = new ArrayList<>(Collections.nCopies(SLOTS, null));
    private int count;
    private long sweptMillis;

    ParkedPulls(PullCounters counters) {
        this.counters = counters;
    }

    int count() {
        return count;
    }

    void add(ParkedPull<C> pull, long nowMillis) {
        if (count++ == 0) {
            sweptMillis = nowMillis;
        }
        int slot = slot(pull.lookMillis);
        ParkedPull<C> first = slots.get(slot);
        pull.after = first;
        if (first != null) {
            first.before = pull;
        }
        slots.set(slot, pull);
        pull.parked = true;
        counters.parked(1);
    }

    void remove(ParkedPull<C> pull) {
        if (!pull.parked) {
            return;
        }
        pull.parked = false;
        count--;
        counters.parked(-1);
        if (pull.before == null) {
            slots.set(slot(pull.lookMillis), pull.after);
        } else {
            pull.before.after = pull.after;
        }
        if (pull.after != null) {
            pull.after.before = pull.before;
        }
        pull.before = null;
        pull.after = null;
    }

    /** Gives each pull that is to be looked at to {@code due}, which removes it. */
    void sweep(long nowMillis, Consumer<ParkedPull<C>> due) {
        long from = sweptMillis / SLOT_MILLIS;
        long to = Math.min(nowMillis / SLOT_MILLIS, from + SLOTS - 1);
        for (long slot = from; slot <= to; slot++) {
            ParkedPull<C> pull = slots.get((int) (slot % SLOTS));
            while (pull != null) {
                ParkedPull<C> next = pull.after;
                if (pull.lookMillis <= nowMillis) {
                    due.accept(pull);
                }
                pull = next;
            }
        }
        sweptMillis = nowMillis;
    }

    /** Gives each pull to {@code each}, which may remove it. */
    void forEach(Consumer<ParkedPull<C>> each) {
        for (ParkedPull<C> first : slots) {
            for (ParkedPull<C> pull = first, next; pull != null; pull = next) {
                next = pull.after;
                each.accept(pull);
            }
        }
    }

    private static int slot(long lookMillis) {
        return (int) (lookMillis / SLOT_MILLIS % SLOTS);
    }
}
