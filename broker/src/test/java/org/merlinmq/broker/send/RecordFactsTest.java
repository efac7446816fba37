package org.merlinmq.broker.send;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.merlinmq.broker.offset.TestStore;
import org.merlinmq.broker.schedule.DelayLevels;
import org.merlinmq.broker.schedule.DelayRule;
import org.merlinmq.broker.schedule.DelayedRecords;
import org.merlinmq.broker.schedule.RecordCopy;
import org.merlinmq.broker.schedule.RocketMqDelayProgress;
import org.merlinmq.broker.schedule.ScheduleConfig;
import org.merlinmq.broker.schedule.ScheduleTopics;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.message.RecordLayout;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.protocol.message.RecordWriter;
import org.merlinmq.protocol.message.SysFlag;
import org.merlinmq.storage.Storage;
import org.merlinmq.storage.facts.KeyHash;
import org.merlinmq.storage.facts.RecordFacts;
import org.merlinmq.storage.index.PublishedRecords;
import org.merlinmq.storage.log.AppendBatch;
import org.merlinmq.storage.log.AppendStatus;
import org.merlinmq.storage.queue.EntrySlice;
import org.merlinmq.storage.queue.Queue;
import org.merlinmq.testkit.Seeds;
import org.merlinmq.testkit.SimClock;

/** A record means the same to the send that stores it and to whoever finds it in the log. */
class RecordFactsTest {
    private static final long NOW = 1_700_000_000_000L;
    private static final String[] NAMES = {
        "TAGS",
        "KEYS",
        "UNIQ_KEY",
        "DELAY",
        "TIMER_DELAY_MS",
        "TIMER_DELAY_SEC",
        "TIMER_DELIVER_MS",
        "TIMER_OUT_MS",
        "REAL_TOPIC",
        "REAL_QID",
        "WAIT",
        "a",
        "TAG",
        "KEYSS",
        ""
    };
    private static final String[] VALUES = {
        "", "a", "a b", "  two  blanks ", " ", "TagA||TagB", "7", "3", "0", "1500", "é€", "1700000600000", "word word"
    };
    private static final int[] TRANSACTIONS = {0, 0, 0, SysFlag.PREPARED, SysFlag.COMMIT, SysFlag.ROLLBACK};

    private final SendProperties properties = new SendProperties();
    private final DelayRule delay = new DelayRule(ScheduleConfig.defaults());
    private final DelayedRecords rule = new DelayedRecords(DelayLevels.STANDARD, RocketMqDelayProgress.NOTHING);
    private final RecordWriter writer = new RecordWriter();
    private final RecordFacts sent = new RecordFacts();

    @TempDir
    Path folder;

    /** A record as a send encodes it; what it means to the send is in {@link #sent}. */
    private record Encoded(String topic, int queueId, int recordAt, int recordBytes) {}

    private Encoded encode(RandomGenerator random, ByteWriter out, int sysFlag) {
        byte[] wanted = Bytes.utf8(randomProperties(random));
        String topic = random.nextBoolean() ? "T" : "%RETRY%g";
        int queueId = random.nextInt(3);
        boolean held = false;
        byte[] stored = wanted;
        // As RecordStager does with what has a delay.
        if (delay.decide(wanted, 0, wanted.length, NOW) == DelayRule.HELD) {
            ByteWriter rewritten = new ByteWriter(0);
            byte[] home = Bytes.utf8(topic);
            delay.writeProperties(wanted, 0, wanted.length, home, 0, home.length, queueId, rewritten);
            stored = rewritten.toByteArray();
            topic = Bytes.text(delay.topic(), 0, delay.topic().length);
            queueId = delay.queueId();
            held = true;
        }
        writer.queueId(queueId)
                .sysFlag(sysFlag)
                .bornHost(new byte[random.nextBoolean() ? 4 : 16], 1)
                .storeHost(new byte[random.nextBoolean() ? 4 : 16], 2)
                .reconsumeTimes(random.nextInt(3))
                .preparedOffset(random.nextInt(3) == 0 ? RecordLayout.naming(random.nextInt(2) * 77L) : 0);
        byte[] name = Bytes.utf8(topic);
        byte[] body = new byte[1 + random.nextInt(20)];
        int at = writer.begin(out, body, 0, body.length, name, 0, name.length);
        int propertiesAt = out.length();
        out.put(stored);
        properties.scan(out.array(), propertiesAt, stored.length);
        int size = writer.end(out);
        properties.describe(sent, out.array(), at, propertiesAt, KeyHash.topic(name, 0, name.length));
        if (held) {
            delay.describe(sent);
        }
        return new Encoded(topic, queueId, at, size);
    }

    private static String randomProperties(RandomGenerator random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(8); i > 0; i--) {
            text.append(NAMES[random.nextInt(NAMES.length)]);
            if (random.nextInt(20) > 0) {
                text.append('\u0001');
            }
            text.append(VALUES[random.nextInt(VALUES.length)]);
            if (i > 1 || random.nextBoolean()) {
                text.append('\u0002');
            }
        }
        return text.toString();
    }

    private static List<Long> all(PublishedRecords records, int i) {
        List<Long> list = new ArrayList<>(List.of(records.tagsCode(i), records.dueMillis(i), records.settles(i)));
        IntStream.range(0, 31).forEach(bit -> list.add(records.is(i, 1 << bit) ? 1L << bit : 0));
        IntStream.range(records.keysBegin(i), records.keysEnd(i)).forEach(k -> list.add(records.key(k)));
        return list;
    }

    @Test
    void theSendsScanAndTheRecordTellTheSame() {
        Seeds.forEach(5_000, random -> {
            ByteWriter out = new ByteWriter(16);
            out.put(new byte[random.nextInt(9)]);
            Encoded one = encode(random, out, TRANSACTIONS[random.nextInt(TRANSACTIONS.length)] | random.nextInt(4));
            // The log takes its time when it places a record.
            long storeMillis = NOW + random.nextInt(100);
            RecordLayout.place(out.array(), one.recordAt, 5, 4711, storeMillis);
            RecordView view = new RecordView();
            assertThat(view.on(out.array(), one.recordAt, one.recordBytes)).isTrue();

            PublishedRecords rows = new PublishedRecords();
            rows.add(null, one.recordAt, one.recordBytes, sent);
            rows.storedAt(0, storeMillis);
            rows.add(null, one.recordAt, one.recordBytes, new RecordFacts().read(view, rule));
            assertThat(all(rows, 0)).isEqualTo(all(rows, 1));
        });
    }

    /** Copies too: the store that appended them, and the one that has nothing but their log. */
    @Test
    void whatIsBuiltAtAppendIsBuiltAgainFromTheLog() {
        int[] round = {0};
        Seeds.forEach(20, random -> {
            Path place = Files.createDirectory(folder.resolve("store-" + round[0]++));
            SimClock clock = new SimClock(NOW);
            List<String> appended;
            try (TestStore store = new TestStore(place, clock, rule)) {
                for (int i = 0; i < 20; i++) {
                    clock.advance(Duration.ofMillis(random.nextInt(50)));
                    appendSome(random, store.storage());
                }
                appended = indexed(store.storage());
            }
            TestStore.keepOnlyTheLog(place);
            try (TestStore store = new TestStore(place, clock, rule)) {
                assertThat(indexed(store.storage())).isEqualTo(appended);
            }
        });
    }

    private void appendSome(RandomGenerator random, Storage storage) {
        AppendBatch batch = storage.newBatch(done -> {});
        for (int i = random.nextInt(4); i >= 0; i--) {
            Encoded one = encode(random, batch.bytes(), random.nextInt(4));
            batch.add(storage.queue(one.topic, one.queueId), one.recordAt, one.recordBytes, sent);
        }
        int stored = batch.count();
        storage.append(batch);
        assertThat(batch.status()).isEqualTo(AppendStatus.STORED);
        long[] logOffsets =
                IntStream.range(0, stored).mapToLong(batch::logOffset).toArray();
        batch.clear();
        for (long logOffset : logOffsets) {
            byte[] bytes = storage.readRecord(logOffset);
            RecordView record = new RecordView();
            assertThat(bytes != null && record.on(bytes, 0, bytes.length)).isTrue();
            copy(random, storage, batch, record);
        }
        storage.append(batch);
        assertThat(batch.status()).isEqualTo(AppendStatus.STORED);
    }

    /** A delivery, or a carried delay: what names its original and is delayed once more. */
    private static void copy(RandomGenerator random, Storage storage, AppendBatch batch, RecordView from) {
        byte[] text =
                Arrays.copyOfRange(from.bytes(), from.propertiesAt(), from.propertiesAt() + from.propertiesBytes());
        boolean again = random.nextBoolean();
        boolean level = again && random.nextBoolean();
        long due = NOW + 1000 + random.nextInt(1_000_000);
        String topic = !again ? "T" : level ? ScheduleTopics.LEVELS : ScheduleTopics.TIMERS;
        if (again) {
            text = Bytes.utf8(Bytes.text(text, 0, text.length) + "\u0002TIMER_OUT_MS\u0001" + due + "\u0002");
        }
        RecordCopy.Target to = new RecordCopy.Target(Bytes.utf8(topic), storage.queue(topic, 0), text, 1);
        to.settles(from.logOffset());
        new RecordCopy().stage(batch, from, again ? to.due(due, level) : to);
    }

    /** What queues, timers and keys hold. */
    private static List<String> indexed(Storage storage) {
        TreeMap<String, Queue> queues = new TreeMap<>();
        storage.forEachQueue(queue -> queues.put(queue.topic() + '/' + queue.queueId(), queue));
        List<String> found = new ArrayList<>();
        EntrySlice one = new EntrySlice(1);
        queues.forEach((name, queue) -> {
            for (long at = 0; at < queue.maxOffset(); at++) {
                assertThat(queue.read(at, 1, one)).isEqualTo(1);
                found.add(name + ' ' + at + ' ' + one.logOffset[0] + ' ' + one.size[0] + ' ' + one.tagsCode[0]);
            }
        });
        storage.timers().list(0, (due, logOffset) -> found.add("due " + due + ' ' + logOffset));
        for (String topic : List.of("T", "%RETRY%g", ScheduleTopics.LEVELS, ScheduleTopics.TIMERS)) {
            for (String key : new String[] {"a", "b", "two", "blanks", "word", "7", "é€", "a b"}) {
                LongStream.of(storage.findByKey(topic, key, 1000, 0, Long.MAX_VALUE))
                        .forEach(logOffset -> found.add(topic + ' ' + key + ' ' + logOffset));
            }
        }
        return found;
    }
}
