package org.merlinmq.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.storage.log.EpochTable.Epoch;
import org.merlinmq.testkit.Seeds;
import org.merlinmq.testkit.SimClock;
import org.merlinmq.testkit.SimDisk;

/** A store that begins again, from nothing. */
final class SetAsideTest {
    private static StoreEnvironment environment(SimDisk disk) {
        return StoreEnvironment.of(disk, new SimClock());
    }

    private static SimDisk filled() {
        SimDisk disk = new SimDisk();
        Fixture store = new Fixture(disk);
        store.append("T", 0, "old");
        store.storage.epochs().begin(7, store.storage.maxLogOffset());
        for (int i = 0; i < 20; i++) {
            store.append("T", 1, "x".repeat(2000));
        }
        store.storage.checkpoint();
        store.storage.close();
        return disk;
    }

    private static void assertNew(SimDisk disk) {
        Fixture again = new Fixture(disk);
        assertThat(again.storage.maxLogOffset()).isZero();
        assertThat(again.storage.epochs().epochs()).containsExactly(new Epoch(0, 0));
        again.append("T", 0, "new");
        assertThat(again.read("T", 0)).isEqualTo(Map.of(0L, "new"));
        again.storage.close();
    }

    @Test
    void whatWasInItIsKeptBesideIt() {
        SimDisk disk = filled();
        Path first = Fixture.LOG.resolve("0".repeat(20));
        byte[] log = disk.bytes(first);
        byte[] epochs = disk.bytes(Fixture.FOLDER.resolve("epochs"));
        Storage.empty(Fixture.CONFIG, environment(disk), true);
        assertNew(disk);
        assertThat(disk.bytes(Fixture.FOLDER.resolve("commitlog.aside-1").resolve("0".repeat(20))))
                .isEqualTo(log);
        assertThat(disk.bytes(Fixture.FOLDER.resolve("epochs.aside-1"))).isEqualTo(epochs);
        Storage.empty(Fixture.CONFIG, environment(disk), true);
        assertNew(disk);
        assertThat(disk.bytes(Fixture.FOLDER.resolve("commitlog.aside-1").resolve("0".repeat(20))))
                .isEqualTo(log);
        assertThat(disk.exists(Fixture.FOLDER.resolve("epochs.aside-2"))).isTrue();
    }

    @Test
    void orDeleted() {
        SimDisk disk = filled();
        Storage.empty(Fixture.CONFIG, environment(disk), false);
        assertThat(disk.files()).noneMatch(file -> file.toString().contains("aside"));
        assertNew(disk);
    }

    @Test
    void aCrashLeavesAllOfItOrNothingThatHasEpochs() {
        Seeds.forEach(40, random -> {
            SimDisk disk = filled();
            boolean keep = random.nextBoolean();
            int[] left = {random.nextInt(40)};
            disk.fault((operation, path, count) -> {
                if (left[0]-- <= 0) {
                    throw new DiskException("the machine stops", false, null);
                }
            });
            try {
                Storage.empty(Fixture.CONFIG, environment(disk), keep);
            } catch (DiskException stopped) {
                assertThat(stopped).hasMessageContaining("the machine stops");
            }
            SimDisk found = random.nextBoolean() ? disk.killProcess() : disk.losePower(random);
            Fixture store = new Fixture(found);
            boolean whole = store.storage.epochs().isOfGroup();
            if (whole) {
                assertThat(store.read("T", 0)).isEqualTo(Map.of(0L, "old"));
            }
            store.storage.close();
            Storage.empty(Fixture.CONFIG, environment(found), keep);
            assertNew(found);
        });
    }
}
