package org.merlinmq.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.merlinmq.platform.disk.DiskFile;
import org.merlinmq.storage.FlushMode;
import org.merlinmq.testkit.SimDisk;

/** Any one file beside the log of a stopped store may be flipped, cut, emptied or gone: nothing is lost by it. */
class StateDamageTest {
    private static final Path LOG = StateStore.CONFIG.commitLogFolder();

    private final SimDisk disk = new SimDisk();
    private Map<String, String> content = new TreeMap<>();

    @BeforeEach
    void fill() {
        try (StateStore store = new StateStore(disk, FlushMode.SYNC)) {
            for (int round = 0; round < 3; round++) {
                for (String topic : List.of("A", "B", "C" + round)) {
                    store.create(topic, 4);
                    store.send(topic, round, topic + " in round " + round);
                }
                store.state.groups().findOrCreate("G" + round);
                store.commit("G" + round, "A", round, round + 1);
                store.lock("G", "c", round);
                store.storage.checkpoint();
                store.delete("B");
            }
            store.create("B", 2);
            store.send("B", 1, "B of the last life");
            store.state.offsets().reset("G1", "A", 1, 0);
            content = store.content();
        }
    }

    private List<Path> filesBesideTheLog() {
        return disk.files().stream()
                .filter(file -> !file.startsWith(LOG) || file.endsWith("cut-at"))
                .filter(file -> !file.endsWith("lock"))
                .toList();
    }

    private void assertWhole(SimDisk damaged, String what) {
        try (StateStore store = new StateStore(damaged, FlushMode.SYNC)) {
            assertThat(store.mendedContent()).as(what).isEqualTo(content);
            assertThat(store.deleteUnused()).as(what).isZero();
            store.send("A", 3, "goes on");
        }
        try (StateStore store = new StateStore(damaged, FlushMode.SYNC)) {
            assertThat(store.mendedContent())
                    .as(what + ", at the second start")
                    .containsAllEntriesOf(content)
                    .hasSize(content.size() + 1);
        }
    }

    /** In each run of the tests other bytes: all of them with {@code -Dmerlin.damage.step=1}. */
    @Test
    void aFlippedBitInAnyByteOfAnyFileLosesNothing() {
        assertThat(filesBesideTheLog()).hasSizeGreaterThan(4);
        for (Path file : filesBesideTheLog()) {
            int bytes = disk.bytes(file).length;
            int step = Integer.getInteger("merlin.damage.step", 8)
                    * (file.toString().endsWith(".run") ? 16 : 1);
            for (int at = new Random().nextInt(step); at < bytes; at += step) {
                SimDisk damaged = disk.copy();
                damaged.flip(file, 8L * at + at % 8);
                try (StateStore store = new StateStore(damaged, FlushMode.SYNC)) {
                    assertThat(store.mendedContent())
                            .as(file + " flipped at byte " + at)
                            .isEqualTo(content);
                }
            }
        }
    }

    @Test
    void anyFileHalvedEmptiedOrDeletedLosesNothing() {
        Map<String, BiConsumer<SimDisk, Path>> damages = Map.of(
                "halved", (on, file) -> cut(on, file, on.bytes(file).length / 2),
                "emptied", (on, file) -> cut(on, file, 0),
                "deleted", SimDisk::delete);
        damages.forEach((name, damage) -> {
            for (Path file : filesBesideTheLog()) {
                SimDisk damaged = disk.copy();
                damage.accept(damaged, file);
                assertWhole(damaged, file + " " + name);
            }
        });
    }

    private static void cut(SimDisk on, Path file, int bytes) {
        try (DiskFile open = on.open(file)) {
            open.truncate(bytes);
        }
    }

    @Test
    void allThatIsBesideTheLogMayBeGoneWhileTheLogIsWhole() {
        SimDisk bare = disk.copy();
        filesBesideTheLog().forEach(bare::delete);
        assertWhole(bare, "all deleted");
    }
}
