package org.merlinmq.storage.log;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.merlinmq.storage.index.Wakeup;

/**
 * Who is to be woken when the log has grown to an offset: the checkpoints and each replica, so few that they are looked
 * through in turn.
 *
 * <p>Threading: guarded by the append lock.
 */
final class GrowthWaiters {
    private static final class Waiting extends Wakeup {
        final LogWaiter waiter;
        final long logOffset;

        Waiting(LogWaiter waiter, long logOffset) {
            this.waiter = waiter;
            this.logOffset = logOffset;
        }

        Waiting before(@Nullable Wakeup others) {
            next = others;
            return this;
        }

        @Override
        protected void wake() {
            waiter.wake();
        }
    }

    private final List<Waiting> waiting = new ArrayList<>();
    private long nearest = Long.MAX_VALUE;

    /** The log offset at which the first of them is woken: what each append compares with. */
    long nearest() {
        return nearest;
    }

    /** Notes one, in the place of what it asked before. */
    void put(LogWaiter waiter, long logOffset) {
        waiting.removeIf(each -> each.waiter.equals(waiter));
        waiting.add(new Waiting(waiter, logOffset));
        findNearest();
    }

    void remove(LogWaiter waiter) {
        waiting.removeIf(each -> each.waiter.equals(waiter));
        findNearest();
    }

    /** Takes out those who wait for an offset up to the log's end, before the others in a chain. */
    @Nullable Wakeup take(long end, @Nullable Wakeup others) {
        Wakeup chain = others;
        for (int i = waiting.size() - 1; i >= 0; i--) {
            if (waiting.get(i).logOffset <= end) {
                chain = waiting.remove(i).before(chain);
            }
        }
        findNearest();
        return chain;
    }

    private void findNearest() {
        nearest = Long.MAX_VALUE;
        for (Waiting each : waiting) {
            nearest = Math.min(nearest, each.logOffset);
        }
    }
}
