package org.merlinmq.broker.limit;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * How many messages and how many bytes a second may go one way, such as into a topic: at most so many on average, and at
 * once as many as were saved up, which is what the rate gives in the time of the burst.
 *
 * <p>The object stays when the rates change; what waits already waits as long as it was told.
 *
 * <p>Threading: any thread, without a lock.
 *
 * <p>Units: times in nanoseconds of the clock that callers take {@code nowNanos} from; bytes are those of bodies and
 * properties.
 */
public final class RateLimit {
    /** What {@link #reserve} returns if the wait would be longer than allowed. */
    public static final long TOO_LONG = Bucket.TOO_LONG;

    /** Pulls that are held back are answered about so often a second, rather than for each message. */
    private static final long ANSWERS_PER_SECOND = 50;

    private final Kind kind;
    private final String name;
    private final Bucket messages = new Bucket();
    private final Bucket bytes = new Bucket();
    private final LongAdder waited = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final AtomicInteger waiting = new AtomicInteger();
    private volatile Rates rates = Rates.NONE;

    /** What a limit may be of. */
    public enum Kind {
        /** A topic. */
        TOPIC,
        /** A group of producers or consumers. */
        GROUP;

        /** As a word of a sentence. */
        public String word() {
            return this == TOPIC ? "topic" : "group";
        }
    }

    /**
     * Rates and their burst.
     *
     * @param messages a second; 0 for no limit
     * @param bytes a second; 0 for no limit
     * @param burst what was not used may be saved up for so long
     */
    public record Rates(long messages, long bytes, Duration burst) {
        /** No limit. */
        public static final Rates NONE = new Rates(0, 0, Duration.ZERO);

        /** Whether nothing is limited. */
        public boolean none() {
            return messages == 0 && bytes == 0;
        }

        @Override
        public String toString() {
            return (messages == 0 ? "" : messages + " messages")
                    + (messages == 0 || bytes == 0 ? "" : " and ")
                    + (bytes == 0 ? "" : bytes + " bytes")
                    + " a second";
        }
    }

    /**
     * A limit without rates.
     *
     * @param kind what it limits
     * @param name the topic or group
     */
    public RateLimit(Kind kind, String name) {
        this.kind = kind;
        this.name = name;
    }

    /**
     * Changes the rates.
     *
     * @param next what holds from now on
     */
    public void set(Rates next) {
        messages.set(next.messages(), next.burst().toNanos());
        bytes.set(next.bytes(), next.burst().toNanos());
        rates = next;
    }

    /** Whether it limits a topic or a group. */
    public Kind kind() {
        return kind;
    }

    /** The topic or group. */
    public String name() {
        return name;
    }

    /** The rates that hold now. */
    public Rates rates() {
        return rates;
    }

    /**
     * Takes messages, which may go after the wait that is returned.
     *
     * @param nowNanos the time
     * @param messageCount how many
     * @param byteCount their bytes
     * @param longestNanos how long they may wait
     * @return the wait; {@link #TOO_LONG} if they cannot go in that time: then nothing is taken
     */
    public long reserve(long nowNanos, long messageCount, long byteCount, long longestNanos) {
        long first = messages.reserve(nowNanos, messageCount, longestNanos);
        if (first == TOO_LONG) {
            return TOO_LONG;
        }
        long second = bytes.reserve(nowNanos, byteCount, longestNanos);
        if (second == TOO_LONG) {
            messages.refund(messageCount);
            return TOO_LONG;
        }
        return Math.max(first, second);
    }

    /**
     * Gives back what was reserved and does not go.
     *
     * @param messageCount how many messages
     * @param byteCount their bytes
     */
    public void refund(long messageCount, long byteCount) {
        messages.refund(messageCount);
        bytes.refund(byteCount);
    }

    /**
     * Takes messages that have gone, however much was there: those that come next wait for it.
     *
     * @param nowNanos the time
     * @param messageCount how many
     * @param byteCount their bytes
     */
    public void take(long nowNanos, long messageCount, long byteCount) {
        messages.reserve(nowNanos, messageCount, Long.MAX_VALUE);
        bytes.reserve(nowNanos, byteCount, Long.MAX_VALUE);
    }

    /**
     * How many messages an answer may have for which {@link #waitNanos} is 0.
     *
     * @param nowNanos the time
     * @param most how many it would have without the limit
     * @return 1 or more
     */
    public int messagesNow(long nowNanos, int most) {
        return (int) Math.max(1, Math.min(most, messages.available(nowNanos)));
    }

    /**
     * How many bytes an answer may have; its first message is in it whatever its size.
     *
     * @param nowNanos the time
     * @param most how many it would have without the limit
     * @return bytes, 0 or more
     */
    public int bytesNow(long nowNanos, int most) {
        return (int) Math.min(most, bytes.available(nowNanos));
    }

    /**
     * How long an answer has to wait until a useful number of messages may go.
     *
     * @param nowNanos the time
     * @param most how many messages it would have without the limit
     * @return nanoseconds; 0 if it may go now
     */
    public long waitNanos(long nowNanos, int most) {
        long useful =
                messages.limits() ? Math.clamp(Math.ceilDiv(messages.perSecond(), ANSWERS_PER_SECOND), 1, most) : 1;
        long usefulBytes = bytes.limits() ? Math.ceilDiv(bytes.perSecond(), ANSWERS_PER_SECOND) : 1;
        return Math.max(messages.waitFor(nowNanos, useful), bytes.waitFor(nowNanos, usefulBytes));
    }

    /** Counts something that begins to wait. */
    public void waits() {
        waited.increment();
        waiting.incrementAndGet();
    }

    /** Counts something that waits no more. */
    public void waitEnded() {
        waiting.decrementAndGet();
    }

    /** Counts something that was refused: it could not have gone in time. */
    public void refuses() {
        refused.increment();
    }

    /** How much has waited since the start: sends, or pulls. */
    public long waited() {
        return waited.sum();
    }

    /** How much was refused since the start. */
    public long refused() {
        return refused.sum();
    }

    /** How much waits now. */
    public int waiting() {
        return waiting.get();
    }
}
