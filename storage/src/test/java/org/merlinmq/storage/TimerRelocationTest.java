package org.merlinmq.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.storage.log.AppendStatus;
import org.merlinmq.testkit.SimClock;
import org.merlinmq.testkit.SimDisk;

/** Delayed messages outlive the segments that they wait in. */
final class TimerRelocationTest {
    private final SimClock clock =
            new SimClock(Instant.parse("2026-01-01T12:00:00Z").toEpochMilli());
    private final SimDisk disk = new SimDisk();

    private DelayedFixture open() {
        DelayedFixture store = new DelayedFixture(disk, Fixture.CONFIG, clock);
        if (store.storage.maxLogOffset() == 0) {
            // The thread's own first look is over then, and does not come between later.
            store.storage.deleteExpired().join();
        }
        return store;
    }

    private long inDays(int days) {
        return clock.millis() + Duration.ofDays(days).toMillis();
    }

    /** Makes all that is stored too old to be kept. */
    private void age(DelayedFixture store) {
        store.fill(40);
        clock.advance(Duration.ofDays(5)
                .minusHours(clock.instant().atZone(clock.getZone()).getHour() - 4L));
        store.fill(1);
    }

    @Test
    void aDelayedMessageOutlivesItsSegmentAndIsDeliveredOnceWhenItIsDue() {
        long due = inDays(30);
        long first;
        try (DelayedFixture store = open().carrying()) {
            store.delay("later", due);
            age(store);
            store.storage.checkDisk();
            first = store.storage.minLogOffset();
            assertThat(first).isPositive();
            assertThat(disk.files()).doesNotContain(Fixture.segment(0));
            assertThat(store.pending()).containsExactly("later@" + due);
            assertThat(store.storage.timers().count()).isOne();
            store.deliver(due - 1);
            assertThat(store.delivered()).isEmpty();
        }
        try (DelayedFixture store = open().carrying()) {
            assertThat(store.pending()).containsExactly("later@" + due);
            age(store);
            store.storage.checkDisk();
            assertThat(store.storage.minLogOffset()).as("relocated again").isGreaterThan(first);
            store.deliver(due);
            store.deliver(due + 1_000_000);
            assertThat(store.delivered()).containsExactly("later");
            assertThat(store.pending()).isEmpty();
        }
    }

    @Test
    void aSegmentStaysUntilSomeoneCarriesWhatWaitsInIt() {
        long due = inDays(30);
        try (DelayedFixture store = open()) {
            store.delay("later", due);
            age(store);
            assertThat(store.storage.checkDisk()).isFalse();
            assertThat(store.storage.minLogOffset()).isZero();
            store.carrying().storage.checkDisk();
            assertThat(store.storage.minLogOffset()).isPositive();
            assertThat(store.pending()).containsExactly("later@" + due);
        }
    }

    @Test
    void whatAnAdministratorAskedForIsDoneOnceSomeoneCarriesWhatWaits() {
        long due = inDays(30);
        try (DelayedFixture store = open()) {
            store.delay("later", due);
            store.fill(40);
            clock.advance(Duration.ofDays(4));
            store.fill(1);
            assertThat(store.storage.deleteExpired().join()).isZero();
            assertThat(store.storage.minLogOffset()).isZero();
            store.carrying().storage.checkDisk();
            assertThat(store.storage.minLogOffset())
                    .as("the next look, at noon too")
                    .isPositive();
            assertThat(store.pending()).containsExactly("later@" + due);
            store.storage.checkDisk();
            assertThat(store.storage.deleteExpired().join())
                    .as("nothing is left that is old")
                    .isZero();
        }
    }

    @Test
    void aSegmentStaysWhileAMessageInItIsBeingDelivered() {
        long due = clock.millis() + 1_000;
        try (DelayedFixture store = open().carrying()) {
            store.delay("now", due);
            age(store);
            long[] taken = {-1};
            store.storage.timers().drainDue(due, (d, logOffset) -> {
                taken[0] = logOffset;
                return true;
            });
            store.storage.checkDisk();
            assertThat(store.storage.minLogOffset()).isZero();
            store.storage.timers().retry(due, taken[0], clock.millis() + 1_000_000);
            store.storage.checkDisk();
            assertThat(store.storage.minLogOffset()).isPositive();
            store.deliver(clock.millis());
            store.deliver(clock.millis() + 2_000_000);
            assertThat(store.delivered()).containsExactly("now");
        }
    }

    @Test
    void whatThereIsNoSegmentForStaysWhereItIs() {
        try (DelayedFixture store = open().carrying()) {
            List<String> expected = delayMany(store, 150);
            age(store);
            disk.fault((operation, path, count) -> {
                if (operation.equals("create") && path.startsWith(Fixture.LOG)) {
                    throw new DiskException("Creating " + path + " failed: no space left on the disk.", true, null);
                }
            });
            // Whether the log had made its next segment ahead is up to chance: it is used up first.
            store.fillUntilRefused();
            while (store.storage.checkDisk()) {
                assertThat(store.pending()).containsExactlyElementsOf(expected);
            }
            assertThat(store.storage.minLogOffset()).isZero();
            assertThat(store.pending()).containsExactlyElementsOf(expected);
            disk.fault((operation, path, count) -> {});
            awaitWritable(store);
            lookUntilGone(store);
            assertThat(store.pending()).containsExactlyElementsOf(expected);
            store.deliver(Long.MAX_VALUE >> 20);
            assertThat(store.delivered()).hasSize(150).doesNotHaveDuplicates();
        }
    }

    @Test
    void aNearlyFullDiskIsFreedThoughItRefusesSends() {
        try (DelayedFixture store = open().carrying()) {
            List<String> expected = delayMany(store, 5);
            store.fill(40);
            disk.capacityBytes(disk.usedBytes() + (2 << 10));
            lookUntilGone(store);
            assertThat(store.pending()).containsExactlyElementsOf(expected);
        }
    }

    @Test
    void aDiskFullOfDelayedMessagesAloneIsGoneThroughOnceAndThenLeftAloneUntilAPartIsDelivered() {
        try (DelayedFixture store = open().carrying()) {
            long due = inDays(1);
            String body = "x".repeat(1000);
            IntStream.range(0, 600).forEach(i -> store.delay(body, due + i));
            long logBytes = store.storage.maxLogOffset();
            store.awaitRuns();
            disk.capacityBytes(100 * disk.usedBytes() / 88);
            look(store, 100);
            long begin = store.storage.minLogOffset();
            long end = store.storage.maxLogOffset();
            assertThat(begin).as("gone through once").isBetween(logBytes - (32 << 10), logBytes + (32 << 10));
            look(store, 20);
            assertThat(store.storage.minLogOffset()).as("left alone").isEqualTo(begin);
            assertThat(store.storage.maxLogOffset()).as("nothing copied").isEqualTo(end);
            assertThat(store.pending()).hasSize(600);

            store.deliver(due + 39);
            look(store, 1);
            assertThat(store.storage.minLogOffset()).isGreaterThan(begin);
            assertThat(store.pending()).hasSize(560);
        }
    }

    private static void look(DelayedFixture store, int times) {
        for (int i = 0; i < times; i++) {
            store.storage.checkDisk();
        }
    }

    @Test
    void manyAreCarriedOverInBatchesEachOnce() {
        try (DelayedFixture store = open().carrying()) {
            int messages = Relocation.MAX_BATCH_MESSAGES * 3 + 7;
            List<String> expected = delayMany(store, messages);
            age(store);
            lookUntilGone(store);
            assertThat(store.pending()).containsExactlyElementsOf(expected);
            assertThat(store.storage.timers().count()).isEqualTo(messages);
        }
        try (DelayedFixture store = open()) {
            store.deliver(Long.MAX_VALUE >> 20);
            assertThat(store.delivered())
                    .hasSize(Relocation.MAX_BATCH_MESSAGES * 3 + 7)
                    .doesNotHaveDuplicates();
        }
    }

    /** Each is due a millisecond after the one before. */
    private List<String> delayMany(DelayedFixture store, int messages) {
        long due = inDays(30);
        List<String> expected = new ArrayList<>();
        IntStream.range(0, messages).forEach(i -> {
            assertThat(store.delay("m" + i, due + i)).isEqualTo(AppendStatus.STORED);
            expected.add("m" + i + "@" + (due + i));
        });
        return expected;
    }

    /** The log itself looks again and again whether it can make a segment. */
    private static void awaitWritable(DelayedFixture store) {
        long patience = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!store.storage.writeState().writable()) {
            assertThat(System.nanoTime()).isLessThan(patience);
            Thread.onSpinWait();
        }
    }

    private static void lookUntilGone(DelayedFixture store) {
        long patience = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (store.storage.minLogOffset() == 0) {
            assertThat(System.nanoTime()).isLessThan(patience);
            store.storage.checkDisk();
        }
    }
}
