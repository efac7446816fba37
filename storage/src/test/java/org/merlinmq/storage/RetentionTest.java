package org.merlinmq.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.storage.log.AppendBatch;
import org.merlinmq.storage.log.AppendStatus;
import org.merlinmq.storage.log.RecordReader;
import org.merlinmq.storage.queue.EntrySlice;
import org.merlinmq.storage.queue.Queue;
import org.merlinmq.testkit.SimClock;
import org.merlinmq.testkit.SimDisk;

/** Old segments go, and everything else goes on. */
final class RetentionTest {
    private final SimClock clock =
            new SimClock(Instant.parse("2026-01-01T12:00:00Z").toEpochMilli());

    @Test
    void oldMessagesGoWithTheirSegmentAndOffsetsStay() {
        SimDisk disk = new SimDisk();
        try (Storage storage = open(disk)) {
            Queue queue = fill(storage, 100);
            long firstSegmentEnd = 16 << 10;
            clock.advance(Duration.ofDays(4).plusHours(16).plusMinutes(30));
            // Another message makes the segments before it old as a whole.
            fill(storage, 1);
            storage.checkDisk();
            assertThat(storage.minLogOffset()).isGreaterThanOrEqualTo(firstSegmentEnd);
            long min = queue.minOffset();
            assertThat(min).isPositive();
            assertThat(queue.maxOffset()).isEqualTo(101);
            Map<Long, String> left = Fixture.read(storage, queue);
            assertThat(left).hasSize((int) (101 - min)).containsEntry(100L, "message 0" + "x".repeat(1000));
            assertThat(storage.readRecord(0)).isNull();
            EntrySlice first = new EntrySlice(1);
            first.add(0, 100, 0, 0);
            assertThat(storage.newRecordReader().read(first, 0, new byte[100], 0))
                    .isEqualTo(RecordReader.READ_REMOVED);
            assertThat(disk.files()).doesNotContain(Fixture.segment(0));
        }
        try (Storage storage = open(disk)) {
            Queue queue = storage.queue("T", 0);
            assertThat(queue.minOffset()).isPositive();
            assertThat(Fixture.read(storage, queue)).hasSize((int) (101 - queue.minOffset()));
            fill(storage, 1);
            assertThat(queue.maxOffset()).isEqualTo(102);
        }
    }

    @Test
    void aNearlyFullDiskRefusesWritesUntilThereIsSpace() {
        SimDisk disk = new SimDisk();
        try (Storage storage = open(disk)) {
            fill(storage, 5);
            disk.capacityBytes(17 << 10);
            storage.checkDisk();
            assertThat(storage.writeState().writable()).isFalse();
            assertThat(storage.writeState().sentence()).contains("full").contains("Free space");
            assertThat(Fixture.read(storage, storage.queue("T", 0))).hasSize(5);
            disk.capacityBytes(1 << 20);
            storage.checkDisk();
            assertThat(storage.writeState().writable()).isTrue();
            fill(storage, 1);
            assertThat(Fixture.read(storage, storage.queue("T", 0))).hasSize(6);
        }
    }

    @Test
    void expiredSegmentsGoAtAnyHourWhenAskedFor() {
        SimDisk disk = new SimDisk();
        try (Storage storage = open(disk)) {
            fill(storage, 100);
            clock.advance(Duration.ofDays(4));
            Queue queue = fill(storage, 1);
            storage.checkDisk();
            assertThat(storage.minLogOffset()).as("at noon").isZero();
            int deleted = storage.deleteExpired().join();
            assertThat(deleted).isPositive();
            assertThat(storage.minLogOffset()).isEqualTo((long) deleted * (16 << 10));
            assertThat(disk.files()).doesNotContain(Fixture.segment(0));
            assertThat(queue.minOffset()).isPositive();
            assertThat(Fixture.read(storage, queue)).hasSize((int) (101 - queue.minOffset()));
            assertThat(storage.deleteExpired().join())
                    .as("nothing is left that is old")
                    .isZero();
        }
    }

    @Test
    void noSegmentGoesBeforeACheckpointNamesTheIndexesThatWereMadeAnew() {
        SimDisk disk = new SimDisk();
        try (Storage storage = open(disk)) {
            fill(storage, 100);
        }
        disk.files().stream()
                .filter(file -> file.getFileName().toString().startsWith("queues-"))
                .forEach(disk::delete);
        disk.fault((operation, file, count) -> {
            if (operation.equals("create") && file.toString().contains("queues-")) {
                throw new DiskException("create " + file + " failed: no space left", true, null);
            }
        });
        try (Storage storage = open(disk)) {
            clock.advance(Duration.ofDays(4));
            fill(storage, 1);
            assertThat(storage.deleteExpired().join()).isZero();
            disk.fault((operation, file, count) -> {});
            assertThat(storage.deleteExpired().join()).isPositive();
        }
    }

    @Test
    void whatIsYoungStaysWhoeverAsks() {
        try (Storage storage = open(new SimDisk())) {
            fill(storage, 100);
            clock.advance(Duration.ofHours(71));
            assertThat(storage.deleteExpired().join()).isZero();
            assertThat(storage.minLogOffset()).isZero();
        }
    }

    @Test
    void whatIsKeptChangesWhileTheStoreIsOpen() {
        try (Storage storage = open(new SimDisk())) {
            fill(storage, 100);
            clock.advance(Duration.ofHours(3));
            fill(storage, 1);
            assertThat(storage.deleteExpired().join()).isZero();
            storage.retain(kept(Fixture.CONFIG, Duration.ofHours(2), List.of(15)));
            storage.checkDisk();
            assertThat(storage.minLogOffset()).as("it is three o'clock").isPositive();
        }
    }

    /** As RocketMQ's deleteWhen, 4 is the hour that the clocks on the wall show. */
    @Test
    void theHourOfDeletionIsOfTheClocksZoneInSummerAndInWinter() {
        Map<String, Boolean> deletes = Map.of(
                "2026-01-10T03:30:00Z", true,
                "2026-01-10T02:30:00Z", false,
                "2026-07-10T02:30:00Z", true,
                "2026-07-10T03:30:00Z", false,
                "2026-03-29T02:30:00Z", true,
                "2026-03-29T03:30:00Z", false,
                "2026-10-25T03:30:00Z", true,
                "2026-10-25T02:30:00Z", false);
        deletes.forEach((time, expected) -> {
            Instant now = Instant.parse(time);
            clock.set(now.minus(Duration.ofDays(10)).plus(Duration.ofHours(6)).toEpochMilli());
            Clock berlin = clock.withZone(ZoneId.of("Europe/Berlin"));
            try (Storage storage = Storage.open(Fixture.CONFIG, new SimDisk(), berlin, Progress.SILENT)) {
                fill(storage, 100);
                clock.set(now.toEpochMilli());
                storage.checkDisk();
                assertThat(storage.minLogOffset() > 0).as(time).isEqualTo(expected);
            }
        });
    }

    private static StorageConfig kept(StorageConfig of, Duration retention, List<Integer> deleteHours) {
        return new StorageConfig(
                of.folder(),
                of.commitLogFolder(),
                of.segmentBytes(),
                of.maxRecordBytes(),
                of.flush(),
                of.flushInterval(),
                of.syncFlushTimeout(),
                retention,
                deleteHours,
                of.diskMaxUsed(),
                of.diskForce(),
                of.diskRefuse(),
                of.keyIndex(),
                of.checkpointBytes(),
                of.checkpointEntries(),
                of.checkpointInterval(),
                of.setAside());
    }

    /** A walk over the timers would read the damaged end of their run, and find it. */
    @Test
    void whatNothingWaitsInGoesWithoutAWalkOverTheTimers() {
        SimDisk disk = new SimDisk();
        StorageConfig config =
                Fixture.CONFIG.withSegmentBytes(1 << 20).withCheckpoints(1700 << 10, Duration.ofHours(1));
        try (DelayedFixture store = new DelayedFixture(disk, config, clock)) {
            store.fill(1000);
            for (int i = 0; i < 2048; i++) {
                store.delay("m", clock.millis() + Duration.ofDays(100).toMillis() + i);
            }
            assertThat(store.storage.timers().firstLogOffset()).isEqualTo(1 << 20);
            store.fill(1000);
            List<Path> runs = store.awaitRuns();
            assertThat(runs).hasSize(1);
            disk.flip(runs.getFirst(), (64 + 2047 * 16) * 8);
            clock.advance(Duration.ofDays(4).plusHours(16).plusMinutes(30));
            store.fill(1);
            store.storage.checkDisk();
            assertThat(store.storage.minLogOffset()).isEqualTo(1 << 20);
            assertThat(store.storage.timers().isSound()).as("not met").isTrue();
        }
    }

    private Storage open(SimDisk disk) {
        return Storage.open(Fixture.CONFIG, disk, clock, Progress.SILENT);
    }

    private static Queue fill(Storage storage, int messages) {
        Queue queue = storage.queue("T", 0);
        AppendBatch batch = storage.newBatch(b -> {});
        for (int i = 0; i < messages; i++) {
            new Records().add(batch, queue, "message " + i + "x".repeat(1000));
            storage.append(batch);
            assertThat(batch.status()).isEqualTo(AppendStatus.STORED);
            batch.clear();
        }
        return queue;
    }
}
