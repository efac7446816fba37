package org.merlinmq.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.merlinmq.platform.disk.DiskFile;
import org.merlinmq.platform.disk.RealDisk;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.storage.Checkpoint.Part;
import org.merlinmq.storage.facts.RecordFacts;
import org.merlinmq.storage.facts.RecordRule;
import org.merlinmq.storage.queue.Queue;
import org.merlinmq.testkit.SimClock;
import org.merlinmq.testkit.SimDisk;
import org.merlinmq.testkit.SimThreads;

/** What a checkpoint says, and what a store does that finds less in it than it needs, or something older. */
class CheckpointTest {
    private static final Path MERLIN = Fixture.FOLDER.resolve("merlin");
    private static final long LAST_MILLIS = 1_700_000_000_000L;

    private final SimDisk disk = new SimDisk();

    @TempDir
    Path folder;

    @Test
    void whatIsWrittenIsReadAgainAndNothingShorterIsTakenForIt() {
        Checkpoint written =
                new Checkpoint(77, 88, List.of(Part.of("one", 3, new byte[] {1, 2}), Part.of("other", 1, new byte[0])));
        byte[] bytes = written.write();
        assertThat(Checkpoint.read(bytes)).isEqualTo(written);
        for (int length = 0; length < bytes.length; length++) {
            byte[] less = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> Checkpoint.read(less)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void anIndexThatTheCheckpointDoesNotKnowIsMadeFromTheLog() {
        Fixture store = new Fixture(disk, withoutKeys(Fixture.CONFIG));
        append(store, "first", "TAGS\001a\002KEYS\001k1 k2\002");
        long end = append(store, "second", "KEYS\001k2\002");
        store.storage.close();
        damage(0);

        Fixture again = new Fixture(disk);
        assertThat(again.storage.findByKey("T", "k2", 9, 0, Long.MAX_VALUE)).containsExactly(end);
        assertThat(queue(again).maxOffset()).as("the queues were not made anew").isEqualTo(2);
        again.storage.close();
    }

    @Test
    void anIndexThatCannotReadItsPartIsMadeFromTheLogAndNoOther() {
        Fixture store = new Fixture(disk);
        long first = append(store, "first", "KEYS\001k1\002");
        long second = append(store, "second", "KEYS\001k1\002");
        store.storage.close();
        Checkpoint last = Checkpoint.read(disk.bytes(MERLIN.resolve("checkpoint")));
        List<Part> parts = last.parts().stream()
                .map(part -> part.name().equals("key") ? new Part("key", 99, part.progress()) : part)
                .toList();
        new Checkpoint(last.upToLogOffset(), last.lastStoreMillis(), parts).store(disk, MERLIN);

        Fixture again = new Fixture(disk);
        assertThat(again.storage.findByKey("T", "k1", 9, 0, Long.MAX_VALUE)).containsExactly(second, first);
        assertThat(again.read("T", 0)).hasSize(2);
        again.storage.close();
        assertThat(Objects.requireNonNull(Checkpoint.read(disk.bytes(MERLIN.resolve("checkpoint")))
                                .part("key"))
                        .version())
                .isEqualTo(1);
    }

    @Test
    void whatACrashWouldLeaveToReadAgainIsCoveredSoonerIfItIsMuch() {
        SimThreads threads = new SimThreads(new Random(1));
        StorageConfig config =
                Fixture.CONFIG.withSegmentBytes(1 << 20).withCheckpoints(64 << 10, Duration.ofSeconds(5));
        Fixture store = new Fixture(disk, config, threads);
        append(store, "little", "");
        threads.advance(Duration.ofMillis(4900));
        assertThat(covered()).isZero();
        threads.advance(Duration.ofMillis(100));
        assertThat(covered()).isEqualTo(store.storage.maxLogOffset());
        append(store, "much".repeat(500), "");
        threads.advance(Duration.ofMillis(900));
        assertThat(covered()).isLessThan(store.storage.maxLogOffset());
        threads.advance(Duration.ofMillis(100));
        assertThat(covered()).isEqualTo(store.storage.maxLogOffset());
        store.storage.close();
    }

    private long covered() {
        return Checkpoint.read(disk.bytes(MERLIN.resolve("checkpoint"))).upToLogOffset();
    }

    private static StorageConfig withoutKeys(StorageConfig c) {
        return new StorageConfig(
                c.folder(),
                c.commitLogFolder(),
                c.segmentBytes(),
                c.maxRecordBytes(),
                c.flush(),
                c.flushInterval(),
                c.syncFlushTimeout(),
                c.retention(),
                c.deleteHours(),
                c.diskMaxUsed(),
                c.diskForce(),
                c.diskRefuse(),
                false,
                c.checkpointBytes(),
                c.checkpointEntries(),
                c.checkpointInterval(),
                c.setAside());
    }

    private static long append(Fixture store, String body, String properties) {
        store.batch.clear();
        store.records.add(store.batch, store.storage.queue("T", 0), Bytes.utf8(body), properties);
        store.storage.append(store.batch);
        return store.batch.logOffset(0);
    }

    private static Queue queue(Fixture store) {
        return Objects.requireNonNull(store.storage.findQueue("T", 0));
    }

    /** Turns a bit over in the body of the record at an offset: whoever reads the log again does not find it. */
    private void damage(long logOffset) {
        disk.flip(Fixture.segment(0), (logOffset + 89) * 8);
    }

    // A store of 0.1.0, as its own code has left it: three topics, one deleted, delayed messages, two of them
    // delivered.

    private static void due(RecordView record, RecordFacts facts) {
        String due = record.properties().get("DUE");
        if (due != null && record.topic().equals("DELAYED")) {
            facts.due(Long.parseLong(due));
        }
    }

    private void copyGolden() throws IOException {
        Path golden = Path.of("src/test/resources/golden/store-0.1.0");
        try (Stream<Path> all = Files.walk(golden)) {
            for (Path path : all.toList()) {
                Path to = folder.resolve(golden.relativize(path).toString());
                if (Files.isDirectory(path)) {
                    Files.createDirectories(to);
                } else {
                    Files.copy(path, to);
                }
            }
        }
    }

    private Storage openGolden(RecordRule rule) {
        StorageConfig config =
                StorageConfig.defaults(folder).withSegmentBytes(8 << 10).withDiskLimits(1, 1, 1);
        return Storage.open(config, new RealDisk(), new SimClock(LAST_MILLIS), rule, Progress.SILENT);
    }

    @Test
    void aStoreOfVersion010OpensWithItsCheckpoint() throws IOException {
        copyGolden();
        // What is read again is not found any more: all must come from the files that the checkpoint names.
        Path segment = folder.resolve("commitlog/00000000000000000000");
        try (DiskFile file = new RealDisk().open(segment)) {
            file.write(89, "X".getBytes(StandardCharsets.US_ASCII), 0, 1);
        }
        for (int start = 0; start < 2; start++) {
            try (Storage storage = openGolden(CheckpointTest::due)) {
                Queue first = Objects.requireNonNull(storage.findQueue("T", 0));
                assertThat(first.minOffset()).isZero();
                assertThat(Fixture.read(storage, first)).hasSize(9).doesNotContainKey(0L);
                assertThat(Fixture.read(storage, Objects.requireNonNull(storage.findQueue("T", 2))))
                        .hasSize(10)
                        .containsEntry(9L, "body 29");
                assertThat(storage.findQueue("GONE", 0)).isNull();
                assertThat(storage.findByKey("T", "all", 99, 0, Long.MAX_VALUE)).hasSize(29);
                assertThat(storage.findByKey("T", "k17", 99, 0, Long.MAX_VALUE)).hasSize(1);
                TreeSet<Long> dues = new TreeSet<>();
                storage.timers().list(0, (due, logOffset) -> dues.add(due));
                assertThat(dues)
                        .containsExactly(
                                1_700_000_100_005L, 1_700_000_100_015L, 1_700_000_100_020L, 1_700_000_100_025L);
            }
        }
    }
}
