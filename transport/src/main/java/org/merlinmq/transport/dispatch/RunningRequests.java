package org.merlinmq.transport.dispatch;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The requests that are worked on off the event loops: all but the hot ones and what is answered at once.
 *
 * <p>Threading: any thread.
 */
public final class RunningRequests {
    private final Map<Thread, Long> sinceNanos = new ConcurrentHashMap<>();

    RunningRequests() {}

    void begin(long nanos) {
        sinceNanos.put(Thread.currentThread(), nanos);
    }

    void end() {
        sinceNanos.remove(Thread.currentThread());
    }

    /** How many there are, without the one that asks. */
    public int count() {
        return sinceNanos.size() - (sinceNanos.containsKey(Thread.currentThread()) ? 1 : 0);
    }

    /**
     * How long the oldest of them has been with the broker.
     *
     * @return nanoseconds, without the one that asks; 0 if there is none
     */
    public long oldestNanos() {
        long now = System.nanoTime();
        return sinceNanos.entrySet().stream()
                .filter(each -> each.getKey() != Thread.currentThread())
                .mapToLong(each -> now - each.getValue())
                .max()
                .orElse(0);
    }
}
