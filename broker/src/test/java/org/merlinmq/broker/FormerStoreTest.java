package org.merlinmq.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.platform.disk.DiskFile;
import org.merlinmq.storage.FlushMode;
import org.merlinmq.testkit.SimClock;
import org.merlinmq.testkit.SimDisk;

/**
 * Stores that version 0.1.0 wrote (its commit 2fd6f66), one closed and one copied while it ran: they open, their state is
 * brought into the log, and they are whole.
 */
class FormerStoreTest {
    private static final Path MERLIN = StateStore.FOLDER.resolve("merlin");

    static SimDisk store(String name) {
        SimDisk disk = new SimDisk();
        try (InputStream file = Objects.requireNonNull(
                        FormerStoreTest.class.getResourceAsStream("/golden/store-0.1.0-" + name + ".zip"));
                ZipInputStream zip = new ZipInputStream(file)) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                Path path = StateStore.FOLDER.resolve(entry.getName());
                disk.createFolders(Objects.requireNonNull(path.getParent()));
                byte[] bytes = zip.readAllBytes();
                try (DiskFile out = disk.create(path)) {
                    out.write(0, bytes, 0, bytes.length);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return disk.copy();
    }

    private static StateStore open(SimDisk disk) {
        return new StateStore(
                disk,
                StateStore.CONFIG.withSegmentBytes(1 << 20).withFlush(FlushMode.SYNC),
                new SimClock(Instant.parse("2026-11-29T05:50:00Z").toEpochMilli()));
    }

    private static void assertWhole(StateStore store, String name) {
        List<String> orders = new ArrayList<>();
        for (int i = 0; i < 20; i += 4) {
            orders.add("order " + i);
        }
        Map<String, String> content = store.content();
        assertThat(content)
                .containsEntry("topic Imported", "3 queues")
                .containsEntry("topic Orders", "4 queues")
                .containsEntry("topic Auto", "4 queues")
                .containsEntry("topic Again", "2 queues")
                .containsEntry("messages Orders 0", String.join(",", orders))
                .containsEntry("messages Again 0", "again 0,again 1,again 2")
                .doesNotContainKeys("topic Gone", "messages Again 1", "group Dead")
                .containsEntry("group G", "retries 7")
                .containsEntry("forbidden G", "Auto")
                .containsEntry("offset G Imported 0", "4")
                .containsEntry("offset G Imported 2", "6")
                .containsEntry("offset G Orders 3", "4");
        assertThat(content.containsKey("topic Last")).isEqualTo(name.equals("closed"));
        assertThat(Objects.requireNonNull(store.state.modes().find("Orders", "G"))
                        .popShareQueueNum())
                .isEqualTo(2);
        assertThat(store.storage.findQueue("Gone", 0)).isNull();
        List<Long> delayed = new ArrayList<>();
        store.storage.timers().list(0, (dueMillis, logOffset) -> delayed.add(dueMillis));
        assertThat(delayed).as("delayed messages").hasSize(2);
        assertThat(store.deleteUnused()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"closed", "killed"})
    void itIsWholeAtTheFirstStartAndAtTheNext(String name) {
        SimDisk disk = store(name);
        for (int start = 0; start < 3; start++) {
            try (StateStore store = open(disk)) {
                assertWhole(store, name);
            }
            assertThat(disk.files())
                    .noneMatch(file -> file.toString().endsWith(".journal"))
                    .noneMatch(file -> file.toString().endsWith(".snapshot"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"closed", "killed"})
    void aCrashAtAnyWriteOfTheMigrationLosesNothing(String name) {
        for (int operation = 1; ; operation++) {
            SimDisk disk = store(name);
            SimDisk found = crash(disk, operation);
            if (found == null) {
                break;
            }
            for (int start = 0; start < 2; start++) {
                try (StateStore store = open(found)) {
                    assertWhole(store, name);
                }
            }
        }
    }

    private static @Nullable SimDisk crash(SimDisk disk, int operation) {
        AtomicInteger count = new AtomicInteger();
        AtomicReference<@Nullable SimDisk> found = new AtomicReference<>();
        disk.fault((word, path, nth) -> {
            boolean changes = !word.equals("read") && !word.equals("open") && !word.equals("map");
            if (changes && count.incrementAndGet() == operation) {
                found.set(operation % 2 == 0 ? disk.killProcess() : disk.losePowerAndAllUnsynced());
                throw new DiskException("crash at " + word + " " + path, false, null);
            }
        });
        try (StateStore store = open(disk)) {
            assertThat(store.storage).isNotNull();
        } catch (DiskException dead) {
            // As it should.
        }
        return found.get();
    }

    @Test
    void aBitFlippedInTheMiddleOfTheOldJournalCostsOneRecord() {
        SimDisk disk = store("closed");
        disk.flip(MERLIN.resolve("state-00000000000000000001.journal"), 8 * 100);
        try (StateStore store = open(disk)) {
            assertThat(store.content().keySet())
                    .contains("topic Orders", "topic Auto", "topic Again", "topic Last", "messages Orders 0");
        }
    }
}
