package org.merlinmq.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.storage.log.AppendStatus;
import org.merlinmq.storage.queue.Queue;
import org.merlinmq.testkit.Seeds;
import org.merlinmq.testkit.SimDisk;

/** A store is opened whatever space is free: else it could neither be read nor cleaned up. */
final class FullDiskStartTest {
    /** Nothing is deleted to make room. */
    private static final StorageConfig BUSY =
            Fixture.CONFIG.withDiskLimits(Fixture.CONFIG.diskMaxUsed(), 1, Fixture.CONFIG.diskRefuse());

    /** Makes no checkpoints either, so that a start has much to read. */
    private static final StorageConfig QUIET = BUSY.withCheckpoints(1 << 30, Duration.ofHours(1));

    @Test
    void aStoreIsOpenedWithoutAFreeByteAndTakesWritesWhenThereIsRoom() {
        Fixture store = new Fixture(new SimDisk(), QUIET);
        for (int i = 0; i < 100; i++) {
            store.append("T", i % 3, "message " + i + "x".repeat(300));
        }
        Map<Long, String> before = store.read("T", 1);
        SimDisk disk = store.disk.killProcess();
        store.storage.close();
        disk.capacityBytes(disk.usedBytes());

        Fixture again = new Fixture(disk, QUIET);
        assertThat(again.read("T", 1)).isEqualTo(before).hasSize(33);
        again.storage.checkDisk();
        again.append("T", 1, "refused");
        assertThat(again.status).isEqualTo(AppendStatus.REFUSED);
        assertThat(again.storage.writeState().sentence()).contains("Free space");

        disk.capacityBytes(disk.usedBytes() * 100);
        again.storage.checkDisk();
        again.append("T", 1, "taken");
        assertThat(again.status).isEqualTo(AppendStatus.STORED);
        assertThat(again.read("T", 1)).hasSize(34).containsEntry(33L, "taken");
        again.storage.close();
    }

    @Test
    void howeverItEndedAStoreIsOpenedWithoutAFreeByte() {
        Seeds.forEach(Integer.getInteger("merlin.crashes", 60), random -> {
            SimDisk disk = new SimDisk();
            for (int round = 0; round < 4; round++) {
                Fixture store = new Fixture(disk, random.nextBoolean() ? BUSY : QUIET);
                long room = round == 0 ? 1 << 30 : random.nextInt(64 << 10);
                disk.capacityBytes(disk.usedBytes() + room);
                work(store, random);
                Map<Long, String> whole = readIfThere(store);
                boolean power = random.nextBoolean();
                disk = power ? disk.losePower(random) : disk.killProcess();
                store.storage.close();
                disk.capacityBytes(disk.usedBytes());
                Fixture again = new Fixture(disk, QUIET);
                if (!power) {
                    assertThat(readIfThere(again)).isEqualTo(whole);
                }
                disk = disk.killProcess();
                again.storage.close();
            }
        });
    }

    private static Map<Long, String> readIfThere(Fixture store) {
        Queue queue = store.storage.findQueue("T0", 0);
        return queue == null ? Map.of() : Fixture.read(store.storage, queue);
    }

    private static void work(Fixture store, RandomGenerator random) {
        int batches = random.nextInt(80);
        for (int i = 0; i < batches; i++) {
            String topic = "T" + random.nextInt(3);
            if (store.storage.findQueue(topic, 0) != null || random.nextInt(3) > 0) {
                try {
                    store.append(topic, 0, "m" + "x".repeat(random.nextInt(1500)));
                } catch (DiskException noRoomForAQueue) {
                    assertThat(noRoomForAQueue.full()).isTrue();
                }
            }
        }
    }
}
