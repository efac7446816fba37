package org.merlinmq.testkit;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A clock that stands still until it is moved.
 *
 * <p>Tests own their time: what they test gets this clock, or {@link #ticking} where it waits on threads of its own, and
 * never the system's. So the whole suite can be run at any moment and in any zone, by {@link #START_PROPERTY}.
 *
 * <p>Threading: any thread.
 */
public final class SimClock extends Clock {
    /** System property: where the clocks of a run start, like {@code 2028-02-29T04:30:00+01:00[Europe/Berlin]}. */
    public static final String START_PROPERTY = "merlin.clock";

    private static final ZonedDateTime START =
            ZonedDateTime.parse(System.getProperty(START_PROPERTY, "2026-01-01T12:00:00Z[UTC]"));

    private final AtomicLong millis;
    private final ZoneId zone;

    /** Starts at noon of 1 January 2026, UTC, or where {@link #START_PROPERTY} says, in that zone. */
    public SimClock() {
        this(new AtomicLong(START.toInstant().toEpochMilli()), START.getZone());
    }

    /**
     * Starts at a time, in UTC.
     *
     * @param millis since 1970
     */
    public SimClock(long millis) {
        this(new AtomicLong(millis), ZoneOffset.UTC);
    }

    /**
     * A clock that starts where all do and then runs on, for code whose threads wait for real.
     *
     * @return a clock of its own
     */
    public static Clock ticking() {
        Clock system = Clock.system(START.getZone());
        return Clock.offset(system, Duration.between(system.instant(), START.toInstant()));
    }

    private SimClock(AtomicLong millis, ZoneId zone) {
        this.millis = millis;
        this.zone = zone;
    }

    /**
     * Sets the time, forwards or backwards.
     *
     * @param now milliseconds since 1970
     */
    public void set(long now) {
        millis.set(now);
    }

    /**
     * Moves the time.
     *
     * @param by how far
     */
    public void advance(Duration by) {
        millis.addAndGet(by.toMillis());
    }

    @Override
    public long millis() {
        return millis.get();
    }

    @Override
    public Instant instant() {
        return Instant.ofEpochMilli(millis());
    }

    @Override
    public ZoneId getZone() {
        return zone;
    }

    @Override
    public Clock withZone(ZoneId other) {
        return new SimClock(millis, other);
    }
}
