package org.merlinmq.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.testkit.SimClock;
import org.merlinmq.testkit.SimDisk;

/** Damaged timer runs are made again from the log, by a broker that runs as by one that starts. */
final class DamagedTimersTest {
    private static final int MESSAGES = 30;
    private static final long RUN_HEADER_BITS = 64 * 8;

    private final SimClock clock = new SimClock();
    private final SimDisk disk = new SimDisk();
    private final List<String> bodies = new ArrayList<>();
    private final long due = clock.millis() + Duration.ofDays(1).toMillis();

    private DelayedFixture filled() {
        DelayedFixture store = new DelayedFixture(disk, Fixture.CONFIG, clock);
        for (int i = 0; i < MESSAGES; i++) {
            store.delay("m" + i, due + i);
            bodies.add("m" + i);
        }
        List<Path> runs = store.awaitRuns();
        assertThat(runs).isNotEmpty();
        disk.flip(runs.getFirst(), RUN_HEADER_BITS + 7);
        return store;
    }

    @Test
    void whatIsMetWhileTheBrokerRunsCostsNoMessageAndDoublesNone() {
        try (DelayedFixture store = filled()) {
            store.deliver(due + MESSAGES);
            store.deliver(due + 1_000_000);
            assertThat(store.delivered()).containsExactlyInAnyOrderElementsOf(bodies);
            assertThat(store.storage.timers().isSound()).isTrue();
        }
    }

    @Test
    void aDiskThatTakesNoNewRunMakesThemLateAndLosesNone() {
        AtomicBoolean tried = new AtomicBoolean();
        DelayedFixture before = filled();
        disk.fault((operation, path, count) -> {
            if (operation.equals("create") && path.getFileName().toString().startsWith("timer-")) {
                tried.set(true);
                throw new DiskException("Creating " + path + " failed: no space left on the disk.", true, null);
            }
        });
        before.storage.timers().drainDue(due + MESSAGES, (at, logOffset) -> {
            throw new AssertionError("read from a damaged run");
        });
        long patience = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!tried.get()) {
            assertThat(System.nanoTime()).isLessThan(patience);
            Thread.onSpinWait();
        }
        before.fill(1);
        disk.fault((operation, path, count) -> {});
        before.close();
        try (DelayedFixture store = new DelayedFixture(disk, Fixture.CONFIG, clock)) {
            store.deliver(due + MESSAGES);
            assertThat(store.delivered()).containsExactlyInAnyOrderElementsOf(bodies);
        }
    }

    @Test
    void whatIsMetAtTheStartCostsNoMessageAndDoublesNone() {
        DelayedFixture before = filled();
        before.close();
        try (DelayedFixture store = new DelayedFixture(disk, Fixture.CONFIG, clock)) {
            assertThat(store.storage.timers().isSound()).isTrue();
            assertThat(store.storage.timers().count()).isEqualTo(MESSAGES);
            store.deliver(due + 1_000_000);
            assertThat(store.delivered()).containsExactlyInAnyOrderElementsOf(bodies);
        }
    }
}
