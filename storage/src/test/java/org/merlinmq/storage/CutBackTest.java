package org.merlinmq.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.storage.log.EpochTable;
import org.merlinmq.storage.log.LogReceiver;
import org.merlinmq.testkit.Seeds;
import org.merlinmq.testkit.SimClock;
import org.merlinmq.testkit.SimDisk;

/** A store that went another way than its master, and is cut back to where the two parted. */
final class CutBackTest {
    private static final Path KEPT = Fixture.FOLDER.resolve("cut");

    /** A store as it was at some moment, one that went on from there on its own, and where the logs of the two ended. */
    private record Parted(SimDisk then, SimDisk now, long end, long written) {}

    private static Parted part(DelayedFixture master, SimClock clock, RandomGenerator random) {
        SimDisk disk = new SimDisk();
        DelayedFixture slave = new DelayedFixture(disk, Fixture.CONFIG, clock).carrying();
        try (LogReceiver receiver = slave.storage.follow()) {
            FollowTest.copyAll(master.storage, receiver, random);
        }
        return goOn(slave, disk, clock, random);
    }

    /** Closes a store, remembers it, and lets it go on. */
    private static Parted goOn(DelayedFixture store, SimDisk disk, SimClock clock, RandomGenerator random) {
        long end = store.storage.maxLogOffset();
        store.close();
        SimDisk then = disk.copy();
        DelayedFixture alone = new DelayedFixture(disk, Fixture.CONFIG, clock).carrying();
        FollowTest.live(alone, clock, random, random.nextInt(12));
        if (random.nextBoolean()) {
            alone.storage.checkpoint();
        }
        SimDisk left = disk;
        if (random.nextBoolean()) {
            left = random.nextBoolean() ? disk.killProcess() : disk.losePower(random);
        }
        long written = alone.storage.maxLogOffset();
        alone.close();
        return new Parted(then, left, end, written);
    }

    private static boolean cut(SimDisk disk, SimClock clock, long end) {
        return Storage.cutBack(Fixture.CONFIG, StoreEnvironment.of(disk, clock), end);
    }

    /** Opens both; the one that was cut has what the other one has, and goes on like it. */
    private static void assertAsThen(Parted parted, SimDisk cut, SimClock clock) {
        try (DelayedFixture then = new DelayedFixture(parted.then, Fixture.CONFIG, clock);
                DelayedFixture now = new DelayedFixture(cut, Fixture.CONFIG, clock)) {
            assertThat(now.storage.maxLogOffset()).isEqualTo(parted.end);
            FollowTest.assertSameContent(then, now);
        }
    }

    @Test
    void aStoreThatIsCutBackIsAsIfItHadNeverHadMore() {
        Seeds.forEach(40, random -> {
            SimClock clock = new SimClock();
            try (DelayedFixture master = new DelayedFixture(new SimDisk(), Fixture.CONFIG, clock)) {
                FollowTest.live(master, clock, random, random.nextInt(12));
                Parted parted = part(master, clock, random);
                assertThat(cut(parted.now, clock, parted.end)).isTrue();
                assertAsThen(parted, parted.now, clock);
                FollowTest.live(master, clock, random, 5);
                try (DelayedFixture slave = new DelayedFixture(parted.now, Fixture.CONFIG, clock)) {
                    try (LogReceiver receiver = slave.storage.follow()) {
                        FollowTest.copyAll(master.storage, receiver, random);
                    }
                    FollowTest.assertSameContent(master, slave);
                }
            }
        });
    }

    @Test
    void aCutThatCrashesAnywhereGoesOn() {
        Seeds.forEach(7, 80, random -> {
            SimClock clock = new SimClock();
            try (DelayedFixture master = new DelayedFixture(new SimDisk(), Fixture.CONFIG, clock)) {
                FollowTest.live(master, clock, random, random.nextInt(8));
                Parted parted = part(master, clock, random);
                SimDisk disk = parted.now;
                for (int crash = random.nextInt(1, 4); crash > 0; crash--) {
                    int[] left = {random.nextInt(60)};
                    disk.fault((operation, path, count) -> {
                        if (left[0]-- <= 0) {
                            throw new DiskException("the machine stops", false, null);
                        }
                    });
                    try {
                        cut(disk, clock, parted.end);
                    } catch (DiskException stopped) {
                        assertThat(stopped).hasMessageContaining("the machine stops");
                    }
                    disk = random.nextBoolean() ? disk.killProcess() : disk.losePower(random);
                    // A loss of power may take less from view than it seemed: without its checkpoint a start reads
                    // behind
                    // a hole.
                    assertThat(end(disk, clock)).isBetween(parted.end, parted.written);
                }
                assertThat(cut(disk, clock, parted.end)).isTrue();
                assertAsThen(parted, disk, clock);
            }
        });
    }

    private static long end(SimDisk disk, SimClock clock) {
        try (DelayedFixture store = new DelayedFixture(disk.copy(), Fixture.CONFIG, clock)) {
            return store.storage.maxLogOffset();
        }
    }

    @Test
    void whereTheStateOfThenIsGoneNothingIsChanged() {
        Seeds.forEach(20, random -> {
            SimClock clock = new SimClock();
            SimDisk disk = new SimDisk();
            DelayedFixture store = new DelayedFixture(disk, Fixture.CONFIG, clock).carrying();
            FollowTest.live(store, clock, random, 20);
            // The little that some seeds send would leave no segment to delete.
            store.fill(20);
            // To an hour in which nothing is deleted by itself.
            clock.advance(Duration.ofDays(10).plusHours(3));
            FollowTest.live(store, clock, random, 3);
            FollowTest.deleteFirstSegments(store.storage);
            Parted parted = goOn(store, disk, clock, random);
            SimDisk before = parted.now.copy();
            if (cut(parted.now, clock, parted.end)) {
                assertAsThen(parted, parted.now, clock);
            } else {
                try (DelayedFixture was = new DelayedFixture(before, Fixture.CONFIG, clock);
                        DelayedFixture is = new DelayedFixture(parted.now, Fixture.CONFIG, clock)) {
                    assertThat(is.storage.maxLogOffset()).isGreaterThan(parted.end);
                    FollowTest.assertSameContent(was, is);
                }
            }
        });
    }

    @Test
    void whatIsCutOffIsKept() {
        SimDisk disk = new SimDisk();
        Fixture store = new Fixture(disk);
        store.append("T", 0, "stays");
        long end = store.storage.maxLogOffset();
        store.storage.epochs().begin(7, end);
        store.append("T", 0, "goes");
        byte[] bytes = new byte[1 << 10];
        int count = store.storage.copyLog(end, bytes, 0, bytes.length);
        store.storage.close();

        assertThat(Storage.cutBack(Fixture.CONFIG, StoreEnvironment.of(disk, new SimClock()), end))
                .isTrue();
        byte[] kept = disk.bytes(KEPT.resolve("7-%020d.log".formatted(end)));
        ByteBuffer in = ByteBuffer.wrap(kept);
        assertThat(new String(kept, 0, 8, StandardCharsets.US_ASCII)).isEqualTo("MERLINCT");
        assertThat(in.getInt(8)).isEqualTo(1);
        assertThat(in.getInt(12)).isEqualTo(7);
        assertThat(in.getLong(16)).isEqualTo(end);
        // It ends with the last byte that is not zero; what lies behind the last record may be of nothing.
        int length = (int) in.getLong(24);
        assertThat(length).isBetween(1, count);
        assertThat(Arrays.copyOfRange(kept, 32, 32 + length)).isEqualTo(Arrays.copyOf(bytes, length));
        CRC32C crc = new CRC32C();
        crc.update(kept, 0, 32 + length);
        assertThat(in.getInt(32 + length)).isEqualTo((int) crc.getValue());
        assertThat(kept).hasSize(36 + length);

        Fixture again = new Fixture(disk);
        assertThat(again.read("T", 0)).isEqualTo(Map.of(0L, "stays"));
        assertThat(again.storage.epochs().epochs()).last().isEqualTo(new EpochTable.Epoch(7, end));
        again.append("T", 0, "new");
        assertThat(again.read("T", 0)).isEqualTo(Map.of(0L, "stays", 1L, "new"));
        again.storage.close();
    }

    @Test
    void manySegmentsAreCutOff() {
        SimDisk disk = new SimDisk();
        Fixture store = new Fixture(disk);
        store.append("T", 0, "stays");
        long end = store.storage.maxLogOffset();
        for (int i = 0; i < 40; i++) {
            store.append("T", 1, "x".repeat(2000));
        }
        store.storage.close();
        assertThat(Storage.cutBack(Fixture.CONFIG, StoreEnvironment.of(disk, new SimClock()), end))
                .isTrue();
        Fixture again = new Fixture(disk);
        assertThat(again.storage.maxLogOffset()).isEqualTo(end);
        assertThat(again.read("T", 1)).isEmpty();
        assertThat(disk.exists(Fixture.segment(2 * (16 << 10)))).isFalse();
        again.storage.close();
    }

    @Test
    void aStoreTakesOverTheEpochsOfItsMaster() {
        SimDisk disk = new SimDisk();
        Fixture store = new Fixture(disk);
        store.append("T", 0, "first");
        long end = store.storage.maxLogOffset();
        List<EpochTable.Epoch> others =
                List.of(new EpochTable.Epoch(0, 0), new EpochTable.Epoch(3, end), new EpochTable.Epoch(9, end + 1));
        store.storage.epochs().adopt(others);
        assertThat(store.storage.epochs().epochs()).isEqualTo(others);
        store.storage.close();
        // The last one begins behind what there is: its bytes never came.
        Fixture again = new Fixture(disk);
        assertThat(again.storage.epochs().epochs()).isEqualTo(others.subList(0, 2));
        again.storage.close();
    }

    /** Else a delayed message would wait again whose record went with its segment. */
    @Test
    void aGroupsStoreIsNotCutBackBelowWhatLetItsSegmentsGo() {
        StorageConfig few = Fixture.CONFIG.withCheckpoints(1 << 30, Duration.ofDays(1));
        SimClock clock = new SimClock(Instant.parse("2026-01-01T12:00:00Z").toEpochMilli());
        SimDisk disk = new SimDisk();
        DelayedFixture store = new DelayedFixture(disk, few, clock).carrying();
        store.storage.deleteExpired().join();
        store.storage.epochs().begin(7, 0);
        store.delay("later", clock.millis() + Duration.ofDays(30).toMillis());
        store.storage.checkpoint();
        store.fill(40);
        long parted = store.storage.maxLogOffset();
        // To an hour in which old segments are deleted.
        clock.advance(Duration.ofDays(5).minusHours(8));
        store.fill(1);
        store.storage.checkDisk();
        assertThat(store.storage.minLogOffset()).isPositive();
        SimDisk left = disk.killProcess();
        store.close();
        assertThat(Storage.cutBack(few, StoreEnvironment.of(left, clock), parted))
                .isFalse();
        try (DelayedFixture again = new DelayedFixture(left, few, clock)) {
            assertThat(again.pending()).hasSize(1);
        }
    }
}
