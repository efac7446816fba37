package org.merlinmq.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.merlinmq.storage.log.AppendStatus;
import org.merlinmq.testkit.Seeds;
import org.merlinmq.testkit.SimClock;
import org.merlinmq.testkit.SimDisk;

/** Crashes while delayed messages are relocated: none is lost, and none comes twice. */
final class TimerRelocationCrashTest {
    /** More steps than one round of carrying and deleting takes here. */
    private static final int STEPS = 60;

    private final List<String> expected = new ArrayList<>();
    private SimClock clock = new SimClock();
    private int messages;

    private void begin() {
        expected.clear();
        messages = 0;
        clock = new SimClock(Instant.parse("2026-01-01T12:00:00Z").toEpochMilli());
    }

    @Test
    void aCrashAtEachStepLosesNothingAndDoublesNothing() {
        for (FlushMode mode : FlushMode.values()) {
            for (int step = 1; step <= STEPS; step++) {
                for (boolean power : new boolean[] {false, true}) {
                    begin();
                    DelayedFixture store = open(new SimDisk(), mode);
                    fill(store, 20, new Random(step));
                    SimDisk after =
                            crashAt(step, store, disk -> power ? disk.losePowerAndAllUnsynced() : disk.killProcess());
                    verify(after, mode, mode + " step " + step + (power ? " power" : " kill"));
                }
            }
        }
    }

    @Test
    void crashAfterCrashLosesNothingAndDoublesNothing() {
        Seeds.forEach(Integer.getInteger("merlin.crashes", 60), random -> {
            begin();
            FlushMode mode = random.nextBoolean() ? FlushMode.ASYNC : FlushMode.SYNC;
            SimDisk disk = new SimDisk();
            for (int round = 0; round < 4; round++) {
                DelayedFixture store = open(disk, mode);
                assertThat(store.pending()).containsExactlyInAnyOrderElementsOf(expected);
                fill(store, random.nextInt(80), random);
                disk = crashAt(
                        1 + random.nextInt(STEPS),
                        store,
                        dying -> random.nextBoolean() ? dying.losePower(random) : dying.killProcess());
            }
            verify(disk, mode, "after four crashes");
        });
    }

    private @Nullable SimDisk current;

    private DelayedFixture open(SimDisk disk, FlushMode mode) {
        current = disk;
        return new DelayedFixture(disk, Fixture.CONFIG.withFlush(mode).withFlushInterval(Duration.ofMillis(1)), clock);
    }

    /** Delayed messages among others, durable and old enough to go. */
    private void fill(DelayedFixture store, int count, RandomGenerator random) {
        for (int i = 0; i < count; i++) {
            long due =
                    clock.millis() + Duration.ofDays(100 + random.nextInt(1000)).toMillis();
            String body = "m" + messages++;
            assertThat(store.delay(body, due)).isEqualTo(AppendStatus.STORED);
            expected.add(body + "@" + due);
            store.fill(random.nextInt(3));
        }
        store.fill(20);
        clock.advance(Duration.ofDays(5)
                .minusHours(clock.instant().atZone(clock.getZone()).getHour() - 4L));
        store.fill(1);
        store.awaitFlushed();
    }

    private interface End {
        SimDisk of(SimDisk disk);
    }

    /** Carries over until so many steps of the disk were begun, then ends it all. */
    private SimDisk crashAt(int step, DelayedFixture store, End end) {
        SimDisk disk = Objects.requireNonNull(current);
        AtomicReference<@Nullable SimDisk> after = new AtomicReference<>();
        int[] steps = {0};
        store.carrying();
        disk.fault((operation, path, count) -> {
            if (++steps[0] == step) {
                after.set(end.of(disk));
            }
        });
        for (int looks = 0; looks < 3 && after.get() == null; looks++) {
            store.storage.checkDisk();
        }
        disk.fault((operation, path, count) -> {});
        if (after.get() == null) {
            after.set(end.of(disk));
        }
        store.close();
        return Objects.requireNonNull(after.get());
    }

    private void verify(SimDisk disk, FlushMode mode, String when) {
        try (DelayedFixture store = open(disk, mode)) {
            assertThat(store.pending()).as(when).containsExactlyInAnyOrderElementsOf(expected);
            // What is relocated again must be whole, too.
            store.carrying().storage.checkDisk();
            assertThat(store.pending()).containsExactlyInAnyOrderElementsOf(expected);
            store.deliver(Long.MAX_VALUE >> 20);
            assertThat(store.delivered())
                    .as(when)
                    .containsExactlyInAnyOrderElementsOf(expected.stream()
                            .map(each -> each.substring(0, each.indexOf('@')))
                            .toList());
        }
    }
}
