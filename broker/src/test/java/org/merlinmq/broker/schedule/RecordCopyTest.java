package org.merlinmq.broker.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.merlinmq.broker.offset.TestStore;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.message.RecordLayout;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.storage.facts.RecordRule;
import org.merlinmq.storage.log.AppendBatch;
import org.merlinmq.storage.queue.EntrySlice;
import org.merlinmq.testkit.SimClock;

/** What a copy of a record has of its original, and what of its own. */
class RecordCopyTest {
    @TempDir
    Path folder;

    private final SimClock clock = new SimClock();
    private TestStore store;

    @BeforeEach
    void open() {
        store = new TestStore(folder, clock, RecordRule.NONE);
    }

    @AfterEach
    void close() {
        store.close();
    }

    private RecordView original(Map<String, String> properties) {
        store.put("T", 1, "hello", properties, 2, 0);
        return store.read("T", 1).getFirst();
    }

    private RecordCopy.Target target(String topic, int queueId, byte[] properties, int times) {
        return new RecordCopy.Target(Bytes.utf8(topic), store.storage().queue(topic, queueId), properties, times);
    }

    private static byte[] properties(RecordView of) {
        return Bytes.utf8(Bytes.text(of.bytes(), of.propertiesAt(), of.propertiesBytes()));
    }

    private void append(RecordView from, RecordCopy.Target to) {
        AppendBatch batch = store.storage().newBatch(done -> {});
        assertThat(new RecordCopy().stage(batch, from, to)).isZero();
        store.storage().append(batch);
    }

    /** When those are due that are due by a time. */
    private List<Long> drain(long nowMillis) {
        List<Long> due = new ArrayList<>();
        store.storage().timers().drainDue(nowMillis, (dueMillis, logOffset) -> due.add(dueMillis));
        return due;
    }

    @Test
    void bodyBirthAndPropertiesAreTakenOverByteForByte() {
        RecordView from = original(Map.of("TAGS", "a", "KEYS", "k1 k2"));
        append(from, target("Home", 3, properties(from), 5));
        RecordView copy = store.read("Home", 3).getFirst();
        assertThat(TestStore.body(copy)).isEqualTo("hello");
        assertThat(copy.topic()).isEqualTo("Home");
        assertThat(copy.queueId()).isEqualTo(3);
        assertThat(copy.bornHost()).isEqualTo(from.bornHost());
        assertThat(copy.bornMillis()).isEqualTo(from.bornMillis());
        assertThat(copy.storeHost()).isEqualTo(from.storeHost());
        assertThat(properties(copy)).isEqualTo(properties(from));
        assertThat(copy.reconsumeTimes()).isEqualTo(5);
        assertThat(RecordLayout.named(copy.preparedOffset())).isEqualTo(RecordLayout.NAMES_NONE);
    }

    @Test
    void aCopyIsFoundByItsTagAndKeysLikeItsOriginal() {
        RecordView from = original(Map.of("TAGS", "a", "KEYS", "k1 k2", "UNIQ_KEY", "u"));
        append(from, target("Home", 0, properties(from), 2));
        EntrySlice entry = new EntrySlice(1);
        store.storage().queue("Home", 0).read(0, 1, entry);
        assertThat(entry.tagsCode[0]).isEqualTo("a".hashCode());
        for (String key : new String[] {"k1", "k2", "u"}) {
            assertThat(store.storage().findByKey("Home", key, 10, 0, Long.MAX_VALUE))
                    .as(key)
                    .containsExactly(entry.logOffset[0]);
        }
    }

    @Test
    void aCopyMayNameTheRecordItSettlesAndItsOwnStore() {
        RecordView from = original(Map.of());
        append(from, target("Home", 0, properties(from), 2).settles(77).storedBy(new byte[] {10, 0, 0, 9}, 42));
        RecordView copy = store.read("Home", 0).getFirst();
        assertThat(RecordLayout.named(copy.preparedOffset())).isEqualTo(77);
        assertThat(copy.storeHost()).isEqualTo("10.0.0.9:42");
    }

    @Test
    void aCopyOfADelayLevelHoldsItsTimeInPlaceOfItsTag() {
        RecordView from = original(Map.of("TAGS", "a"));
        long due = clock.millis() + 10_000;
        append(from, target(ScheduleTopics.LEVELS, 2, properties(from), 2).due(due, true));
        append(from, target(ScheduleTopics.TIMERS, 0, properties(from), 2).due(due, false));
        EntrySlice entry = new EntrySlice(1);
        store.storage().queue(ScheduleTopics.LEVELS, 2).read(0, 1, entry);
        assertThat(entry.tagsCode[0]).isEqualTo(due);
        store.storage().queue(ScheduleTopics.TIMERS, 0).read(0, 1, entry);
        assertThat(entry.tagsCode[0]).isEqualTo("a".hashCode());
        assertThat(drain(due - 1)).isEmpty();
        assertThat(drain(due)).containsExactly(due, due);
    }
}
