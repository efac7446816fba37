package org.merlinmq.broker.limit;

import java.util.concurrent.atomic.AtomicLong;

/**
 * One rate with a burst, as a point in time: until then all that may go has gone. Each unit moves the point on by what it
 * takes at the rate; while it lies in the past nobody waits. It never lies further back than the burst.
 *
 * <p>So a bucket is one number that all loops change with compare-and-set, and whoever has to wait knows at once for how
 * long. What is larger than the burst goes as well, once the point is reached, and those behind it wait for it.
 *
 * <p>Threading: any thread, without a lock.
 *
 * <p>Units: nanoseconds of a clock that does not go back.
 */
final class Bucket {
    /** What {@link #reserve} returns instead of a wait that would be too long. */
    static final long TOO_LONG = -1;

    private static final double NANOS = 1e9;

    private final AtomicLong paidUntil = new AtomicLong(Long.MIN_VALUE / 2);

    /** Units a second; 0 for no limit. */
    private volatile long perSecond;

    private volatile long burstNanos;

    void set(long unitsPerSecond, long burst) {
        burstNanos = burst;
        perSecond = unitsPerSecond;
    }

    boolean limits() {
        return perSecond > 0;
    }

    long perSecond() {
        return perSecond;
    }

    /** Takes units, to be used after the wait that is returned; takes none if that were longer than the longest. */
    long reserve(long nowNanos, long units, long longestNanos) {
        long rate = perSecond;
        if (rate == 0) {
            return 0;
        }
        long cost = (long) (units * NANOS / rate);
        while (true) {
            long known = paidUntil.get();
            long from = Math.max(known, nowNanos - burstNanos);
            long wait = Math.max(0, from - nowNanos);
            if (wait > longestNanos) {
                return TOO_LONG;
            }
            if (paidUntil.compareAndSet(known, from + cost)) {
                return wait;
            }
        }
    }

    /** Gives units back that were reserved. */
    void refund(long units) {
        long rate = perSecond;
        if (rate > 0) {
            paidUntil.addAndGet(-(long) (units * NANOS / rate));
        }
    }

    /** How many units may go now; {@link Long#MAX_VALUE} without a limit. */
    long available(long nowNanos) {
        long rate = perSecond;
        if (rate == 0) {
            return Long.MAX_VALUE;
        }
        long saved = nowNanos - Math.max(paidUntil.get(), nowNanos - burstNanos);
        // Multiplied first, which is exact: after waitFor there is as much as was waited for.
        return saved <= 0 ? 0 : (long) ((double) saved * rate / NANOS);
    }

    /** How long until so many units may go. */
    long waitFor(long nowNanos, long units) {
        long rate = perSecond;
        if (rate == 0) {
            return 0;
        }
        // What does not fit the burst never gathers.
        long gather = Math.min((long) Math.ceil(units * NANOS / rate), burstNanos);
        return Math.max(0, Math.max(paidUntil.get(), nowNanos - burstNanos) + gather - nowNanos);
    }
}
