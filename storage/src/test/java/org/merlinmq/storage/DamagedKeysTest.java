package org.merlinmq.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.merlinmq.storage.facts.KeyHash;
import org.merlinmq.storage.queue.Queue;
import org.merlinmq.testkit.SimDisk;

class DamagedKeysTest {
    private static final int MESSAGES = 40;
    private static final int RUN_HEADER_BITS = 64 * 8;

    /** The first search meets the damage, and has to answer before it is mended. */
    @ParameterizedTest
    @ValueSource(ints = {0, 71, 32 * 8 * MESSAGES - 1})
    void whatADamagedRunHoldsIsFoundAtOnce(int bit) {
        SimDisk disk = filled();
        List<Path> runs = disk.files().stream()
                .filter(file -> file.getFileName().toString().startsWith("key-"))
                .toList();
        assertThat(runs).hasSize(1);
        disk.flip(runs.getFirst(), RUN_HEADER_BITS + bit);

        Fixture store = new Fixture(disk);
        long[] found = store.storage.findByKey("T", "all", 100, 0, Long.MAX_VALUE);
        assertThat(found).hasSize(MESSAGES).isSortedAccordingTo((a, b) -> Long.compare(b, a));
        store.storage.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7})
    void theNewestAreFoundAndNothingElse(int max) {
        SimDisk disk = filled();
        disk.files().stream()
                .filter(file -> file.getFileName().toString().startsWith("key-"))
                .forEach(file -> disk.flip(file, RUN_HEADER_BITS));
        Fixture store = new Fixture(disk);
        long[] found = store.storage.findByKey("T", "all", max, 0, Long.MAX_VALUE);
        assertThat(found).hasSize(max);
        assertThat(store.storage.readRecord(found[0])).isNotNull();
        assertThat(store.storage.findByKey("T", "all", 100, 0, Long.MAX_VALUE)).startsWith(found);
        assertThat(store.storage.findByKey("T", "al", 100, 0, Long.MAX_VALUE)).isEmpty();
        assertThat(store.storage.findByKey("U", "all", 100, 0, Long.MAX_VALUE)).isEmpty();
        store.storage.close();
    }

    /** Only unique keys are read from the log again. */
    @ParameterizedTest
    @ValueSource(ints = {0, 71, 32 * 8 * MESSAGES - 1})
    void allUniqueKeysAreVisitedWhateverIsDamaged(int bit) {
        SimDisk disk = filled();
        disk.files().stream()
                .filter(file -> file.getFileName().toString().startsWith("key-"))
                .forEach(file -> disk.flip(file, RUN_HEADER_BITS + bit));
        Fixture store = new Fixture(disk);
        Map<Long, Long> visited = new HashMap<>();
        store.storage.forEachKeySince(0, visited::put);
        long topic = KeyHash.topic(new byte[] {'T'}, 0, 1);
        for (int i = 0; i < MESSAGES; i++) {
            byte[] key = ("u" + i).getBytes(StandardCharsets.US_ASCII);
            long logOffset = visited.getOrDefault(KeyHash.of(topic, key, 0, key.length), -1L);
            assertThat(store.storage.readRecord(logOffset)).as("message %s", i).isNotNull();
        }
        store.storage.close();
    }

    private static SimDisk filled() {
        StorageConfig oneCheckpoint = Fixture.CONFIG.withCheckpoints(1 << 30, Duration.ofDays(1));
        Fixture store = new Fixture(new SimDisk(), oneCheckpoint);
        Queue queue = store.storage.queue("T", 0);
        for (int i = 0; i < MESSAGES; i++) {
            store.batch.clear();
            store.records.add(store.batch, queue, new byte[10], "KEYS\001all\002UNIQ_KEY\001u" + i + "\002");
            store.storage.append(store.batch);
        }
        store.storage.close();
        return store.disk;
    }
}
