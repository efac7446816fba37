package org.merlinmq.broker.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.merlinmq.broker.offset.TestStore;
import org.merlinmq.protocol.message.RecordLayout;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.storage.log.AppendBatch;
import org.merlinmq.storage.log.AppendStatus;
import org.merlinmq.storage.queue.EntrySlice;
import org.merlinmq.storage.queue.Queue;

class CarriedRecordTest extends DelayedStore {
    private static final int LEVEL = 4;

    @BeforeEach
    void open() {
        topics.add("T", 4);
        // RocketMQ's offsets say of all levels' messages that they were delivered; those of ours are not meant.
        open(new RocketMqDelayProgress(Map.of(LEVEL, 0L), 0, 0));
    }

    private Map<String, String> properties() {
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("TAGS", "a");
        properties.put("UNIQ_KEY", "7F0000010007");
        properties.put("KEYS", "k1 k2");
        properties.put("REAL_TOPIC", "T");
        properties.put("REAL_QID", "2");
        return properties;
    }

    private long putLevel(Map<String, String> more) {
        Map<String, String> properties = properties();
        properties.put("DELAY", Integer.toString(LEVEL));
        properties.putAll(more);
        long due = clock.millis() + DelayLevels.STANDARD.millis(LEVEL);
        store.put(ScheduleTopics.LEVELS, LEVEL - 1, "hello", properties, 5, due);
        return due;
    }

    private long putTimer(long due) {
        Map<String, String> properties = properties();
        properties.put("TIMER_OUT_MS", Long.toString(due));
        return store.put(ScheduleTopics.TIMERS, 0, "hello", properties, 5, due);
    }

    /** Carries all that is pending; returns whether it could be. */
    private boolean carry() {
        CarriedRecord copier = new CarriedRecord(store.storage());
        AppendBatch batch = store.storage().newBatch(done -> {});
        boolean[] copied = {true};
        store.storage().timers().list(0, (due, logOffset) -> {
            RecordView record = new RecordView();
            byte[] bytes = store.storage().readRecord(logOffset);
            assertThat(bytes != null && record.on(bytes, 0, bytes.length)).isTrue();
            assertThat(store.storage().timers().claim(due, logOffset)).isTrue();
            copied[0] &= copier.copy(record, due, batch);
            return true;
        });
        store.storage().append(batch);
        assertThat(batch.status()).isEqualTo(AppendStatus.STORED);
        return copied[0];
    }

    private void arrivesOnce(long due, Map<String, String> properties) {
        clock.set(due - 2);
        deadlines.runDue();
        clock.set(due - 1);
        deadlines.runDue();
        assertThat(store.read("T", 2)).isEmpty();
        for (long until = due + 100_000; clock.millis() < until; ) {
            clock.set(clock.millis() + 1);
            deadlines.runDue();
        }
        List<RecordView> arrived = store.read("T", 2);
        assertThat(arrived.stream().map(TestStore::body)).containsExactly("hello");
        RecordView one = arrived.getFirst();
        Map<String, String> found = one.properties();
        if (properties.containsKey("TIMER_OUT_MS")) {
            assertThat(found.remove("TIMER_DEQUEUE_MS")).isEqualTo(Long.toString(due));
            assertThat(found.remove("TIMER_ENQUEUE_MS")).isNotNull();
        }
        assertThat(found).isEqualTo(properties);
        assertThat(one.reconsumeTimes()).isEqualTo(5);
        assertThat(one.bornMillis()).isEqualTo(77);
        assertThat(one.bornHost()).isEqualTo("9.9.9.9:99");
        assertThat(one.storeHost()).isEqualTo("10.1.2.3:10911");
    }

    @Test
    void aMessageOfALevelKeepsItsDueTimeAlsoWhenAllIsReadAgain() {
        long due = putLevel(Map.of());
        clock.set(clock.millis() + 7_000);
        assertThat(carry()).isTrue();
        assertThat(store.storage().timers().count()).isOne();
        clock.set(clock.millis() + 5_000);
        assertThat(carry()).isTrue();
        Map<String, String> expected = properties();
        expected.put("DELAY", Integer.toString(LEVEL));
        close();
        TestStore.keepOnlyTheLog(folder);
        open();
        arrivesOnce(due, expected);
    }

    @Test
    void aTimerKeepsItsRecordButForWhatItNames() {
        long due = clock.millis() + 86_400_123;
        long first = putTimer(due);
        assertThat(carry()).isTrue();
        List<RecordView> waiting = store.read(ScheduleTopics.TIMERS, 0);
        assertThat(waiting).hasSize(2);
        assertThat(waiting.get(1).properties()).isEqualTo(waiting.get(0).properties());
        assertThat(waiting.get(1).totalBytes()).isEqualTo(waiting.get(0).totalBytes());
        assertThat(RecordLayout.named(waiting.get(1).preparedOffset())).isEqualTo(first);
        Map<String, String> expected = properties();
        expected.put("TIMER_OUT_MS", Long.toString(due));
        arrivesOnce(due, expected);
    }

    @Test
    void queueEntriesAndKeysAreThoseOfTheTopicItWaitsIn() {
        long due = putLevel(Map.of());
        putTimer(due + 1);
        assertThat(carry()).isTrue();
        assertThat(tagsCode(ScheduleTopics.LEVELS, LEVEL - 1)).isEqualTo(due);
        assertThat(tagsCode(ScheduleTopics.TIMERS, 0)).isEqualTo("a".hashCode());
        for (String key : List.of("7F0000010007", "k1", "k2")) {
            assertThat(store.storage().findByKey(ScheduleTopics.LEVELS, key, 9, 0, Long.MAX_VALUE))
                    .hasSize(2);
        }
    }

    private long tagsCode(String topic, int queueId) {
        Queue queue = store.storage().queue(topic, queueId);
        EntrySlice one = new EntrySlice(1);
        assertThat(queue.read(1, 1, one)).isOne();
        return one.tagsCode[0];
    }

    @Test
    void propertiesWithoutRoomForTheDueTimeAreLeftWhereTheyAre() {
        long due = putLevel(Map.of("own", "x".repeat(RecordLayout.MAX_PROPERTIES_BYTES - 100)));
        assertThat(carry()).isFalse();
        store.storage().timers().list(0, (d, logOffset) -> {
            store.storage().timers().release(d, logOffset);
            return true;
        });
        Map<String, String> expected = properties();
        expected.put("DELAY", Integer.toString(LEVEL));
        expected.put("own", "x".repeat(RecordLayout.MAX_PROPERTIES_BYTES - 100));
        arrivesOnce(due, expected);
    }
}
