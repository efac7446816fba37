package org.merlinmq.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.merlinmq.testkit.SimDisk;

/** One bit that was stored well and reads wrong, in any file: what is served is what was written, or nothing. */
final class BitFlipTest {
    private static final int MESSAGES = 12;

    private static SimDisk filled(Map<Long, String> expected) {
        Fixture store = new Fixture(new SimDisk());
        for (int i = 0; i < MESSAGES; i++) {
            expected.put((long) i, "message " + i);
            store.append("T", 0, "message " + i);
        }
        store.storage.close();
        return store.disk;
    }

    @Test
    void aFlippedBitOfARecordIsNeverServed() {
        Map<Long, String> expected = new TreeMap<>();
        SimDisk disk = filled(expected);
        Path segment = Fixture.segment(0);
        Fixture store = new Fixture(disk);
        long end = store.storage.maxLogOffset();
        for (long bit = 0; bit < end * 8; bit += 5) {
            disk.flip(segment, bit);
            Map<Long, String> found = store.read("T", 0);
            assertThat(found.size()).as("bit " + bit).isEqualTo(MESSAGES - 1);
            assertThat(expected.entrySet().containsAll(found.entrySet()))
                    .as("bit " + bit)
                    .isTrue();
            disk.flip(segment, bit);
        }
        assertThat(store.storage.stats().damagedReads()).isPositive();
        store.storage.close();
        // With the damage there from the start, the queue entries know what the record was.
        for (long bit = 5; bit < end * 8; bit += 97) {
            disk.flip(segment, bit);
            Fixture again = new Fixture(disk);
            Map<Long, String> found = again.read("T", 0);
            assertThat(found).as("bit " + bit).hasSize(MESSAGES - 1);
            assertThat(expected).containsAllEntriesOf(found);
            again.storage.close();
            disk.flip(segment, bit);
        }
    }

    @Test
    void aFlippedBitOfAnIndexFileIsMendedFromTheLog() {
        Map<Long, String> expected = new TreeMap<>();
        SimDisk filled = filled(expected);
        List<Path> files = filled.files().stream()
                .filter(path -> path.startsWith(Fixture.FOLDER.resolve("merlin")))
                .toList();
        assertThat(files).hasSizeGreaterThanOrEqualTo(4);
        for (Path file : files) {
            int bits = filled.bytes(file).length * 8;
            for (int bit = 0; bit < bits; bit += Math.max(1, bits / 150)) {
                SimDisk disk = filled.copy();
                disk.flip(file, bit);
                Fixture store = new Fixture(disk);
                Map<Long, String> found = store.read("T", 0);
                assertThat(expected).as(file + " bit " + bit).containsAllEntriesOf(found);
                long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
                while (found.size() < MESSAGES && System.nanoTime() < deadline) {
                    Thread.onSpinWait();
                    found = store.read("T", 0);
                }
                assertThat(found).as(file + " bit " + bit).isEqualTo(expected);
                store.append("T", 0, "new");
                assertThat(store.read("T", 0)).as(file + " bit " + bit).hasSize(MESSAGES + 1);
                store.storage.close();
            }
        }
    }

    @Test
    void whatWasDamagedBeforeACheckpointIsSkippedAndTheRestServed() {
        Map<Long, String> expected = new TreeMap<>();
        SimDisk filled = filled(expected);
        // Without the checkpoint all is read again: the body's checksum is what a record has of its own.
        SimDisk disk = filled.copy();
        disk.delete(Fixture.FOLDER.resolve("merlin/checkpoint"));
        int recordBytes = 0;
        try (Storage storage = new Fixture(disk.copy()).storage) {
            byte[] first = storage.readRecord(0);
            recordBytes = first == null ? 0 : first.length;
        }
        assertThat(recordBytes).isPositive();
        for (int at : new int[] {0, 3, 4, 7, 8, 28, 35, 84, 88, 90}) {
            SimDisk damaged = disk.copy();
            damaged.flip(Fixture.segment(0), (5L * recordBytes + at) * 8 + 2);
            Fixture store = new Fixture(damaged);
            Map<Long, String> found = store.read("T", 0);
            assertThat(found).as("byte " + at).hasSize(MESSAGES - 1).doesNotContainKey(5L);
            assertThat(expected).containsAllEntriesOf(found);
            store.storage.close();
        }
    }
}
