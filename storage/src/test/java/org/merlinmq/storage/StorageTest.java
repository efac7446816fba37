package org.merlinmq.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.platform.disk.RealDisk;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.storage.log.AckLevel;
import org.merlinmq.storage.log.AppendBatch;
import org.merlinmq.storage.log.AppendStatus;
import org.merlinmq.storage.log.LogStats;
import org.merlinmq.storage.log.RecordReader;
import org.merlinmq.storage.queue.EntrySlice;
import org.merlinmq.storage.queue.Queue;
import org.merlinmq.testkit.SimClock;

final class StorageTest {
    @TempDir
    Path folder = Path.of(".");

    private final Records records = new Records();

    /** The disk is the machine's: however full it is, nothing is refused or deleted for that. */
    private StorageConfig config() {
        return StorageConfig.defaults(folder).withSegmentBytes(64 << 10).withDiskLimits(1, 1, 1);
    }

    private Storage open() {
        return open(config());
    }

    private static Storage open(StorageConfig config) {
        return Storage.open(config, new RealDisk(), new SimClock(), Progress.SILENT);
    }

    private static List<String> bodies(Storage storage, Queue queue) {
        List<String> bodies = new ArrayList<>();
        EntrySlice slice = new EntrySlice(16);
        RecordReader reader = storage.newRecordReader();
        byte[] record = new byte[1 << 20];
        for (long at = queue.minOffset(); queue.read(at, 16, slice) > 0; at += slice.count) {
            for (int i = 0; i < slice.count; i++) {
                assertThat(reader.read(slice, i, record, 0)).isEqualTo(RecordReader.READ_OK);
                RecordView view = new RecordView();
                assertThat(view.on(record, 0, slice.size[i])).isTrue();
                assertThat(view.queueOffset()).isEqualTo(at + i);
                assertThat(view.logOffset()).isEqualTo(slice.logOffset[i]);
                bodies.add(new String(record, view.bodyAt(), view.bodyBytes(), StandardCharsets.UTF_8));
            }
        }
        return bodies;
    }

    @Test
    void whatIsAppendedIsReadBackAlsoAfterReopening() {
        List<String> expected = new ArrayList<>();
        try (Storage storage = open()) {
            Queue queue = storage.queue("T", 3);
            List<AppendStatus> told = new ArrayList<>();
            AppendBatch batch = storage.newBatch(b -> told.add(b.status()));
            for (int i = 0; i < 500; i++) {
                for (int j = 0; j < 3; j++) {
                    expected.add("message " + i + "." + j + "x".repeat(i));
                    records.add(batch, queue, expected.getLast());
                }
                storage.append(batch);
                assertThat(told).hasSize(i + 1).endsWith(AppendStatus.STORED);
                assertThat(batch.queueOffset(2)).isEqualTo(i * 3 + 2);
                batch.clear();
            }
            assertThat(bodies(storage, queue)).isEqualTo(expected);
            assertThat(storage.maxLogOffset()).isGreaterThan(3 * (64 << 10));
        }
        try (Storage storage = open()) {
            assertThat(bodies(storage, storage.queue("T", 3))).isEqualTo(expected);
        }
    }

    @Test
    void aQueueCountsWhatWasAppendedSinceTheOpening() {
        try (Storage storage = open()) {
            Queue queue = storage.queue("T", 3);
            assertThat(appendedTo(queue, storage, 5)).isEqualTo(queue.appendedBytes());
            assertThat(queue.appendedMessages()).isEqualTo(5);
        }
        try (Storage storage = open()) {
            Queue queue = storage.queue("T", 3);
            assertThat(queue.maxOffset()).isEqualTo(5);
            assertThat(queue.appendedMessages()).isZero();
            assertThat(queue.appendedBytes()).isZero();
            assertThat(appendedTo(queue, storage, 2)).isEqualTo(queue.appendedBytes());
            assertThat(queue.appendedMessages()).isEqualTo(2);
        }
    }

    private long appendedTo(Queue queue, Storage storage, int messages) {
        AppendBatch batch = storage.newBatch(b -> {});
        long bytes = 0;
        for (int i = 0; i < messages; i++) {
            bytes += batch.recordBytes(records.add(batch, queue, "x".repeat(i + 1)));
        }
        storage.append(batch);
        return bytes;
    }

    @Test
    void aBatchThatWaitsForTheDiskIsToldWhenTheDiskHasIt() throws InterruptedException {
        try (Storage storage = open()) {
            Queue queue = storage.queue("T", 0);
            for (int i = 0; i < 20; i++) {
                CountDownLatch told = new CountDownLatch(1);
                AppendBatch batch = storage.newBatch(b -> told.countDown());
                batch.ackLevel(AckLevel.FLUSHED);
                records.add(batch, queue, "m" + i);
                storage.append(batch);
                assertThat(told.await(60, TimeUnit.SECONDS)).isTrue();
                assertThat(batch.status()).isEqualTo(AppendStatus.STORED);
                assertThat(storage.flushedLogOffset()).isGreaterThan(batch.logOffset(0));
            }
        }
    }

    @Test
    void syncsAndTheWaitsForThemAreCounted() {
        StorageConfig config = config();
        try (Storage storage = open(config.withFlush(FlushMode.SYNC))) {
            CountDownLatch told = appended(storage, 20);
            assertThat(awaited(told)).isTrue();
            LogStats stats = storage.stats();
            assertThat(stats.flushWaits().total()).isEqualTo(20);
            assertThat(stats.syncs().total()).isBetween(1L, 21L);
            assertThat(stats.flushWaits().sumNanos()).isPositive();
            assertThat(stats.syncs().sumNanos()).isPositive();
        }
        try (Storage storage = open(config)) {
            assertThat(awaited(appended(storage, 20))).isTrue();
            assertThat(storage.stats().flushWaits().total()).isZero();
        }
    }

    private CountDownLatch appended(Storage storage, int batches) {
        CountDownLatch told = new CountDownLatch(batches);
        for (int i = 0; i < batches; i++) {
            AppendBatch batch = storage.newBatch(b -> told.countDown());
            records.add(batch, storage.queue("T", 0), "m" + i);
            storage.append(batch);
        }
        return told;
    }

    private static boolean awaited(CountDownLatch told) {
        try {
            return told.await(60, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Test
    void anyOffsetMayBeAskedForAndOnlyRecordsComeBack() {
        try (Storage storage = open()) {
            AppendBatch batch = storage.newBatch(b -> {});
            Queue queue = storage.queue("T", 0);
            records.add(batch, queue, "one");
            records.add(batch, queue, "two");
            storage.append(batch);
            assertThat(storage.readRecord(batch.logOffset(1))).isNotNull().hasSize(batch.recordBytes(1));
            for (long at = -10; at < storage.maxLogOffset() + 10; at++) {
                boolean record = at == batch.logOffset(0) || at == batch.logOffset(1);
                assertThat(storage.readRecord(at) != null).isEqualTo(record);
            }
            assertThat(storage.readRecord(Long.MAX_VALUE)).isNull();
            assertThat(storage.readRecord(Long.MIN_VALUE)).isNull();
        }
    }

    @Test
    void aSecondOpenerIsToldWhoHasTheStore() {
        try (Storage storage = open()) {
            assertThat(storage.writeState().writable()).isTrue();
            assertThatThrownBy(this::open)
                    .isInstanceOf(DiskException.class)
                    .hasMessageContaining("pid " + ProcessHandle.current().pid());
        }
        open().close();
    }

    @Test
    void messagesAreFoundByKeyAndTime() {
        try (Storage storage = open()) {
            Queue queue = storage.queue("T", 0);
            AppendBatch batch = storage.newBatch(b -> {});
            for (int i = 0; i < 10; i++) {
                records.add(batch, queue, new byte[10], "KEYS\001a" + i + " all\002UNIQ_KEY\001u" + i + "\002");
            }
            storage.append(batch);
            long now = batch.storeMillis();
            assertThat(storage.queueOffsetAt(queue, now, false)).isZero();
            assertThat(storage.queueOffsetAt(queue, now + 1, false)).isEqualTo(10);
            assertThat(storage.queueOffsetAt(queue, now, true)).isEqualTo(9);
            assertThat(storage.queueOffsetAt(queue, now - 1, true)).isZero();
        }
        try (Storage storage = open()) {
            long[] all = storage.findByKey("T", "all", 100, 0, Long.MAX_VALUE);
            assertThat(all).hasSize(10).isSortedAccordingTo((a, b) -> Long.compare(b, a));
            assertThat(storage.findByKey("T", "a3", 100, 0, Long.MAX_VALUE)).hasSize(1);
            assertThat(storage.findByKey("T", "u4", 100, 0, Long.MAX_VALUE)).hasSize(1);
            assertThat(storage.findByKey("T", "u", 100, 0, Long.MAX_VALUE)).isEmpty();
            assertThat(storage.findByKey("U", "u4", 100, 0, Long.MAX_VALUE)).isEmpty();
        }
    }
}
