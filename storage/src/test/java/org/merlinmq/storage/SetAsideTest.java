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

    private static Path aside(int number) {
        return Fixture.FOLDER.resolve("aside-" + number);
    }

    private static Path logAside(int number) {
        return Fixture.LOG.resolve("aside-" + number);
    }

    @Test
    void whatWasInItIsKept() {
        SimDisk disk = filled();
        byte[] log = disk.bytes(Fixture.segment(0));
        byte[] epochs = disk.bytes(Fixture.FOLDER.resolve("epochs"));
        Storage.empty(Fixture.CONFIG, environment(disk), true);
        assertNew(disk);
        Path kept = logAside(1).resolve(Fixture.segment(0).getFileName());
        assertThat(disk.bytes(kept)).isEqualTo(log);
        assertThat(disk.bytes(aside(1).resolve("epochs"))).isEqualTo(epochs);
        assertThat(disk.exists(aside(1).resolve("merlin").resolve("checkpoint")))
                .isTrue();
        Storage.empty(Fixture.CONFIG, environment(disk), true);
        assertNew(disk);
        assertThat(disk.bytes(kept)).isEqualTo(log);
        assertThat(disk.exists(aside(2).resolve("epochs"))).isTrue();
    }

    private static StorageConfig withLogIn(Path folder) {
        StorageConfig usual = Fixture.CONFIG;
        return new StorageConfig(
                usual.folder(),
                folder,
                usual.segmentBytes(),
                usual.maxRecordBytes(),
                usual.flush(),
                usual.flushInterval(),
                usual.syncFlushTimeout(),
                usual.retention(),
                usual.deleteHours(),
                usual.diskMaxUsed(),
                usual.diskForce(),
                usual.diskRefuse(),
                usual.keyIndex(),
                usual.checkpointBytes(),
                usual.checkpointEntries(),
                usual.checkpointInterval(),
                usual.setAside());
    }

    /** So that it need not be moved to another file system. */
    @Test
    void whatIsKeptOfALogInAFolderOfItsOwnStaysThere() {
        SimDisk disk = new SimDisk();
        Path elsewhere = Path.of("/mounted");
        StorageConfig config = withLogIn(elsewhere);
        Fixture store = new Fixture(disk, config);
        store.append("T", 0, "old");
        store.storage.close();
        Storage.empty(config, environment(disk), true);
        assertThat(disk.list(elsewhere)).containsExactly(elsewhere.resolve("aside-1"));
        assertThat(disk.list(elsewhere.resolve("aside-1"))).isNotEmpty();
        Fixture again = new Fixture(disk, config);
        assertThat(again.storage.maxLogOffset()).isZero();
        again.storage.close();
    }

    @Test
    void theOldestIsDeletedWhenThereAreTooMany() {
        SimDisk disk = filled();
        StorageConfig config = Fixture.CONFIG.withSetAside(new SetAsideLimits(2, 1L << 30));
        for (int i = 0; i < 4; i++) {
            Storage.empty(config, environment(disk), true);
            assertNew(disk);
        }
        assertThat(disk.list(Fixture.LOG)).contains(logAside(3), logAside(4)).doesNotContain(logAside(1), logAside(2));
        assertThat(disk.list(Fixture.FOLDER)).contains(aside(3), aside(4)).doesNotContain(aside(1), aside(2));
    }

    @Test
    void orWhenTheyTakeTooMuch() {
        SimDisk disk = filled();
        long[] bytes = {0};
        disk.files().forEach(file -> bytes[0] += disk.bytes(file).length);
        StorageConfig config = Fixture.CONFIG.withSetAside(new SetAsideLimits(9, bytes[0]));
        Storage.empty(config, environment(disk), true);
        assertNew(disk);
        assertThat(disk.exists(logAside(1))).isTrue();
        Storage.empty(config, environment(disk), true);
        assertThat(disk.exists(logAside(1))).isFalse();
        assertThat(disk.exists(aside(1))).isFalse();
        assertThat(disk.exists(logAside(2))).isTrue();
        StorageConfig small = Fixture.CONFIG.withSetAside(new SetAsideLimits(9, 1));
        assertNew(disk);
        Storage.empty(small, environment(disk), true);
        assertThat(disk.exists(logAside(3))).as("too large to be kept").isFalse();
        assertNew(disk);
    }

    @Test
    void orDeleted() {
        SimDisk disk = filled();
        Storage.empty(Fixture.CONFIG, environment(disk), false);
        assertThat(disk.files()).noneMatch(file -> file.toString().contains("aside-"));
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
