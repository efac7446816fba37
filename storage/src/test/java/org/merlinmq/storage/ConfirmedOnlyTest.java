package org.merlinmq.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.merlinmq.platform.disk.DiskFile;
import org.merlinmq.storage.queue.Queue;
import org.merlinmq.testkit.Seeds;
import org.merlinmq.testkit.SimClock;
import org.merlinmq.testkit.SimDisk;
import org.merlinmq.testkit.SimThreads;

/** A store that shows its consumers what is confirmed, and what it knows of that after a start. */
final class ConfirmedOnlyTest {
    private static final Path FILE = Fixture.FOLDER.resolve("merlin").resolve(ConfirmedFile.FILE);

    private static Fixture open(SimDisk disk) {
        Fixture opened = new Fixture(disk);
        opened.storage.readConfirmedOnly();
        return opened;
    }

    /** Three messages, of which the first two are confirmed; returns where the third one begins. */
    private static long three(Fixture store) {
        store.append("T", 0, "one");
        store.append("T", 0, "two");
        long third = store.append("T", 0, "three");
        store.storage.readableTo(third);
        return third;
    }

    @Test
    void consumersGetWhatIsConfirmedAndAreWokenForIt() {
        Fixture store = open(new SimDisk());
        store.append("T", 0, "one");
        long second = store.append("T", 0, "two");
        Queue queue = store.storage.queue("T", 0);
        assertThat(store.read("T", 0)).isEmpty();
        List<Long> arrived = new ArrayList<>();
        assertThat(queue.await((at, tagsCode, queueOffset) -> arrived.add(queueOffset), 0))
                .as("it waits for what is there")
                .isNotNull();
        assertThat(store.storage.queueOffsetAt(queue, Long.MAX_VALUE, false)).isZero();
        store.storage.readableTo(second);
        assertThat(arrived).containsExactly(0L);
        assertThat(store.read("T", 0)).containsOnlyKeys(0L);
        assertThat(store.storage.queueOffsetAt(queue, Long.MAX_VALUE, false)).isEqualTo(1);
        assertThat(store.storage.queueOffsetAt(queue, Long.MAX_VALUE, true)).isZero();
        // Through the log, not by hand.
        assertThat(queue.await((at, tagsCode, queueOffset) -> arrived.add(queueOffset), 1))
                .isNotNull();
        assertThat(queue.await((at, tagsCode, queueOffset) -> arrived.add(queueOffset), 2))
                .isNotNull();
        store.append("T", 0, "three");
        assertThat(arrived).containsExactly(0L);
        store.storage.readableTo(store.storage.maxLogOffset());
        assertThat(arrived).containsExactlyInAnyOrder(0L, 1L, 2L);
        store.storage.close();
    }

    @Test
    void aStoreThatIsOpenedAgainShowsWhatItKnewToBeConfirmed() {
        SimDisk disk = new SimDisk();
        Fixture store = open(disk);
        three(store);
        store.storage.close();
        store = open(disk);
        assertThat(store.read("T", 0)).containsOnlyKeys(0L, 1L);
        assertThat(store.storage.queue("T", 0).maxOffset()).isEqualTo(3);
        store.storage.close();
    }

    @Test
    void whatWasConfirmedASecondBeforeAKillIsKnown() {
        Seeds.forEach(20, random -> {
            SimThreads threads = new SimThreads(random);
            Fixture store = new Fixture(new SimDisk(), Fixture.CONFIG, threads);
            store.storage.readConfirmedOnly();
            long third = three(store);
            threads.advance(Duration.ofSeconds(1));
            threads.run();
            store.append("T", 0, "four");
            store.storage.readableTo(store.storage.maxLogOffset());
            SimDisk left = random.nextBoolean() ? store.disk.killProcess() : store.disk.losePower(random);
            store.storage.close();
            store = new Fixture(left, Fixture.CONFIG, threads);
            store.storage.readConfirmedOnly();
            assertThat(store.storage.readableEnd())
                    .isGreaterThanOrEqualTo(Math.min(third, store.storage.maxLogOffset()))
                    .isLessThanOrEqualTo(store.storage.maxLogOffset());
            store.storage.close();
        });
    }

    @Test
    void withoutAFileThatCanBeUsedNothingIsShownBeforeItIsConfirmed() {
        for (int damage = 0; damage < 3; damage++) {
            SimDisk disk = new SimDisk();
            Fixture store = open(disk);
            three(store);
            store.storage.close();
            switch (damage) {
                case 0 -> disk.delete(FILE);
                case 1 -> disk.flip(FILE, 8 * 15);
                default -> {
                    try (DiskFile torn = disk.open(FILE)) {
                        torn.truncate(10);
                    }
                }
            }
            store = open(disk);
            assertThat(store.read("T", 0)).as("damage " + damage).isEmpty();
            store.storage.readableTo(store.storage.maxLogOffset());
            assertThat(store.read("T", 0)).hasSize(3);
            store.storage.close();
            store = open(disk);
            assertThat(store.read("T", 0)).as("it is written again").hasSize(3);
            store.storage.close();
        }
    }

    @Test
    void whatComesInThePlaceOfWhatWasCutOffIsNotConfirmed() {
        SimDisk disk = new SimDisk();
        Fixture store = open(disk);
        store.append("T", 0, "one");
        long second = store.append("T", 0, "two");
        store.storage.readableTo(store.storage.maxLogOffset());
        store.storage.close();
        StoreEnvironment environment = StoreEnvironment.of(disk, new SimClock());
        assertThat(Storage.cutBack(Fixture.CONFIG, environment, second)).isTrue();
        // Opened by a role that shows all, and killed before it has written what is confirmed.
        store = new Fixture(disk);
        store.append("T", 0, "another two");
        store.append("T", 0, "three");
        disk = disk.killProcess();
        store.storage.close();
        store = open(disk);
        assertThat(store.read("T", 0)).containsOnlyKeys(0L);
        store.storage.close();
    }
}
