package org.merlinmq.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.storage.facts.RecordRule;
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

    /** What {@link #filled} has, as its member says it. */
    private static final SetAsideLog OLD = new SetAsideLog(List.of(new Epoch(0, 0), new Epoch(7, 200)), 0, 50_000);

    private static void setAside(StorageConfig config, SimDisk disk) {
        assertThat(Storage.empty(config, environment(disk), OLD)).isTrue();
    }

    /** The copy is level, so that it is set aside next. */
    private static void finishCopy(StorageConfig config, SimDisk disk) {
        try (Storage storage = Storage.open(config, environment(disk), RecordRule.NONE, Progress.SILENT)) {
            storage.copyIsLevel();
        }
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
        setAside(Fixture.CONFIG, disk);
        assertNew(disk);
        Path kept = logAside(1).resolve(Fixture.segment(0).getFileName());
        assertThat(disk.bytes(kept)).isEqualTo(log);
        assertThat(disk.bytes(aside(1).resolve("epochs"))).isEqualTo(epochs);
        assertThat(disk.exists(aside(1).resolve("merlin").resolve("checkpoint")))
                .isTrue();
        finishCopy(Fixture.CONFIG, disk);
        setAside(Fixture.CONFIG, disk);
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
        setAside(config, disk);
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
            setAside(config, disk);
            assertNew(disk);
            finishCopy(config, disk);
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
        setAside(config, disk);
        assertNew(disk);
        assertThat(disk.exists(logAside(1))).isTrue();
        finishCopy(config, disk);
        setAside(config, disk);
        assertThat(disk.exists(logAside(1))).isFalse();
        assertThat(disk.exists(aside(1))).isFalse();
        assertThat(disk.exists(logAside(2))).isTrue();
        StorageConfig small = Fixture.CONFIG.withSetAside(new SetAsideLimits(9, 1));
        assertNew(disk);
        finishCopy(config, disk);
        assertThat(Storage.empty(small, environment(disk), OLD)).isFalse();
        assertThat(disk.exists(logAside(3))).as("too large to be kept").isFalse();
        assertNew(disk);
    }

    @Test
    void orDeleted() {
        SimDisk disk = filled();
        assertThat(Storage.empty(Fixture.CONFIG, environment(disk), null)).isFalse();
        assertThat(disk.files()).noneMatch(file -> file.toString().contains("aside-"));
        assertNew(disk);
    }

    private static SimDisk crashed(SimDisk disk, int after, boolean power, RandomGenerator random, Runnable work) {
        int[] left = {after};
        disk.fault((operation, path, count) -> {
            if (left[0]-- <= 0) {
                throw new DiskException("the machine stops", false, null);
            }
        });
        try {
            work.run();
        } catch (DiskException stopped) {
            assertThat(stopped).hasMessageContaining("the machine stops");
        }
        return power ? disk.losePower(random) : disk.killProcess();
    }

    @Test
    void aCrashLeavesAllOfItOrNothingThatHasEpochs() {
        Seeds.forEach(40, random -> {
            SimDisk disk = filled();
            SimDisk found = crashed(
                    disk,
                    random.nextInt(40),
                    random.nextBoolean(),
                    random,
                    () -> Storage.empty(Fixture.CONFIG, environment(disk), null));
            Fixture store = new Fixture(found);
            boolean whole = store.storage.epochs().isOfGroup();
            if (whole) {
                assertThat(store.read("T", 0)).isEqualTo(Map.of(0L, "old"));
            }
            store.storage.close();
            Storage.empty(Fixture.CONFIG, environment(found), null);
            assertNew(found);
        });
    }

    /** The old store with what was in it, or an empty one beside which it lies. */
    private static boolean assertOneOfTwo(SimDisk disk) {
        Fixture store = new Fixture(disk);
        assertThat(store.storage.hasLostRecords()).isFalse();
        boolean replaced = store.storage.setAside() != null;
        if (replaced) {
            assertThat(store.storage.setAside()).isEqualTo(OLD);
            assertThat(store.read("T", 0)).isNotEqualTo(Map.of(0L, "old"));
        } else {
            assertThat(store.read("T", 0)).isEqualTo(Map.of(0L, "old"));
            assertThat(store.read("T", 1)).hasSize(20);
            assertThat(store.storage.epochs().epochs().getLast().number()).isEqualTo(7);
            assertThat(disk.exists(Fixture.FOLDER.resolve("set-aside"))).isFalse();
            assertThat(disk.exists(aside(1))).isFalse();
            assertThat(disk.exists(logAside(1))).isFalse();
        }
        store.storage.close();
        return replaced;
    }

    /** How many operations of a disk it takes, and a few more: a store's own threads add some. */
    private static int operations(SimDisk disk, Runnable work) {
        int[] count = {20};
        disk.fault((operation, path, number) -> count[0]++);
        work.run();
        return count[0];
    }

    @Test
    void aCrashLeavesTheOldStoreOrTheNewOneForWhichItCounts() {
        SimDisk whole = filled();
        int all = operations(whole, () -> setAside(Fixture.CONFIG, whole));
        for (boolean power : new boolean[] {false, true}) {
            Seeds.forEach(1, random -> {
                for (int after = 0; after <= all; after++) {
                    SimDisk disk = filled();
                    SimDisk found = crashed(
                            disk, after, power, random, () -> Storage.empty(Fixture.CONFIG, environment(disk), OLD));
                    boolean replaced = assertOneOfTwo(found);
                    assertThat(replaced || after < all).as("after all").isTrue();
                    assertThat(replaced && after == 0).as("before all").isFalse();
                }
            });
        }
    }

    private static SimDisk replaced() {
        SimDisk disk = filled();
        setAside(Fixture.CONFIG, disk);
        Fixture copy = new Fixture(disk);
        copy.append("T", 0, "copied");
        copy.storage.epochs().adopt(List.of(new Epoch(0, 0), new Epoch(9, 0)));
        for (int i = 0; i < 10; i++) {
            copy.append("T", 1, "y".repeat(2000));
        }
        copy.storage.checkpoint();
        copy.storage.close();
        return disk;
    }

    @Test
    void whatWasSetAsideIsPutBackThroughAnyCrash() {
        SimDisk whole = replaced();
        int all = operations(whole, () -> Storage.putBack(Fixture.CONFIG, environment(whole)));
        for (boolean power : new boolean[] {false, true}) {
            Seeds.forEach(1, random -> {
                for (int after = 0; after <= all; after++) {
                    SimDisk disk = replaced();
                    SimDisk found = crashed(
                            disk, after, power, random, () -> Storage.putBack(Fixture.CONFIG, environment(disk)));
                    // A second crash, of the start that finishes it.
                    int more = random.nextInt(2 * all);
                    SimDisk again = crashed(found, more, random.nextBoolean(), random, () -> {
                        new Fixture(found).storage.close();
                    });
                    boolean replaced = assertOneOfTwo(again);
                    assertThat(replaced && after == all).as("after all").isFalse();
                    assertThat(replaced || after > 0).as("before all").isTrue();
                }
            });
        }
    }

    @Test
    void itIsPutBackWithoutACrash() {
        SimDisk disk = replaced();
        Storage.putBack(Fixture.CONFIG, environment(disk));
        assertThat(assertOneOfTwo(disk)).isFalse();
    }

    @Test
    void aCopyThatBeginsAgainLeavesTheOldOne() {
        SimDisk disk = replaced();
        setAside(Fixture.CONFIG, disk);
        assertThat(disk.exists(aside(2))).as("an unfinished copy is not kept").isFalse();
        assertThat(assertOneOfTwo(disk)).isTrue();
        Storage.putBack(Fixture.CONFIG, environment(disk));
        assertThat(assertOneOfTwo(disk)).isFalse();
    }

    @Test
    void aCopyThatIsLevelCounts() {
        SimDisk disk = replaced();
        Fixture copy = new Fixture(disk);
        copy.storage.copyIsLevel();
        assertThat(copy.storage.setAside()).isNull();
        copy.storage.close();
        Fixture again = new Fixture(disk.losePower(new Random(1)));
        assertThat(again.storage.setAside()).isNull();
        assertThat(again.read("T", 0)).isEqualTo(Map.of(0L, "copied"));
        again.storage.close();
    }

    @Test
    void recordsAreLostWhenSomebodyHasDeletedWhatCounts() {
        SimDisk disk = replaced();
        disk.delete(aside(1).resolve("epochs"));
        assertThatThrownBy(() -> Storage.putBack(Fixture.CONFIG, environment(disk)))
                .isInstanceOf(DiskException.class)
                .hasMessageContaining("aside-1 is gone");
        Fixture copy = new Fixture(disk);
        assertThat(copy.storage.hasLostRecords()).isTrue();
        assertThat(copy.storage.setAside()).isNull();
        copy.storage.lossIsKnown();
        copy.storage.close();
        Fixture again = new Fixture(disk);
        assertThat(again.storage.hasLostRecords()).isFalse();
        assertThat(again.read("T", 0)).isEqualTo(Map.of(0L, "copied"));
        again.storage.close();
    }

    @Test
    void aMarkThatIsDamagedOrOfAnotherVersionIsNamed() {
        SimDisk disk = replaced();
        Path mark = Fixture.FOLDER.resolve("set-aside");
        byte[] sound = disk.bytes(mark);
        disk.flip(mark, 150);
        assertThatThrownBy(() -> new Fixture(disk))
                .isInstanceOf(DiskException.class)
                .hasMessageContaining("set-aside is damaged")
                .hasMessageContaining("start with an empty one");
        byte[] later = sound.clone();
        later[11] = 2;
        CRC32C crc = new CRC32C();
        crc.update(later, 0, later.length - 4);
        ByteBuffer.wrap(later).putInt(later.length - 4, (int) crc.getValue());
        disk.replace(mark, later);
        assertThatThrownBy(() -> new Fixture(disk)).hasMessageContaining("has version 2");
    }
}
