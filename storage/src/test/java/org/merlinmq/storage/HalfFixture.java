package org.merlinmq.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.message.PropertyName;
import org.merlinmq.protocol.message.RecordLayout;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.protocol.message.RecordWriter;
import org.merlinmq.protocol.message.SysFlag;
import org.merlinmq.storage.facts.RecordFacts;
import org.merlinmq.storage.facts.RecordRule;
import org.merlinmq.storage.log.AppendBatch;
import org.merlinmq.storage.log.AppendStatus;
import org.merlinmq.storage.log.SpaceRule;
import org.merlinmq.storage.queue.EntrySlice;
import org.merlinmq.storage.queue.Queue;
import org.merlinmq.storage.transaction.OpenHalf;
import org.merlinmq.storage.transaction.TransactionIndex;

/** A store with half messages as a broker has them: each is committed to {@code HOME}, or rolled back. */
final class HalfFixture implements AutoCloseable {
    static final String HALVES = RecordFacts.HALF_TOPIC_NAME;
    static final String DECIDED = RecordFacts.DECIDED_TOPIC_NAME;
    static final String CHECKED = RecordFacts.CHECKED_TOPIC_NAME;
    static final String HOME = "HOME";
    static final String GROUP = "G";

    final Storage storage;
    private final Runnable waiting;

    HalfFixture(StorageConfig config, StoreEnvironment environment, Runnable waiting) {
        this.waiting = waiting;
        storage = Storage.open(config, environment, RecordRule.NONE, Progress.SILENT);
    }

    /** Stores a half message; returns where it begins. */
    long half(String body) {
        return append(batch -> add(batch, HALVES, body, "PGROUP\u0001" + GROUP + "\u0002", 0, 0));
    }

    void fill(int messages) {
        for (int i = 0; i < messages; i++) {
            append(batch -> add(batch, "FILL", "x".repeat(1000), "", 0, 0));
        }
    }

    /** Commits a half message, named by its first place. */
    long commit(long first) {
        OpenHalf half = Objects.requireNonNull(storage.transactions().claim(first));
        String body = body(view(half.logOffset()));
        return append(batch -> {
            batch.spaceRule(SpaceRule.MAKES_ROOM);
            add(batch, HOME, body, "", SysFlag.COMMIT, RecordLayout.naming(half.logOffset()));
            decided(batch, List.of(half));
        });
    }

    /** Rolls half messages back by one record. */
    long rollBack(Long... firsts) {
        List<OpenHalf> halves = new ArrayList<>();
        for (long first : firsts) {
            halves.add(Objects.requireNonNull(storage.transactions().claim(first)));
        }
        return append(batch -> decided(batch, halves));
    }

    private void decided(AppendBatch batch, List<OpenHalf> halves) {
        StringBuilder body = new StringBuilder();
        halves.forEach(half -> body.append(half.queueOffset()).append(','));
        add(batch, DECIDED, body.toString(), "TAGS\u0001d\u0002", 0, 0);
    }

    /** Counts a check of each. */
    void check(List<OpenHalf> halves) {
        ByteWriter body = new ByteWriter();
        TransactionIndex.writeChecked(body, halves);
        append(batch -> add(batch, CHECKED, body.toByteArray(), "", 0, 0));
    }

    long append(String topic, String body, String properties) {
        return append(batch -> add(batch, topic, body, properties, 0, 0));
    }

    private void add(AppendBatch batch, String topic, String body, String properties, int sysFlag, long prepared) {
        add(batch, topic, Bytes.utf8(body), properties, sysFlag, prepared);
    }

    private void add(AppendBatch batch, String topic, byte[] body, String properties, int sysFlag, long prepared) {
        ByteWriter out = batch.bytes();
        byte[] name = Bytes.utf8(topic);
        RecordWriter writer = new RecordWriter()
                .queueId(0)
                .sysFlag(sysFlag)
                .bornHost(new byte[] {127, 0, 0, 1}, 4711)
                .storeHost(new byte[] {127, 0, 0, 1}, 10911)
                .bornMillis(1000)
                .preparedOffset(prepared);
        int at = writer.begin(out, body, 0, body.length, name, 0, name.length);
        out.putUtf8(properties);
        int size = writer.end(out);
        RecordView view = new RecordView();
        view.on(out.array(), at, size);
        batch.add(storage.queue(topic, 0), at, size, new RecordFacts().read(view, RecordRule.NONE));
    }

    void fillUntilRefused() {
        AppendStatus last = AppendStatus.STORED;
        for (int i = 0; i < 5000 && last != AppendStatus.REFUSED; i++) {
            last = appendAny(batch -> add(batch, "FILL", "x".repeat(1000), "", 0, 0))
                    .status();
        }
        assertThat(last).isEqualTo(AppendStatus.REFUSED);
    }

    private long append(Consumer<AppendBatch> records) {
        AppendBatch batch = appendAny(records);
        assertThat(batch.status()).as(batch.reason()).isNotEqualTo(AppendStatus.REFUSED);
        return batch.logOffset(0);
    }

    private AppendBatch appendAny(Consumer<AppendBatch> records) {
        CountDownLatch told = new CountDownLatch(1);
        AppendBatch batch = storage.newBatch(b -> told.countDown());
        records.accept(batch);
        storage.append(batch);
        long patience = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (told.getCount() > 0) {
            assertThat(System.nanoTime()).isLessThan(patience);
            waiting.run();
        }
        return batch;
    }

    /** The log itself looks again and again whether it can make a segment. */
    void awaitWritable() {
        long patience = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!storage.writeState().writable()) {
            assertThat(System.nanoTime()).isLessThan(patience);
            waiting.run();
        }
    }

    /** Lets open half messages be relocated. */
    HalfFixture carrying() {
        storage.beforeHalvesExpire((record, half, to) -> {
            String properties = "PGROUP\u0001" + GROUP + "\u0002" + PropertyName.TRAN_PREPARED_QUEUE_OFFSET + "\u0001"
                    + half.firstQueueOffset() + "\u0002" + PropertyName.FIRST_HALF_LOG_OFFSET + "\u0001"
                    + half.firstLogOffset() + "\u0002" + PropertyName.TRANSACTION_CHECK_TIMES + "\u0001"
                    + half.checks() + "\u0002";
            add(to, HALVES, body(record), properties, 0, RecordLayout.naming(record.logOffset()));
            return true;
        });
        return this;
    }

    /** What is open: the bodies, in the order of the log. */
    List<String> open() {
        List<String> found = new ArrayList<>();
        storage.transactions().list(0, Integer.MAX_VALUE).forEach(half -> found.add(body(view(half.logOffset()))));
        assertThat(storage.transactions().count()).isEqualTo(found.size());
        return found;
    }

    List<String> committed() {
        return new ArrayList<>(Fixture.read(storage, storage.queue(HOME, 0)).values());
    }

    /** What is open as far as the records tell, without the index: body by place. */
    Set<Long> openByRecords() {
        Set<Long> open = new TreeSet<>();
        Set<Long> closed = new HashSet<>();
        List<RecordView> halves = read(HALVES);
        halves.forEach(half -> open.add(half.logOffset()));
        for (String topic : List.of(HOME, HALVES)) {
            read(topic).forEach(record -> closed.add(RecordLayout.named(record.preparedOffset())));
        }
        for (RecordView decided : read(DECIDED)) {
            for (String number : body(decided).split(",", -1)) {
                halves.stream()
                        // A power loss may take a half message and leave a later decision; its number is given again.
                        .filter(half -> half.logOffset() < decided.logOffset())
                        .filter(half -> Long.toString(half.queueOffset()).equals(number))
                        .forEach(half -> closed.add(half.logOffset()));
            }
        }
        open.removeAll(closed);
        return open;
    }

    private List<RecordView> read(String topic) {
        List<RecordView> found = new ArrayList<>();
        Queue queue = storage.findQueue(topic, 0);
        EntrySlice one = new EntrySlice(1);
        for (long at = queue == null ? 0 : queue.minOffset(); queue != null && at < queue.maxOffset(); at++) {
            if (queue.read(at, 1, one) == 1) {
                RecordView record = find(one.logOffset[0]);
                if (record != null) {
                    found.add(record);
                }
            }
        }
        return found;
    }

    private @Nullable RecordView find(long logOffset) {
        byte[] bytes = storage.readRecord(logOffset);
        RecordView view = new RecordView();
        return bytes != null && view.on(bytes, 0, bytes.length) ? view : null;
    }

    RecordView view(long logOffset) {
        return Objects.requireNonNull(find(logOffset), () -> "no record at " + logOffset);
    }

    static String body(RecordView record) {
        return new String(record.bytes(), record.bodyAt(), record.bodyBytes(), StandardCharsets.UTF_8);
    }

    /** Waits until the disk has all that was stored. */
    void awaitFlushed() {
        long end = storage.maxLogOffset();
        long patience = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (storage.flushedLogOffset() < end) {
            assertThat(System.nanoTime()).isLessThan(patience);
            waiting.run();
        }
    }

    @Override
    public void close() {
        storage.close();
    }
}
