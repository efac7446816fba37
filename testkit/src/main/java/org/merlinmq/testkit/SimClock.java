package org.merlinmq.testkit;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A clock that stands still until it is moved.
 *
 * <p>Threading: any thread.
 */
public final class SimClock extends Clock {
    private final AtomicLong millis;
    private final ZoneId zone;

    /** Starts at noon of 1 January 2026, UTC. */
    public SimClock() {
        this(1_767_268_800_000L);
    }

    /**
     * Starts at a time, in UTC.
     *
     * @param millis since 1970
     */
    public SimClock(long millis) {
        this(new AtomicLong(millis), ZoneOffset.UTC);
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
