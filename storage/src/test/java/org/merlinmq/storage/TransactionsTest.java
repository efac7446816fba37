package org.merlinmq.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.platform.thread.PlatformThreads;
import org.merlinmq.storage.transaction.CheckRule;
import org.merlinmq.storage.transaction.OpenHalf;
import org.merlinmq.storage.transaction.OpenHalves;
import org.merlinmq.testkit.Seeds;
import org.merlinmq.testkit.SimClock;
import org.merlinmq.testkit.SimDisk;
import org.merlinmq.testkit.SimThreads;

/** Which half messages are open: while a store runs, after a restart, after a crash, and when their segments go. */
final class TransactionsTest {
    private SimClock clock = new SimClock(Instant.parse("2026-01-01T12:00:00Z").toEpochMilli());
    private SimDisk disk = new SimDisk();

    private HalfFixture open() {
        return open(Fixture.CONFIG);
    }

    private HalfFixture open(StorageConfig config) {
        HalfFixture store =
                new HalfFixture(config, new StoreEnvironment(disk, clock, new PlatformThreads()), Thread::onSpinWait);
        if (store.storage.maxLogOffset() == 0) {
            // The thread's own first look is over then, and does not come between later.
            store.storage.deleteExpired().join();
        }
        return store;
    }

    private static OpenHalves index(HalfFixture store) {
        return store.storage.transactions();
    }

    @Test
    void aHalfMessageIsOpenUntilItIsCommittedOrRolledBack() {
        try (HalfFixture store = open()) {
            long first = store.half("a");
            long second = store.half("b");
            store.half("c");
            assertThat(store.open()).containsExactly("a", "b", "c");
            store.commit(first);
            store.rollBack(second);
            assertThat(store.open()).containsExactly("c");
            assertThat(store.committed()).containsExactly("a");
            assertThat(index(store).claim(first)).isNull();
            assertThat(index(store).standing(first))
                    .as("until a checkpoint has forgotten it")
                    .isIn(OpenHalves.Standing.DECIDED, OpenHalves.Standing.UNKNOWN);
            assertThat(index(store).standing(4711)).isEqualTo(OpenHalves.Standing.UNKNOWN);
        }
        try (HalfFixture store = open()) {
            assertThat(store.open()).containsExactly("c");
        }
    }

    @Test
    void ofTwoDecisionsAtOnceOneIsTaken() {
        try (HalfFixture store = open()) {
            long half = store.half("a");
            OpenHalf taken = Objects.requireNonNull(index(store).claim(half));
            assertThat(index(store).claim(half)).isNull();
            assertThat(index(store).standing(half)).isEqualTo(OpenHalves.Standing.CLAIMED);
            index(store).release(taken.logOffset());
            store.commit(half);
            assertThat(store.open()).isEmpty();
        }
    }

    @Test
    void oneRecordOfRocketMqsClosesManyInEitherForm() {
        try (HalfFixture store = open()) {
            for (int i = 0; i < 5; i++) {
                store.half("h" + i);
            }
            store.append(HalfFixture.DECIDED, "0,3,", "TAGS\u0001d\u0002");
            store.append(HalfFixture.DECIDED, "1", "TAGS\u0001d\u0002");
            store.append(HalfFixture.DECIDED, "x,99,", "TAGS\u0001d\u0002");
            assertThat(store.open()).containsExactly("h2", "h4");
        }
    }

    @Test
    void checksAreCountedAndSurviveARestart() {
        try (HalfFixture store = open()) {
            store.half("a");
            store.half("b");
            store.check(index(store).list(0, 1));
            store.check(index(store).list(0, 2));
            assertThat(index(store).list(0, 2)).extracting(OpenHalf::checks).containsExactly(2, 1);
        }
        try (HalfFixture store = open()) {
            assertThat(index(store).list(0, 2)).extracting(OpenHalf::checks).containsExactly(2, 1);
        }
    }

    @Test
    void whatIsDueIsHandedOutOnceAnIntervalAndGivenUpAfterTheLastCheck() {
        try (HalfFixture store = open()) {
            long first = store.half("a");
            long second = store.append(
                    HalfFixture.HALVES, "b", "PGROUP\u0001H\u0002CHECK_IMMUNITY_TIME_IN_SECONDS\u000160\u0002");
            List<OpenHalf> due = new ArrayList<>();
            CheckRule rule = new CheckRule(30_000, 1, group -> true);
            assertThat(index(store).nextCheckMillis()).isEqualTo(clock.millis() + 6_000);
            index(store).takeDue(clock.millis() + 5_999, rule, 10, due);
            assertThat(due).isEmpty();
            index(store).takeDue(clock.millis() + 6_000, rule, 10, due);
            assertThat(due).extracting(OpenHalf::logOffset).containsExactly(first);
            assertThat(index(store).nextCheckMillis()).isEqualTo(clock.millis() + 36_000);
            store.check(due);
            due.clear();
            index(store).takeDue(clock.millis() + 60_000, new CheckRule(30_000, 1, group -> false), 10, due);
            assertThat(due)
                    .as("given up though nobody is there; the other waits for a producer")
                    .extracting(OpenHalf::logOffset)
                    .containsExactly(first);
            assertThat(index(store).claim(first)).as("claimed").isNull();
            due.clear();
            index(store).takeDue(clock.millis() + 90_000, rule, 10, due);
            assertThat(due).extracting(OpenHalf::logOffset).containsExactly(second);
        }
    }

    @Test
    void manyAreHandedOutALittleAtATimeAndEachOnce() {
        try (HalfFixture store = open()) {
            for (int i = 0; i < 5_000; i++) {
                store.half("h" + i);
            }
            List<Long> all = new ArrayList<>();
            List<OpenHalf> due = new ArrayList<>();
            do {
                due.clear();
                index(store).takeDue(clock.millis() + 10_000, new CheckRule(30_000, 9, group -> true), 300, due);
                assertThat(due.size()).isLessThanOrEqualTo(300);
                due.forEach(half -> all.add(half.logOffset()));
            } while (!due.isEmpty());
            assertThat(all).hasSize(5_000).doesNotHaveDuplicates();
            assertThat(index(store).nextCheckMillis()).isEqualTo(clock.millis() + 40_000);
        }
    }

    /** Makes all that is stored too old to be kept. */
    private void age(HalfFixture store) {
        store.fill(40);
        clock.advance(Duration.ofDays(5)
                .minusHours(clock.instant().atZone(clock.getZone()).getHour() - 4L));
        store.fill(1);
    }

    @Test
    void anOpenHalfMessageOutlivesItsSegmentAndKeepsItsName() {
        long first;
        try (HalfFixture store = open().carrying()) {
            first = store.half("waits");
            long other = store.half("other");
            store.check(index(store).list(0, 1));
            age(store);
            store.storage.checkDisk();
            assertThat(store.storage.minLogOffset()).isGreaterThan(first);
            assertThat(store.open()).containsExactly("waits", "other");
            age(store);
            store.storage.checkDisk();
            assertThat(store.open()).as("relocated again").containsExactly("waits", "other");
            OpenHalf moved = Objects.requireNonNull(index(store).openAt(first));
            assertThat(moved.firstLogOffset()).isEqualTo(first);
            assertThat(moved.firstQueueOffset()).isZero();
            assertThat(moved.checks()).isOne();
            store.commit(other);
        }
        try (HalfFixture store = open()) {
            assertThat(store.open()).containsExactly("waits");
            store.commit(first);
            assertThat(store.committed()).contains("waits");
            assertThat(store.open()).isEmpty();
        }
    }

    @Test
    void relocatingStopsAtTheFirstBatchThatTheLogDoesNotTake() {
        int halves = 3 * Relocation.MAX_BATCH_MESSAGES;
        List<String> expected = new ArrayList<>();
        try (HalfFixture store = open(Fixture.CONFIG.withSegmentBytes(1 << 20)).carrying()) {
            for (int i = 0; i < halves; i++) {
                store.half("h" + i);
                expected.add("h" + i);
            }
            store.fill(1000);
            age(store);
            disk.fault((operation, path, count) -> {
                if (operation.equals("create") && path.startsWith(Fixture.LOG)) {
                    throw new DiskException("Creating " + path + " failed: no space left on the disk.", true, null);
                }
            });
            store.fillUntilRefused();
            long before = disk.count("read");
            store.storage.checkDisk();
            assertThat(disk.count("read") - before)
                    .as("two for each half message of one batch, and not of all three")
                    .isBetween(2L * Relocation.MAX_BATCH_MESSAGES, 4L * Relocation.MAX_BATCH_MESSAGES);
            assertThat(store.storage.minLogOffset()).isZero();
            assertThat(store.open()).containsExactlyElementsOf(expected);
            disk.fault((operation, path, count) -> {});
            store.awaitWritable();
            for (int looks = 0; looks < 10 && store.storage.minLogOffset() == 0; looks++) {
                store.storage.checkDisk();
            }
            assertThat(store.storage.minLogOffset()).isPositive();
            assertThat(store.open()).as("none was left claimed").containsExactlyElementsOf(expected);
        }
    }

    /** More steps than one round of relocating and deleting takes here. */
    private static final int STEPS = 60;

    @Test
    void aCrashAtEachStepOfARelocationLosesNothingAndDoublesNothing() {
        for (int step = 1; step <= STEPS; step++) {
            for (boolean power : new boolean[] {false, true}) {
                disk = new SimDisk();
                SimDisk dying = disk;
                List<String> expected = new ArrayList<>();
                long[] first = new long[1];
                SimDisk[] after = new SimDisk[1];
                try (HalfFixture store = open(Fixture.CONFIG.withFlushInterval(Duration.ofMillis(1)))) {
                    for (int i = 0; i < 10; i++) {
                        first[0] = store.half("h" + i);
                        expected.add("h" + i);
                        store.fill(i % 3);
                    }
                    age(store);
                    store.awaitFlushed();
                    int last = step;
                    int[] steps = {0};
                    store.carrying();
                    dying.fault((operation, path, count) -> {
                        if (++steps[0] == last) {
                            after[0] = power ? dying.losePowerAndAllUnsynced() : dying.killProcess();
                        }
                    });
                    for (int looks = 0; looks < 3 && after[0] == null; looks++) {
                        store.storage.checkDisk();
                    }
                    dying.fault((operation, path, count) -> {});
                    disk = after[0] != null ? after[0] : dying.killProcess();
                }
                try (HalfFixture store = open()) {
                    String when = "step " + step + (power ? " power" : " kill");
                    assertThat(store.open()).as(when).containsExactlyInAnyOrderElementsOf(expected);
                    store.commit(first[0]);
                    assertThat(store.committed()).as(when).containsExactly("h9");
                    assertThat(store.open()).as(when).hasSize(9);
                }
            }
        }
    }

    @Test
    void aSegmentStaysWhileAHalfMessageInItIsBeingDecided() {
        try (HalfFixture store = open().carrying()) {
            long half = store.half("waits");
            age(store);
            assertThat(index(store).claim(half)).isNotNull();
            store.storage.checkDisk();
            assertThat(store.storage.minLogOffset()).isZero();
            index(store).release(half);
            store.storage.checkDisk();
            assertThat(store.storage.minLogOffset()).isPositive();
            assertThat(store.open()).containsExactly("waits");
        }
    }

    @Test
    void aDamagedOrLostSnapshotCostsNothing() {
        try (HalfFixture store = open()) {
            for (int i = 0; i < 30; i++) {
                long half = store.half("h" + i);
                if (i % 3 == 0) {
                    store.commit(half);
                }
                store.storage.checkpoint();
            }
        }
        SimDisk whole = disk;
        List<String> expected;
        try (HalfFixture store = open()) {
            expected = store.open();
        }
        List<Path> files = whole.files().stream()
                .filter(file -> String.valueOf(file.getFileName()).matches("transactions-\\d+\\.snap"))
                .toList();
        assertThat(files).hasSize(2);
        for (Path file : files) {
            int bits = whole.bytes(file).length * 8;
            for (int bit = 0; bit < bits; bit += Math.max(1, bits / 40)) {
                disk = whole.copy();
                disk.flip(file, bit);
                try (HalfFixture store = open()) {
                    assertThat(store.open()).as(file + " bit " + bit).isEqualTo(expected);
                }
            }
            disk = whole.copy();
            disk.delete(file);
            try (HalfFixture store = open()) {
                assertThat(store.open()).as(file + " gone").isEqualTo(expected);
            }
        }
        disk = whole.copy();
        whole.files().stream()
                .filter(file -> file.startsWith(Fixture.FOLDER.resolve("merlin")))
                .forEach(disk::delete);
        try (HalfFixture store = open()) {
            assertThat(store.open()).as("from the log alone").isEqualTo(expected);
        }
    }

    /** What the index has open is what the records say, whatever a crash has left of them. */
    @Test
    void afterEachCrashThatIsOpenWhichTheLogSaysIsOpen() {
        Seeds.forEach(Integer.getInteger("merlin.crashes", 100), random -> {
            disk = new SimDisk();
            for (int round = 0; round < 4; round++) {
                SimThreads threads = new SimThreads(random);
                HalfFixture store = new HalfFixture(
                        Fixture.CONFIG.withFlush(random.nextBoolean() ? FlushMode.ASYNC : FlushMode.SYNC),
                        new StoreEnvironment(disk, clock, threads),
                        () -> threads.run(1));
                verify(store, "round " + round);
                work(store, threads, random);
                verify(store, "before crash " + round);
                disk = random.nextBoolean()
                        ? disk.killProcess()
                        : random.nextInt(3) == 0 ? disk.losePowerAndAllUnsynced() : disk.losePower(random);
                store.close();
            }
        });
    }

    private static void verify(HalfFixture store, String when) {
        assertThat(index(store).list(0, Integer.MAX_VALUE))
                .as(when)
                .extracting(OpenHalf::logOffset)
                .containsExactlyElementsOf(store.openByRecords());
    }

    private static void work(HalfFixture store, SimThreads threads, RandomGenerator random) {
        for (int i = random.nextInt(80); i > 0; i--) {
            List<OpenHalf> open = index(store).list(0, Integer.MAX_VALUE);
            int what = random.nextInt(6);
            if (what < 3 || open.isEmpty()) {
                store.half("m" + i + "x".repeat(random.nextInt(300)));
            } else if (what == 3) {
                store.commit(open.get(random.nextInt(open.size())).firstLogOffset());
            } else if (what == 4) {
                OpenHalf last = open.getLast();
                if (open.size() > 1) {
                    store.rollBack(open.getFirst().firstLogOffset(), last.firstLogOffset());
                } else {
                    store.rollBack(last.firstLogOffset());
                }
            } else {
                store.check(open.subList(0, 1 + random.nextInt(open.size())));
            }
            threads.run(random.nextInt(4));
            if (random.nextInt(10) == 0) {
                threads.advance(Duration.ofMillis(random.nextInt(30)));
            }
        }
    }
}
