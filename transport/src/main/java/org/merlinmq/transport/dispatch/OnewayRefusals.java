package org.merlinmq.transport.dispatch;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.code.ResponseCode;

/**
 * One-way requests that were refused. Their clients get no answer, so operators must be able to see them: all are
 * counted, and one every ten seconds is logged, with the number of those that were not logged before it.
 *
 * <p>Threading: any thread, without a lock.
 */
public final class OnewayRefusals {
    private static final long LOG_EVERY_NANOS = 10_000_000_000L;

    /** Filled by the constructor, and then only read. */
    private final Map<RequestCode, LongAdder> counts = new EnumMap<>(RequestCode.class);

    private final AtomicLong notLogged = new AtomicLong();
    private final AtomicLong nextLogNanos;
    private final LongSupplier nanoTime;
    private final Consumer<String> log;

    /**
     * None so far.
     *
     * @param nanoTime a clock that only goes forward
     * @param log takes the lines
     */
    public OnewayRefusals(LongSupplier nanoTime, Consumer<String> log) {
        this.nanoTime = nanoTime;
        this.log = log;
        for (RequestCode code : RequestCode.values()) {
            counts.put(code, new LongAdder());
        }
        this.nextLogNanos = new AtomicLong(nanoTime.getAsLong());
    }

    /**
     * How many requests of a kind were refused.
     *
     * @param code the kind
     * @return the count since the start
     */
    public long of(RequestCode code) {
        LongAdder count = counts.get(code);
        return count == null ? 0 : count.sum();
    }

    /**
     * Counts a refused request.
     *
     * @param code its request code; one that is unknown is logged only
     * @param peer where it came from, for the log
     * @param answer the response code that it would have been answered with
     * @param sentence the sentence of that answer
     */
    void add(int code, Object peer, ResponseCode answer, @Nullable String sentence) {
        RequestCode known = RequestCode.of(code);
        LongAdder count = known == null ? null : counts.get(known);
        if (count != null) {
            count.increment();
        }
        long now = nanoTime.getAsLong();
        long next = nextLogNanos.get();
        if (now - next < 0 || !nextLogNanos.compareAndSet(next, now + LOG_EVERY_NANOS)) {
            notLogged.incrementAndGet();
            return;
        }
        log.accept("oneway-request-refused code=" + code + " peer=" + peer + " answer=" + answer.number() + " cause=\""
                + sentence + "\" not-logged-before=" + notLogged.getAndSet(0));
    }
}
