package org.merlinmq.broker.pull;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.merlinmq.broker.stats.ThroughputStats;
import org.merlinmq.testkit.Seeds;
import org.merlinmq.testkit.SimClock;

/** When the time of parked pulls is up. */
class ParkedPullsTest {
    @TempDir
    Path folder;

    private final SimClock clock = new SimClock();
    private final PullCounters counters =
            new PullCounters(new ThroughputStats(clock::millis, at -> {}, ZoneOffset.UTC));
    private final ParkedPulls<String> parked = new ParkedPulls<>(counters);
    private Pulling pulling;

    @BeforeEach
    void open() {
        pulling = new Pulling(folder);
    }

    @AfterEach
    void close() {
        pulling.close();
    }

    private ParkedPull<String> pull(String client, long deadline) {
        return new ParkedPull<>(pulling.core(), client, 0, pulling.target(), 0, deadline);
    }

    private List<String> sweep(long now) {
        List<String> due = new ArrayList<>();
        parked.sweep(now, pull -> {
            parked.remove(pull);
            due.add(pull.client);
        });
        return due;
    }

    @Test
    void aPullIsDueFromItsDeadlineOn() {
        parked.add(pull("a", 10_000), 5_000);
        assertThat(sweep(9_999)).isEmpty();
        assertThat(sweep(10_000)).containsExactly("a");
        assertThat(parked.count()).isZero();
        assertThat(counters.parked()).isZero();
    }

    @Test
    void oneThatWasTakenOutIsNotDue() {
        ParkedPull<String> first = pull("a", 10_000);
        ParkedPull<String> second = pull("b", 10_001);
        ParkedPull<String> third = pull("c", 10_002);
        parked.add(first, 5_000);
        parked.add(second, 5_000);
        parked.add(third, 5_000);
        parked.remove(second);
        parked.remove(second);
        assertThat(parked.count()).isEqualTo(2);
        assertThat(sweep(11_000)).containsExactlyInAnyOrder("a", "c");
    }

    @Test
    void deadlinesAWheelsTurnApartShareASlotAndNotAFate() {
        parked.add(pull("soon", 1_000), 900);
        parked.add(pull("late", 1_000 + 512L * ParkedPulls.SLOT_MILLIS), 900);
        assertThat(sweep(1_000)).containsExactly("soon");
        assertThat(sweep(2_000)).isEmpty();
        assertThat(parked.count()).isEqualTo(1);
    }

    @Test
    void eachOfManyIsDueOnceAndNoLaterThanTheFirstSweepAfterItsDeadline() {
        Seeds.forEach(20, this::eachOfMany);
    }

    private void eachOfMany(RandomGenerator random) {
        int count = 500;
        for (int i = 0; i < count; i++) {
            long deadline = 1_000L + random.nextInt(100_000);
            parked.add(pull(Long.toString(deadline), deadline), 1_000);
        }
        int seen = 0;
        for (long now = 1_000; now <= 101_200; now += ParkedPulls.SLOT_MILLIS) {
            for (String deadline : sweep(now)) {
                assertThat(now - Long.parseLong(deadline)).isBetween(0L, (long) ParkedPulls.SLOT_MILLIS - 1);
                seen++;
            }
        }
        assertThat(seen).isEqualTo(count);
    }
}
