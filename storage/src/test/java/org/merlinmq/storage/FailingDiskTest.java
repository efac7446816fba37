package org.merlinmq.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.platform.disk.DiskFile;
import org.merlinmq.storage.log.AppendBatch;
import org.merlinmq.storage.log.AppendStatus;
import org.merlinmq.storage.log.WriteState;
import org.merlinmq.storage.queue.Queue;
import org.merlinmq.storage.state.StateChange;
import org.merlinmq.testkit.SimClock;
import org.merlinmq.testkit.SimDisk;

/** What the store does when the disk does not. */
final class FailingDiskTest {
    private static SimDisk.Fault failing(String operation) {
        return (asked, path, count) -> {
            if (asked.equals(operation) && path.startsWith(Fixture.LOG)) {
                throw new DiskException(asked + " " + path + " failed: I/O error", false, null);
            }
        };
    }

    @Test
    void afterAFailedWriteNothingMoreIsStoredAndNothingOfItComesBack() {
        Fixture store = new Fixture(new SimDisk());
        store.append("T", 0, "before");
        long end = store.storage.maxLogOffset();
        store.disk.fault(failing("write"));
        store.append("T", 0, "torn");
        assertThat(store.status).isEqualTo(AppendStatus.REFUSED);
        assertThat(store.batch.reason()).contains("Nothing more is stored").contains("I/O error");
        store.disk.fault((operation, path, count) -> {});
        store.append("T", 0, "later");
        assertThat(store.status).isEqualTo(AppendStatus.REFUSED);
        assertThat(store.storage.writeState().kind()).isEqualTo(WriteState.Kind.POISONED);
        assertThat(store.read("T", 0)).containsOnlyKeys(0L);
        assertThat(store.storage.maxLogOffset()).isEqualTo(end);
        SimDisk disk = store.disk.killProcess();
        store.storage.close();

        Fixture after = new Fixture(disk);
        assertThat(after.read("T", 0)).containsOnlyKeys(0L);
        after.append("T", 0, "after");
        assertThat(after.status).isEqualTo(AppendStatus.STORED);
        assertThat(after.read("T", 0)).containsEntry(1L, "after").hasSize(2);
        after.storage.close();
    }

    @Test
    void aDamagedMarkOfAFailedWriteCutsNoMessageOff() {
        Fixture store = new Fixture(new SimDisk());
        for (int i = 0; i < 20; i++) {
            store.append("T", 0, "message " + i);
        }
        store.disk.fault((operation, path, count) -> {
            if (operation.equals("write") && path.equals(Fixture.segment(0))) {
                throw new DiskException("write " + path + " failed: I/O error", false, null);
            }
        });
        store.append("T", 0, "torn");
        store.disk.fault((operation, path, count) -> {});
        SimDisk left = store.disk.killProcess();
        store.storage.close();
        Path mark = Fixture.LOG.resolve("cut-at");
        int bytes = left.bytes(mark).length;
        for (int bit = 0; bit < 8 * bytes; bit++) {
            SimDisk flipped = left.copy();
            flipped.flip(mark, bit);
            assertHasAll(flipped, "bit " + bit);
        }
        for (int length = 0; length < bytes; length++) {
            SimDisk cut = left.copy();
            try (DiskFile file = cut.open(mark)) {
                file.truncate(length);
            }
            assertHasAll(cut, "length " + length);
        }
    }

    private static void assertHasAll(SimDisk disk, String what) {
        Fixture after = new Fixture(disk);
        assertThat(after.read("T", 0)).as(what).hasSize(20).containsEntry(19L, "message 19");
        after.append("T", 0, "after");
        assertThat(after.status).as(what).isEqualTo(AppendStatus.STORED);
        after.storage.close();
    }

    @Test
    void afterAFailedSyncWhoWaitsIsRefusedAndSoIsAllThatComes() throws InterruptedException {
        Fixture store = new Fixture(new SimDisk(), Fixture.CONFIG.withFlush(FlushMode.SYNC));
        store.disk.fault(failing("force"));
        CountDownLatch told = new CountDownLatch(1);
        AppendBatch batch = store.storage.newBatch(b -> told.countDown());
        store.records.add(batch, store.storage.queue("T", 0), "unsure");
        store.storage.append(batch);
        assertThat(told.await(60, TimeUnit.SECONDS)).isTrue();
        assertThat(batch.status()).isEqualTo(AppendStatus.REFUSED);
        store.disk.fault((operation, path, count) -> {});
        store.append("T", 0, "later");
        assertThat(store.status).isEqualTo(AppendStatus.REFUSED);
        assertThat(store.storage.flushedLogOffset()).isZero();
        store.storage.close();
    }

    @Test
    void aFullDiskRefusesAtTheNextSegmentAndWritesReturnWithTheSpace() throws InterruptedException {
        SimDisk disk = new SimDisk();
        disk.capacityBytes(60 << 10);
        Fixture store = new Fixture(disk);
        int stored = 0;
        String body = "x".repeat(1000);
        do {
            store.append("T", 0, body);
            stored += store.status == AppendStatus.STORED ? 1 : 0;
        } while (store.status == AppendStatus.STORED && stored < 1000);
        assertThat(store.status).isEqualTo(AppendStatus.REFUSED);
        assertThat(store.storage.writeState().kind()).isEqualTo(WriteState.Kind.DISK_FULL);
        assertThat(store.batch.reason()).contains("no space left");
        assertThat(store.read("T", 0)).hasSize(stored);
        disk.capacityBytes(10 << 20);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!store.storage.writeState().writable() && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
        store.append("T", 0, "after");
        assertThat(store.status).isEqualTo(AppendStatus.STORED);
        assertThat(store.read("T", 0)).hasSize(stored + 1).containsEntry((long) stored, "after");
        store.storage.close();
    }

    @Test
    void aTopicThatCannotBeDeletedKeepsItsQueuesAndIsDeletedOnceThereIsSpace() {
        SimDisk disk = new SimDisk();
        disk.capacityBytes(40 << 10);
        Fixture store = new Fixture(disk);
        store.append("T", 0, "before");
        do {
            store.append("U", 0, "x".repeat(200));
        } while (store.status == AppendStatus.STORED);
        StateChange end = new StateChange().remove(StateChange.TOPIC, new byte[] {'T'});
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 1000; i++) {
                        store.storage.append(new StateChange().remove(9, new byte[1]));
                    }
                })
                .isInstanceOf(DiskException.class)
                .hasMessageContaining("no space left");
        assertThatThrownBy(() -> store.storage.append(end)).isInstanceOf(DiskException.class);
        assertThat(store.read("T", 0)).containsEntry(0L, "before");
        disk.capacityBytes(10 << 20);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!store.storage.writeState().writable() && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
        store.append("T", 0, "after");
        assertThat(store.read("T", 0)).containsEntry(0L, "before").containsEntry(1L, "after");
        store.storage.append(end);
        assertThat(store.storage.findQueue("T", 0)).isNull();
        store.storage.close();

        Fixture again = new Fixture(store.disk);
        assertThat(again.storage.findQueue("T", 0)).isNull();
        again.storage.close();
    }

    @Test
    void theStateChangesOnADiskThatTakesNoMessage() {
        SimDisk disk = new SimDisk();
        disk.capacityBytes(40 << 10);
        Fixture store = new Fixture(disk);
        store.append("T", 0, "before");
        do {
            store.append("U", 0, "x".repeat(20));
        } while (store.status == AppendStatus.STORED);
        assertThat(store.batch.reason()).contains("no space left");
        store.storage.append(new StateChange().remove(StateChange.TOPIC, new byte[] {'T'}));
        assertThat(store.storage.findQueue("T", 0)).isNull();
        store.append("U", 0, "x".repeat(20));
        assertThat(store.status).isEqualTo(AppendStatus.REFUSED);
        SimDisk killed = store.disk.killProcess();
        store.storage.close();

        Fixture again = new Fixture(killed);
        assertThat(again.storage.findQueue("T", 0)).isNull();
        again.storage.close();
    }

    private static void awaitForever(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aSlowDiskEndsTheWaitButTheMessageIsStored() throws InterruptedException {
        CountDownLatch release = new CountDownLatch(1);
        StorageConfig config = Fixture.CONFIG.withFlush(FlushMode.SYNC);
        StorageConfig impatient = new StorageConfig(
                config.folder(),
                config.commitLogFolder(),
                config.segmentBytes(),
                config.maxRecordBytes(),
                config.flush(),
                config.flushInterval(),
                Duration.ofMillis(50),
                config.retention(),
                config.deleteHours(),
                config.diskMaxUsed(),
                config.diskForce(),
                config.diskRefuse(),
                config.keyIndex(),
                config.checkpointBytes(),
                config.checkpointEntries(),
                config.checkpointInterval(),
                config.setAside());
        SimDisk disk = new SimDisk();
        CountDownLatch told = new CountDownLatch(1);
        try (Storage storage = Storage.open(impatient, disk, new SimClock(), Progress.SILENT)) {
            disk.fault((operation, path, count) -> {
                if (operation.equals("force") && path.startsWith(Fixture.LOG)) {
                    awaitForever(release);
                }
            });
            Queue queue = storage.queue("T", 0);
            AppendBatch batch = storage.newBatch(b -> told.countDown());
            new Records().add(batch, queue, "slow");
            storage.append(batch);
            assertThat(told.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(batch.status()).isEqualTo(AppendStatus.FLUSH_TIMEOUT);
            assertThat(Fixture.read(storage, queue)).containsEntry(0L, "slow");
            release.countDown();
        }
    }
}
