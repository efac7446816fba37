package org.merlinmq.broker.stats;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * All counters and what they were: rates of the last minute, hour and day.
 *
 * <p>Counters are sampled every 10 s while messages flow. Once a look finds that nothing changed the sampling stops,
 * until a counter wakes it.
 *
 * <p>Threading: any thread; samples are taken on the timer thread.
 */
public final class ThroughputStats {
    private static final long SAMPLE_MILLIS = 10_000;
    private static final int MINUTE = 0;
    private static final int HOUR = 1;
    private static final int DAY = 2;

    /**
     * A counter over a window of time.
     *
     * @param sum how much went through
     * @param tps sum per second
     * @param average always 1: what RocketMQ calls times is counted per message
     */
    public record Rate(long sum, double tps, double average) {}

    /** What is asked of a counter. */
    public enum Unit {
        /** How many. */
        MESSAGES,
        /** How large. */
        BYTES
    }

    /**
     * The windows that administrators see.
     *
     * @param minute the last minute
     * @param hour the last hour
     * @param day the last day
     */
    public record Rates(Rate minute, Rate hour, Rate day) {}

    private final LongSupplier nowMillis;
    private final LongConsumer sampleAt;
    private final ZoneId zone;
    private final Set<Counter> counters = ConcurrentHashMap.newKeySet();
    private final Samples[] windows = {
        new Samples(7, SAMPLE_MILLIS), new Samples(7, 600_000), new Samples(25, 3_600_000)
    };
    private final AtomicBoolean sampling = new AtomicBoolean();
    private final Meter produced;
    private final Meter consumed;
    private LocalDate today;
    private DayTotals producedDayTotals = new DayTotals(0, 0);
    private DayTotals consumedDayTotals = new DayTotals(0, 0);

    /**
     * A total at the last two midnights.
     *
     * @param today at 00:00 of this day
     * @param yesterday at 00:00 of the day before
     */
    public record DayTotals(long today, long yesterday) {}

    /**
     * No traffic yet.
     *
     * @param nowMillis the wall clock
     * @param sampleAt asks for a call of {@link #sample} on the timer thread at the given time
     * @param zone where days begin
     */
    public ThroughputStats(LongSupplier nowMillis, LongConsumer sampleAt, ZoneId zone) {
        this.nowMillis = nowMillis;
        this.sampleAt = sampleAt;
        this.zone = zone;
        this.today = dayOf(nowMillis.getAsLong());
        this.produced = counter();
        this.consumed = counter();
        takeSample(nowMillis.getAsLong());
    }

    /**
     * A new counter to add to, sampled from now on.
     *
     * @return the counter
     */
    public Meter counter() {
        Meter counter = new Meter(this);
        counters.add(counter);
        return counter;
    }

    /**
     * A counter of totals that are kept elsewhere, sampled from now on, while anything is added to other counters.
     *
     * @param messages the total since start
     * @param bytes the total since start
     * @return the counter
     */
    public Counter counter(LongSupplier messages, LongSupplier bytes) {
        Counter counter = new TotalMeter(messages, bytes);
        counters.add(counter);
        return counter;
    }

    /**
     * Forgets a counter, as of a deleted topic.
     *
     * @param counter the counter
     */
    public void forget(Counter counter) {
        counters.remove(counter);
    }

    /** What producers sent to all topics; each accepted send adds to it. */
    public Meter produced() {
        return produced;
    }

    /** What consumers pulled from all topics; each answered pull adds to it. */
    public Meter consumed() {
        return consumed;
    }

    /** A counter moved: samples are needed again. */
    void wake() {
        if (!sampling.get() && sampling.compareAndSet(false, true)) {
            sampleAt.accept(nowMillis.getAsLong() + SAMPLE_MILLIS);
        }
    }

    /** Samples all counters and, if any of them moved, asks for the next sample. */
    public synchronized void sample() {
        long now = nowMillis.getAsLong();
        boolean moved = takeSample(now);
        if (moved) {
            sampleAt.accept(now + SAMPLE_MILLIS);
        } else {
            sampling.set(false);
        }
    }

    private boolean takeSample(long now) {
        turnDay(now);
        int[] places = new int[windows.length];
        for (int w = 0; w < windows.length; w++) {
            places[w] = windows[w].isDue(now) ? windows[w].take(now) : -1;
        }
        boolean moved = false;
        for (Counter counter : counters) {
            moved |= counter.sample(windows, places);
        }
        return moved;
    }

    /** Totals at midnight are those of the last sample before it: at most 10 s of messages early. */
    private void turnDay(long now) {
        LocalDate day = dayOf(now);
        if (day.equals(today)) {
            return;
        }
        boolean dayAfter = day.equals(today.plusDays(1));
        producedDayTotals = turned(producedDayTotals, produced.sampled(), dayAfter);
        consumedDayTotals = turned(consumedDayTotals, consumed.sampled(), dayAfter);
        today = day;
    }

    private static DayTotals turned(DayTotals before, long total, boolean dayAfter) {
        return new DayTotals(total, dayAfter ? before.today() : total);
    }

    private LocalDate dayOf(long millis) {
        return Instant.ofEpochMilli(millis).atZone(zone).toLocalDate();
    }

    /**
     * The messages sent, at the last midnights.
     *
     * @return totals
     */
    public synchronized DayTotals producedDayTotals() {
        turnDay(nowMillis.getAsLong());
        return producedDayTotals;
    }

    /**
     * The messages got, at the last midnights.
     *
     * @return totals
     */
    public synchronized DayTotals consumedDayTotals() {
        turnDay(nowMillis.getAsLong());
        return consumedDayTotals;
    }

    /**
     * A counter's rates.
     *
     * @param counter the counter
     * @param unit messages or bytes
     * @return minute, hour and day
     */
    public synchronized Rates rates(Counter counter, Unit unit) {
        return new Rates(
                rate(counter, unit, MINUTE, windows[MINUTE].windowMillis()),
                rate(counter, unit, HOUR, windows[HOUR].windowMillis()),
                rate(counter, unit, DAY, windows[DAY].windowMillis()));
    }

    /**
     * Messages per second of late.
     *
     * @param counter the counter
     * @param seconds how far to look back; up to a minute in steps of 10 s, then in steps of 10 minutes
     * @return the mean rate over that time, or over the time since start if that is shorter
     */
    public synchronized double perSecond(Counter counter, int seconds) {
        return rate(counter, Unit.MESSAGES, seconds <= 60 ? MINUTE : HOUR, seconds * 1000L)
                .tps();
    }

    private Rate rate(Counter counter, Unit unit, int window, long backMillis) {
        long now = nowMillis.getAsLong();
        Samples samples = windows[window];
        int place = samples.at(now - backMillis);
        long total = unit == Unit.MESSAGES ? counter.messages() : counter.bytes();
        long then = unit == Unit.MESSAGES ? counter.messagesAt(window, place) : counter.bytesAt(window, place);
        long sinceMillis = place < 0 ? backMillis : Math.min(backMillis, now - samples.takenMillis(place));
        long sum = total - then;
        return new Rate(sum, sinceMillis <= 0 ? 0 : sum * 1000.0 / sinceMillis, sum == 0 ? 0 : 1);
    }
}
