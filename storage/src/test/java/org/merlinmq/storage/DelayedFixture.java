package org.merlinmq.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.message.RecordLayout;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.protocol.message.RecordWriter;
import org.merlinmq.storage.facts.RecordFacts;
import org.merlinmq.storage.log.AppendBatch;
import org.merlinmq.storage.log.AppendStatus;
import org.merlinmq.storage.log.SpaceRule;
import org.merlinmq.storage.run.DamagedRunException;
import org.merlinmq.testkit.SimDisk;

/**
 * A store with delayed messages as a broker has them: each waits in the topic {@code DELAYED} with its due time among its
 * properties, and is delivered to {@code HOME} by a copy that names it.
 */
final class DelayedFixture implements AutoCloseable {
    private static final String WAITS = "DELAYED";
    private static final String HOME = "HOME";

    final Storage storage;
    private final SimDisk disk;

    DelayedFixture(SimDisk disk, StorageConfig config, Clock clock) {
        this.disk = disk;
        storage = Storage.open(config, disk, clock, DelayedFixture::due, Progress.SILENT);
    }

    private static void due(RecordView record, RecordFacts facts) {
        String due = record.properties().get("DUE");
        if (due != null && record.topic().equals(WAITS)) {
            facts.due(Long.parseLong(due));
        }
    }

    /** Stores a delayed message; its body says which. */
    AppendStatus delay(String body, long dueMillis) {
        return append(batch -> add(batch, WAITS, body, dueMillis, 0));
    }

    /** Stores a message of a thousand bytes that is not delayed. */
    void fill(int messages) {
        for (int i = 0; i < messages; i++) {
            assertThat(append(batch -> add(batch, "FILL", "x".repeat(1000), 0, 0)))
                    .isEqualTo(AppendStatus.STORED);
        }
    }

    /** Uses up what room the log has. */
    void fillUntilRefused() {
        AppendStatus last = AppendStatus.STORED;
        for (int i = 0; i < 1000 && last == AppendStatus.STORED; i++) {
            last = append(batch -> add(batch, "FILL", "x".repeat(50), 0, 0));
        }
        assertThat(last).isEqualTo(AppendStatus.REFUSED);
    }

    /** Stores a message that is not delayed. */
    void send(String topic, int queueId, String body) {
        assertThat(append(batch -> add(batch, topic, queueId, body, 0, 0))).isEqualTo(AppendStatus.STORED);
    }

    private void add(AppendBatch batch, String topic, String body, long dueMillis, long prepared) {
        add(batch, topic, 0, body, dueMillis, prepared);
    }

    private void add(AppendBatch batch, String topic, int queueId, String body, long dueMillis, long prepared) {
        ByteWriter out = batch.bytes();
        byte[] name = Bytes.utf8(topic);
        byte[] text = Bytes.utf8(body);
        RecordWriter writer = new RecordWriter()
                .queueId(queueId)
                .bornHost(new byte[] {127, 0, 0, 1}, 4711)
                .storeHost(new byte[] {127, 0, 0, 1}, 10911)
                .bornMillis(1000)
                .preparedOffset(prepared);
        int at = writer.begin(out, text, 0, text.length, name, 0, name.length);
        if (dueMillis > 0) {
            out.putUtf8("DUE\u0001" + dueMillis + "\u0002");
        }
        int size = writer.end(out);
        RecordView view = new RecordView();
        view.on(out.array(), at, size);
        batch.add(storage.queue(topic, queueId), at, size, new RecordFacts().read(view, DelayedFixture::due));
    }

    private AppendStatus append(Consumer<AppendBatch> records) {
        CountDownLatch told = new CountDownLatch(1);
        AppendBatch batch = storage.newBatch(b -> told.countDown());
        records.accept(batch);
        storage.append(batch);
        try {
            assertThat(told.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return batch.status();
    }

    /** Lets delayed messages be relocated. */
    DelayedFixture carrying() {
        storage.beforeExpiry(this::copy);
        return this;
    }

    private boolean copy(RecordView record, long dueMillis, AppendBatch to) {
        add(to, WAITS, body(record), dueMillis, RecordLayout.naming(record.logOffset()));
        return true;
    }

    /** Delivers what is due, until nothing is: what the store's own thread is just carrying over comes after that. */
    void deliver(long nowMillis) {
        long patience = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        do {
            assertThat(System.nanoTime())
                    .as(() -> "time to deliver " + pending())
                    .isLessThan(patience);
            storage.timers().drainDue(nowMillis, (due, logOffset) -> {
                String body = body(view(logOffset));
                return append(batch -> {
                            batch.spaceRule(SpaceRule.MAKES_ROOM);
                            add(batch, HOME, body, 0, RecordLayout.naming(logOffset));
                        })
                        == AppendStatus.STORED;
            });
        } while (isDue(nowMillis));
    }

    private boolean isDue(long nowMillis) {
        boolean[] any = {false};
        try {
            storage.timers().list(0, (due, logOffset) -> {
                any[0] = due <= nowMillis;
                return false;
            });
        } catch (DamagedRunException e) {
            // It is being mended.
            return true;
        }
        return any[0];
    }

    /** Waits until all timers are in a run; returns the files of runs. */
    List<Path> awaitRuns() {
        long patience = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (storage.timers().tailEntries() > 0) {
            assertThat(System.nanoTime()).isLessThan(patience);
            Thread.onSpinWait();
        }
        return disk.files().stream()
                .filter(file -> file.getFileName().toString().startsWith("timer-"))
                .toList();
    }

    /** What is pending and can be read: {@code body@due}, by due time. */
    List<String> pending() {
        List<String> found = new ArrayList<>();
        storage.timers().list(0, (due, logOffset) -> found.add(body(view(logOffset)) + "@" + due));
        return found;
    }

    List<String> delivered() {
        return new ArrayList<>(Fixture.read(storage, storage.queue(HOME, 0)).values());
    }

    /** Waits until the disk has all that was stored. */
    void awaitFlushed() {
        long end = storage.maxLogOffset();
        long patience = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (storage.flushedLogOffset() < end) {
            assertThat(System.nanoTime()).isLessThan(patience);
            Thread.onSpinWait();
        }
    }

    private RecordView view(long logOffset) {
        byte[] bytes = Objects.requireNonNull(storage.readRecord(logOffset), "no record at " + logOffset);
        RecordView view = new RecordView();
        assertThat(view.on(bytes, 0, bytes.length)).isTrue();
        return view;
    }

    private static String body(RecordView record) {
        return new String(record.bytes(), record.bodyAt(), record.bodyBytes(), StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        storage.close();
    }
}
