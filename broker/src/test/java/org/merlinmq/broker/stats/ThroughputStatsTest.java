package org.merlinmq.broker.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.merlinmq.broker.stats.ThroughputStats.Unit;

class ThroughputStatsTest {
    private static final long DAY = 86_400_000;
    private final AtomicLong now = new AtomicLong(20_000 * DAY + 1_000_000);
    private final AtomicLong sampleAt = new AtomicLong();
    private final ThroughputStats throughput = new ThroughputStats(now::get, sampleAt::set, ZoneOffset.UTC);
    private final Meter topic = throughput.counter();

    private void pass(long millis) {
        for (long end = now.get() + millis; now.get() < end; ) {
            now.set(Math.min(end, now.get() + 1000));
            if (sampleAt.get() != 0 && sampleAt.get() <= now.get()) {
                sampleAt.set(0);
                throughput.sample();
            }
        }
    }

    @Test
    void steadyTrafficShowsItsRateInEveryWindow() {
        for (int second = 0; second < 7200; second++) {
            topic.add(5, 500);
            pass(1000);
        }
        ThroughputStats.Rates rates = throughput.rates(topic, Unit.MESSAGES);
        assertThat(rates.minute().tps()).isCloseTo(5, within(1.0));
        assertThat(rates.minute().sum()).isBetween(300L, 350L);
        assertThat(rates.hour().sum()).isBetween(18_000L, 21_000L);
        assertThat(rates.day().sum()).isEqualTo(36_000);
        assertThat(throughput.rates(topic, Unit.BYTES).day().sum()).isEqualTo(3_600_000);
        assertThat(throughput.perSecond(topic, 10)).isCloseTo(5, within(1.0));
    }

    @Test
    void samplingStopsWhenNothingMovesAndRatesStillFallToZero() {
        topic.add(10, 10);
        pass(60_000);
        assertThat(sampleAt.get()).as("nobody asks for another sample").isZero();
        pass(120_000);
        assertThat(throughput.rates(topic, Unit.MESSAGES).minute().sum()).isZero();
        assertThat(throughput.rates(topic, Unit.MESSAGES).day().sum()).isEqualTo(10);
        topic.add(1, 1);
        assertThat(sampleAt.get()).isNotZero();
        assertThat(throughput.rates(topic, Unit.MESSAGES).minute().sum()).isEqualTo(1);
    }

    @Test
    void totalsThatAreKeptElsewhereAreSampledAlike() {
        AtomicLong messages = new AtomicLong();
        Counter sum = throughput.counter(messages::get, () -> messages.get() * 100);
        for (int second = 0; second < 120; second++) {
            messages.addAndGet(3);
            throughput.produced().add(3, 300);
            pass(1000);
        }
        assertThat(throughput.rates(sum, Unit.MESSAGES).day().sum()).isEqualTo(360);
        assertThat(throughput.rates(sum, Unit.BYTES).day().sum()).isEqualTo(36_000);
        assertThat(throughput.perSecond(sum, 10)).isCloseTo(3, within(0.6));
    }

    @Test
    void totalsAtMidnightAreKeptForTwoDays() {
        throughput.produced().add(100, 1);
        pass(DAY);
        throughput.produced().add(20, 1);
        assertThat(throughput.producedDayTotals()).isEqualTo(new ThroughputStats.DayTotals(100, 0));
        pass(DAY);
        assertThat(throughput.producedDayTotals()).isEqualTo(new ThroughputStats.DayTotals(120, 100));
        pass(5 * DAY);
        assertThat(throughput.producedDayTotals()).isEqualTo(new ThroughputStats.DayTotals(120, 120));
    }

    @Test
    void daysBeginAtTheMidnightsOfTheZoneAlsoWhenSummerTimeBegins() {
        now.set(Instant.parse("2026-03-28T22:30:00Z").toEpochMilli());
        ThroughputStats berlin = new ThroughputStats(now::get, sampleAt::set, ZoneId.of("Europe/Berlin"));
        berlin.produced().add(100, 1);
        berlin.sample();
        now.set(Instant.parse("2026-03-28T23:00:01Z").toEpochMilli());
        assertThat(berlin.producedDayTotals()).isEqualTo(new ThroughputStats.DayTotals(100, 0));
        berlin.produced().add(20, 1);
        berlin.sample();
        now.set(Instant.parse("2026-03-29T21:59:59Z").toEpochMilli());
        assertThat(berlin.producedDayTotals()).isEqualTo(new ThroughputStats.DayTotals(100, 0));
        now.set(Instant.parse("2026-03-29T22:00:01Z").toEpochMilli());
        assertThat(berlin.producedDayTotals())
                .as("23 hours after the last midnight")
                .isEqualTo(new ThroughputStats.DayTotals(120, 100));
    }
}
