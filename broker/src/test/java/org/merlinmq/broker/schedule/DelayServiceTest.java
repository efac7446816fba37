package org.merlinmq.broker.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.merlinmq.broker.offset.TestStore;
import org.merlinmq.protocol.body.DelayOffsetTable;
import org.merlinmq.protocol.message.RecordLayout;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.storage.StorageConfig;

class DelayServiceTest extends DelayedStore {
    private void pass(long millis) {
        for (long end = clock.millis() + millis; clock.millis() < end; ) {
            clock.set(clock.millis() + 1);
            deadlines.runDue();
        }
    }

    private long putLevel(String body, int level) {
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("TAGS", "a");
        properties.put("DELAY", Integer.toString(level));
        properties.put("REAL_TOPIC", "T");
        properties.put("REAL_QID", "2");
        return store.put(
                ScheduleTopics.LEVELS,
                level - 1,
                body,
                properties,
                5,
                clock.millis() + DelayLevels.STANDARD.millis(level));
    }

    @Test
    void aMessageArrivesAtItsMillisecondAndNotBefore() {
        topics.add("T", 4);
        open(RocketMqDelayProgress.NOTHING);
        long delayed = putLevel("hello", 1);
        pass(999);
        assertThat(store.read("T", 2)).isEmpty();
        pass(1);
        List<RecordView> arrived = store.read("T", 2);
        assertThat(arrived).hasSize(1);
        RecordView one = arrived.getFirst();
        assertThat(TestStore.body(one)).isEqualTo("hello");
        assertThat(one.topic()).isEqualTo("T");
        assertThat(RecordLayout.named(one.preparedOffset())).isEqualTo(delayed);
        assertThat(one.reconsumeTimes()).isEqualTo(5);
        assertThat(one.bornMillis()).isEqualTo(77);
        assertThat(one.bornHost()).isEqualTo("9.9.9.9:99");
        assertThat(one.storeHost()).isEqualTo("10.1.2.3:10911");
        assertThat(one.properties())
                .as("the properties stay as they were")
                .containsEntry("DELAY", "1")
                .containsEntry("REAL_QID", "2")
                .containsEntry("TAGS", "a");
        pass(100_000);
        assertThat(store.read("T", 2)).as("not delayed again").hasSize(1);
    }

    @Test
    void manyMessagesArriveInTheOrderOfTheirTimesEachOnce() {
        topics.add("T", 4);
        open(RocketMqDelayProgress.NOTHING);
        for (int i = 0; i < 2_000; i++) {
            putLevel("m" + i, i % 2 == 0 ? 2 : 1);
        }
        pass(10_000);
        assertThat(store.read("T", 2)).hasSize(2_000);
        assertThat(service.delivered()).isEqualTo(2_000);
        assertThat(store.read("T", 2).stream().map(TestStore::body).distinct()).hasSize(2_000);
        assertThat(TestStore.body(store.read("T", 2).getFirst())).isEqualTo("m1");
    }

    @Test
    void aRestartDeliversWhatBecameDueMeanwhileAndNothingTwice() {
        topics.add("T", 4);
        open(RocketMqDelayProgress.NOTHING);
        assertThat(putLevel("early", 1)).as("the first byte of the log").isZero();
        putLevel("late", 3);
        pass(1_000);
        close();
        clock.set(clock.millis() + 60_000);
        open(RocketMqDelayProgress.NOTHING);
        pass(2);
        assertThat(store.read("T", 2).stream().map(TestStore::body)).containsExactly("early", "late");
    }

    @Test
    void whatRocketMqHadDeliveredIsNotDeliveredAgain() {
        topics.add("T", 4);
        open(RocketMqDelayProgress.NOTHING);
        putLevel("delivered", 1);
        putLevel("pending", 1);
        putLevel("other level", 2);
        close();
        TestStore.keepOnlyTheLog(folder);
        clock.set(clock.millis() + 60_000);
        open(new RocketMqDelayProgress(Map.of(1, 1L), 0, 0));
        pass(2);
        assertThat(store.read("T", 2).stream().map(TestStore::body))
                .containsExactlyInAnyOrder("pending", "other level");
    }

    /** As on a disk that is nearly full, whatever ours is. */
    private StorageConfig full(double force) {
        return TestStore.config(folder).withDiskLimits(1, force, Double.MIN_NORMAL);
    }

    @ParameterizedTest
    @CsvSource({"0.85, 1", "1, 0"})
    void whatIsDueIsDeliveredThoughTheDiskIsTooFullForSendsIfItsOldPlaceCanGo(double force, int delivered) {
        topics.add("T", 4);
        open(RocketMqDelayProgress.NOTHING);
        putLevel("hello", 1);
        close();
        open(full(force), RocketMqDelayProgress.NOTHING);
        while (store.storage().writeState().writable()) {
            Thread.onSpinWait();
        }
        pass(1_000);
        assertThat(store.read("T", 2)).hasSize(delivered);
    }

    @Test
    void onADiskThatRefusesDeliveriesOneBatchASecondIsTriedHoweverMuchIsDue() {
        topics.add("T", 4);
        open(RocketMqDelayProgress.NOTHING);
        for (int i = 0; i < 2_000; i++) {
            putLevel("m" + i, 1);
        }
        close();
        open(full(1), RocketMqDelayProgress.NOTHING);
        while (store.storage().writeState().writable()) {
            Thread.onSpinWait();
        }
        int before = topics.found;
        pass(1_000);
        assertThat(topics.found - before).as("tried at once").isEqualTo(512);
        pass(1_000);
        assertThat(topics.found - before).as("and a second later").isEqualTo(1024);
    }

    @Test
    void theLargestMessageArrivesAlsoInATopicOfALongName() {
        String topic = "t".repeat(127);
        topics.add(topic, 1);
        open(RocketMqDelayProgress.NOTHING);
        int largest = store.storage().maxRecordBytes();
        long due = clock.millis() + 1_000;
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("TAGS", "a");
        properties.put("REAL_TOPIC", topic);
        properties.put("REAL_QID", "0");
        properties.put("TIMER_OUT_MS", Long.toString(due));
        long probe = store.put(ScheduleTopics.TIMERS, 0, "", properties, 0, due);
        int empty = Objects.requireNonNull(store.storage().readRecord(probe)).length;
        store.put(ScheduleTopics.TIMERS, 0, "x".repeat(largest - empty), properties, 0, due);
        pass(1_000);
        List<RecordView> arrived = store.read(topic, 0);
        assertThat(arrived).hasSize(2);
        assertThat(arrived.getFirst().properties())
                .containsAllEntriesOf(properties)
                .containsEntry("TIMER_ENQUEUE_MS", Long.toString(due - 1_000))
                .containsEntry("TIMER_DEQUEUE_MS", Long.toString(due));
        assertThat(TestStore.body(arrived.getLast())).hasSize(largest - empty);
        assertThat(arrived.getLast().properties()).containsEntry("TAGS", "a").doesNotContainKey("REAL_TOPIC");
    }

    @Test
    void aMessageWhoseTopicIsGoneIsDroppedAndTheNextStillComes() {
        open(RocketMqDelayProgress.NOTHING);
        putLevel("lost", 1);
        pass(2_000);
        topics.add("T", 4);
        putLevel("kept", 1);
        pass(2_000);
        assertThat(store.read("T", 2).stream().map(TestStore::body)).containsExactly("kept");
    }

    @Test
    void aTimerIsDerivedFromItsPropertyAfterARestart() {
        topics.add("T", 4);
        open(RocketMqDelayProgress.NOTHING);
        long due = clock.millis() + 86_400_123;
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("REAL_TOPIC", "T");
        properties.put("REAL_QID", "0");
        properties.put("TIMER_OUT_MS", Long.toString(due));
        store.put(ScheduleTopics.TIMERS, 0, "tomorrow", properties, 0, due);
        close();
        TestStore.keepOnlyTheLog(folder);
        open(RocketMqDelayProgress.NOTHING);
        clock.set(due - 2);
        deadlines.runDue();
        pass(1);
        assertThat(store.read("T", 0)).isEmpty();
        pass(1);
        assertThat(store.read("T", 0)).hasSize(1);
    }

    private void putTimer(String body, long due) {
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("REAL_TOPIC", "T");
        properties.put("REAL_QID", "1");
        properties.put("TIMER_OUT_MS", Long.toString(due));
        store.put(ScheduleTopics.TIMERS, 0, body, properties, 0, due);
    }

    @Test
    void timersThatRocketMqHadDeliveredOrPutBackAreNotDeliveredAgain() {
        topics.add("T", 4);
        open(RocketMqDelayProgress.NOTHING);
        long stored = clock.millis();
        long day = 86_400_000;
        putTimer("delivered", stored + 5_000);
        putTimer("put back after half a turn", stored + 2 * day + 1_000);
        putTimer("its successor", stored + 2 * day + 1_000);
        putTimer("waits for a whole turn", stored + 3 * day);
        putTimer("due, but never taken into the wheel", stored + 5_000);
        close();
        TestStore.keepOnlyTheLog(folder);
        long read = stored + day + 120_000;
        clock.set(read);
        // The successor was stored at half a turn; its place is behind what was taken into the wheel.
        open(new RocketMqDelayProgress(Map.of(), 2, read));
        pass(2);
        assertThat(store.read("T", 1).stream().map(TestStore::body))
                .containsExactly("due, but never taken into the wheel");
        clock.set(stored + 3 * day);
        pass(2);
        assertThat(store.read("T", 1).stream().map(TestStore::body))
                .containsExactly("due, but never taken into the wheel", "its successor", "waits for a whole turn");
    }

    @Test
    void delayOffsetsAreCountedAsRocketMqCountsThem() {
        topics.add("T", 4);
        open(RocketMqDelayProgress.NOTHING);
        putLevel("a", 1);
        putLevel("b", 2);
        pass(2_000);
        Map<Integer, Long> offsets = DelayOffsets.at(
                DelayLevels.STANDARD,
                level -> store.storage().findQueue(ScheduleTopics.LEVELS, level - 1),
                clock.millis());
        assertThat(offsets).containsEntry(1, 1L).containsEntry(2, 0L).hasSize(2);
        assertThat(DelayOffsets.read(new DelayOffsetTable(null, new TreeMap<>(offsets)).write()))
                .isEqualTo(offsets);
    }
}
