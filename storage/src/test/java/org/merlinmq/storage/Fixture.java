package org.merlinmq.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.merlinmq.platform.thread.PlatformThreads;
import org.merlinmq.platform.thread.StoreThreads;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.storage.facts.RecordRule;
import org.merlinmq.storage.log.AppendBatch;
import org.merlinmq.storage.log.AppendStatus;
import org.merlinmq.storage.log.RecordReader;
import org.merlinmq.storage.queue.EntrySlice;
import org.merlinmq.storage.queue.Queue;
import org.merlinmq.testkit.SimClock;
import org.merlinmq.testkit.SimDisk;

/** A small store on a simulated disk. */
final class Fixture {
    static final Path FOLDER = Path.of("/store");
    static final Path LOG = FOLDER.resolve("commitlog");
    static final StorageConfig CONFIG =
            StorageConfig.defaults(FOLDER).withSegmentBytes(16 << 10).withCheckpoints(4 << 10, Duration.ofMillis(20));

    final SimDisk disk;
    final FlushMode mode;
    final Storage storage;
    final Records records = new Records();
    AppendStatus status = AppendStatus.REFUSED;
    final AppendBatch batch;

    Fixture(SimDisk disk) {
        this(disk, CONFIG);
    }

    Fixture(SimDisk disk, StorageConfig config) {
        this(disk, config, new PlatformThreads());
    }

    Fixture(SimDisk disk, StorageConfig config, StoreThreads threads) {
        this.disk = disk;
        this.mode = config.flush();
        StoreEnvironment environment = new StoreEnvironment(disk, new SimClock(), threads);
        this.storage = Storage.open(config, environment, RecordRule.NONE, Progress.SILENT);
        this.batch = storage.newBatch(b -> status = b.status());
    }

    static Path segment(long base) {
        return LOG.resolve("%020d".formatted(base));
    }

    /** Appends one message; returns where it begins. */
    long append(String topic, int queueId, String body) {
        batch.clear();
        records.add(batch, storage.queue(topic, queueId), body);
        storage.append(batch);
        return batch.logOffset(0);
    }

    /** What a reader gets of a queue: body by queue offset. What cannot be read is left out. */
    static Map<Long, String> read(Storage storage, Queue queue) {
        TreeMap<Long, String> bodies = new TreeMap<>();
        EntrySlice slice = new EntrySlice(7);
        RecordReader reader = storage.newRecordReader();
        byte[] record = new byte[32 << 10];
        RecordView view = new RecordView();
        for (long at = queue.minOffset(); queue.read(at, 7, slice) > 0; at += slice.count) {
            for (int i = 0; i < slice.count; i++) {
                if (reader.read(slice, i, record, 0) == RecordReader.READ_OK) {
                    assertThat(view.on(record, 0, slice.size[i])).isTrue();
                    assertThat(view.queueOffset()).isEqualTo(at + i);
                    assertThat(view.logOffset()).isEqualTo(slice.logOffset[i]);
                    assertThat(view.topic()).isEqualTo(queue.topic());
                    assertThat(view.queueId()).isEqualTo(queue.queueId());
                    bodies.put(at + i, new String(record, view.bodyAt(), view.bodyBytes(), StandardCharsets.UTF_8));
                }
            }
        }
        return bodies;
    }

    Map<Long, String> read(String topic, int queueId) {
        return read(storage, storage.queue(topic, queueId));
    }
}
