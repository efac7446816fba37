package org.merlinmq.replication.apache;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.protocol.message.RecordWriter;
import org.merlinmq.storage.CopyStart;
import org.merlinmq.storage.Progress;
import org.merlinmq.storage.Storage;
import org.merlinmq.storage.StorageConfig;
import org.merlinmq.storage.StoreEnvironment;
import org.merlinmq.storage.facts.RecordFacts;
import org.merlinmq.storage.facts.RecordRule;
import org.merlinmq.storage.log.AppendBatch;
import org.merlinmq.storage.log.AppendStatus;
import org.merlinmq.storage.log.RecordReader;
import org.merlinmq.storage.queue.EntrySlice;
import org.merlinmq.storage.queue.Queue;
import org.merlinmq.testkit.SimClock;
import org.merlinmq.testkit.SimDisk;

/** A store of small segments on a simulated disk, with a batch to fill it. */
final class TestStore implements AutoCloseable {
    static final int SEGMENT = 128 << 10;
    static final StreamTiming TIMING = StreamTiming.defaults();

    private static final StorageConfig CONFIG = StorageConfig.defaults(Path.of("/store"))
            .withSegmentBytes(SEGMENT)
            .withCheckpoints(32 << 10, Duration.ofMillis(20));

    final SimDisk disk;
    final Storage storage;
    private final AppendBatch batch;
    private final RecordWriter writer = new RecordWriter();
    private final RecordView view = new RecordView();
    private final RecordFacts facts = new RecordFacts();

    TestStore(SimDisk disk) {
        this.disk = disk;
        storage = Storage.open(CONFIG, disk, new SimClock(), Progress.SILENT);
        batch = storage.newBatch(done -> {});
        writer.bornHost(new byte[] {127, 0, 0, 1}, 4711).storeHost(new byte[] {127, 0, 0, 1}, 10911);
    }

    TestStore() {
        this(new SimDisk());
    }

    /** A store without records whose log begins late. */
    static TestStore beginningAt(long logOffset) {
        SimDisk disk = new SimDisk();
        StoreEnvironment environment = StoreEnvironment.of(disk, new SimClock());
        Storage.begin(CONFIG, environment, CopyStart.ofLogAlone(logOffset, SEGMENT));
        assertThat(disk.exists(Path.of("/store/epochs")))
                .as("a store without this table would be reported as damaged")
                .isTrue();
        return new TestStore(disk);
    }

    /** Appends one message. */
    void append(String topic, String body) {
        batch.clear();
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        byte[] name = topic.getBytes(StandardCharsets.UTF_8);
        writer.queueId(0).bornMillis(1000);
        int at = writer.begin(batch.bytes(), bytes, 0, bytes.length, name, 0, name.length);
        int size = writer.end(batch.bytes());
        view.on(batch.bytes().array(), at, size);
        batch.add(storage.queue(topic, 0), at, size, facts.read(view, RecordRule.NONE));
        storage.append(batch);
        assertThat(batch.status()).as(batch.reason()).isEqualTo(AppendStatus.STORED);
    }

    /** Appends messages until the log has grown by so much. */
    void fill(long bytes) {
        long end = storage.maxLogOffset() + bytes;
        for (int i = 0; storage.maxLogOffset() < end; i++) {
            append("T", "message " + i + "x".repeat(i % 700));
        }
    }

    /** The log's bytes from an offset to its end. */
    byte[] log(long from) {
        byte[] bytes = new byte[(int) (storage.maxLogOffset() - from)];
        for (int at = 0; at < bytes.length; ) {
            at += storage.copyLog(from + at, bytes, at, bytes.length - at);
        }
        return bytes;
    }

    /** The bodies of all messages of a topic. */
    List<String> read(String topic) {
        List<String> bodies = new ArrayList<>();
        Queue queue = storage.queue(topic, 0);
        EntrySlice slice = new EntrySlice(16);
        RecordReader reader = storage.newRecordReader();
        byte[] record = new byte[16 << 10];
        for (long at = queue.minOffset(); queue.read(at, 16, slice) > 0; at += slice.count) {
            for (int i = 0; i < slice.count; i++) {
                assertThat(reader.read(slice, i, record, 0)).isEqualTo(RecordReader.READ_OK);
                view.on(record, 0, slice.size[i]);
                bodies.add(new String(record, view.bodyAt(), view.bodyBytes(), StandardCharsets.UTF_8));
            }
        }
        return bodies;
    }

    static void await(String what, BooleanSupplier holds) {
        long started = System.nanoTime();
        while (!holds.getAsBoolean()) {
            assertThat(System.nanoTime() - started).as(what).isLessThan(TimeUnit.SECONDS.toNanos(120));
            LockSupport.parkNanos(1_000_000);
        }
    }

    @Override
    public void close() {
        storage.close();
    }
}
