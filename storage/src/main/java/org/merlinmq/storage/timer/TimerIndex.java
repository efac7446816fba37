package org.merlinmq.storage.timer;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which delayed messages are due when.
 *
 * <p>A timer is named by the log offset of the delayed message's record. It is settled by a later record that names it
 * in its {@code preparedTransactionOffset}: the delivered copy, or a cancellation. Since both are records of the log,
 * a crash neither loses nor doubles a delivery.
 *
 * <p>Threading: {@code add} and {@code settle} under the append lock, in log order; {@code drainDue} on the timer
 * thread; all else on any thread.
 */
public final class TimerIndex {

    /** Takes timers. */
    @FunctionalInterface
    public interface Visitor {
        /**
         * One timer.
         *
         * @param dueMillis when it is due, in milliseconds since 1970
         * @param logOffset where the delayed message's record begins
         * @return whether to go on
         */
        boolean visit(long dueMillis, long logOffset);
    }

    private record Timer(long dueMillis, long logOffset) implements Comparable<Timer> {
        @Override
        public int compareTo(Timer other) {
            int byDue = Long.compare(dueMillis, other.dueMillis);
            return byDue != 0 ? byDue : Long.compare(logOffset, other.logOffset);
        }
    }

    private final TreeSet<Timer> pending = new TreeSet<>();
    private final Map<Long, Timer> byLogOffset = new HashMap<>();
    private @Nullable Runnable earlier;

    /** An empty index in memory. */
    public TimerIndex() {}

    /**
     * Says whom to wake when a timer comes that is due before {@link #nextDueMillis()}.
     *
     * @param wake called under the append lock: must be short
     */
    public synchronized void onEarlier(Runnable wake) {
        earlier = wake;
    }

    /**
     * Adds a timer.
     *
     * @param dueMillis when it is due, in milliseconds since 1970
     * @param logOffset where the delayed message's record begins
     */
    public synchronized void add(long dueMillis, long logOffset) {
        boolean first = dueMillis < nextDueMillis();
        Timer timer = new Timer(dueMillis, logOffset);
        pending.add(timer);
        byLogOffset.put(logOffset, timer);
        Runnable wake = earlier;
        if (first && wake != null) {
            wake.run();
        }
    }

    /**
     * Ends a timer: a record was published that names it, the delivered copy or a cancellation. Offsets that name no
     * timer (a transaction's half message) are ignored.
     *
     * @param logOffset the timer
     * @param byLogOffset where the record that ends it begins
     */
    public synchronized void settle(long logOffset, long byLogOffset) {
        Timer timer = this.byLogOffset.remove(logOffset);
        if (timer != null) {
            pending.remove(timer);
        }
    }

    /**
     * Hands out the timers that are due, in the order of their due times. A timer is handed out once; {@link #retry}
     * puts it back.
     *
     * @param nowMillis the time
     * @param sink takes each; may call {@link #retry}
     * @return how many were handed out
     */
    public synchronized int drainDue(long nowMillis, Visitor sink) {
        int drained = 0;
        while (!pending.isEmpty() && pending.first().dueMillis <= nowMillis) {
            Timer timer = pending.removeFirst();
            drained++;
            if (!sink.visit(timer.dueMillis, timer.logOffset)) {
                break;
            }
        }
        return drained;
    }

    /**
     * Puts back a timer that was handed out and could not be delivered.
     *
     * @param dueMillis as it was handed out
     * @param logOffset as it was handed out
     * @param atMillis when to hand it out again
     */
    public synchronized void retry(long dueMillis, long logOffset, long atMillis) {
        pending.add(new Timer(Math.max(dueMillis, atMillis), logOffset));
    }

    /**
     * When to call {@link #drainDue} next. May be a little early, for timers to be fetched from disk.
     *
     * @return milliseconds since 1970; {@link Long#MAX_VALUE} if there is no timer
     */
    public synchronized long nextDueMillis() {
        return pending.isEmpty() ? Long.MAX_VALUE : pending.first().dueMillis;
    }

    /**
     * How many timers are not settled. After a start, settled ones may be counted until their time has passed.
     *
     * @return timers
     */
    public synchronized long count() {
        return pending.size();
    }
}
