package org.merlinmq.broker.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.merlinmq.broker.group.FakeTopics;
import org.merlinmq.broker.group.GroupTable;
import org.merlinmq.broker.group.StateTypes;
import org.merlinmq.broker.offset.OffsetTable;
import org.merlinmq.broker.offset.TestStore;
import org.merlinmq.broker.schedule.RocketMqDelayProgress;
import org.merlinmq.broker.stats.ThroughputStats;
import org.merlinmq.broker.topic.QueueSource;
import org.merlinmq.broker.topic.TopicSettings;
import org.merlinmq.broker.topic.TopicTable;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.storage.facts.RecordRule;
import org.merlinmq.storage.state.StateLog;
import org.merlinmq.testkit.SimClock;

@SuppressWarnings("NullAway.Init") // opened before each test
class StateMigrationTest {
    private static final String TOPIC =
            "{\"dataVersion\":{\"counter\":1,\"timestamp\":2},\"topicConfigTable\":{\"%s\":{\"topicName\":\"%s\",\"readQueueNums\":3,"
                    + "\"writeQueueNums\":3,\"perm\":6,\"topicFilterType\":\"SINGLE_TAG\",\"topicSysFlag\":0,\"order\":false}}}";

    @TempDir
    Path folder;

    private final SimClock clock = new SimClock();
    private Path foreign;
    private TestStore store;
    private TopicTable topics;
    private GroupTable groups;
    private OffsetTable offsets;
    private StateMigration migration;

    @BeforeEach
    void open() throws IOException {
        foreign = Files.createDirectories(folder.resolve("config"));
        store = new TestStore(folder.resolve("store"), clock, RecordRule.NONE);
        StateLog state = store.storage().state();
        topics = new TopicTable(
                TopicSettings.defaults("C", "b"),
                state,
                QueueSource.of(store.storage()::queue, store.storage()::findQueue, store.storage()::deleteTopic),
                clock::millis);
        groups = new GroupTable(state::append, clock::millis, true, new FakeTopics());
        offsets =
                new OffsetTable(state::append, new ThroughputStats(clock::millis, at -> {}, ZoneOffset.UTC), () -> {});
        migration = new StateMigration();
        state.replay((type, record) -> {
            migration.apply(type);
            if (!groups.apply(type, record) && !offsets.apply(type, record)) {
                topics.apply(type, record);
            }
        });
    }

    @AfterEach
    void close() {
        store.close();
    }

    private boolean run() {
        boolean ran = migration.run(RocketMqState.of(foreign), store.storage().state(), topics, groups, offsets);
        topics.start();
        return ran;
    }

    private void snapshot() {
        store.storage().state().snapshot(sink -> {
            topics.snapshot(sink);
            groups.snapshot(sink::put);
            offsets.snapshot(sink::put);
        });
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(foreign.resolve(name), text);
    }

    private void writeAll() throws IOException {
        write("topics.json", TOPIC.formatted("T", "T"));
        write(
                "subscriptionGroup.json",
                "{\"dataVersion\":{\"counter\":1,\"timestamp\":2},\"subscriptionGroupTable\":{\"G\":{\"groupName\":\"G\",\"retryMaxTimes\":4}}}");
        write("consumerOffset.json", "{\"offsetTable\":{\"T@G\":{0:4,2:6}}}");
    }

    @Test
    void tablesAreTakenOverOnce() throws IOException {
        writeAll();
        assertThat(run()).isTrue();
        snapshot();
        assertThat(topics.find("T")).isNotNull();
        assertThat(offsets.committed("G", "T", 2)).isEqualTo(6);
        offsets.commit("G", "T", 2, 9);
        offsets.flush();
        close();
        open();
        assertThat(run()).isFalse();
        assertThat(offsets.committed("G", "T", 0)).isEqualTo(4);
        assertThat(offsets.committed("G", "T", 2)).isEqualTo(9);
    }

    @Test
    void whatACrashInterruptsIsDoneAgainAtTheNextStart() throws IOException {
        write("topics.json", TOPIC.formatted("T", "T"));
        assertThat(run()).isTrue();
        close();
        writeAll();
        open();
        assertThat(topics.hasHistory()).isTrue();
        assertThat(run()).as("no snapshot ended the first one").isTrue();
        assertThat(offsets.committed("G", "T", 2)).isEqualTo(6);
    }

    @Test
    void aStoreOfOurOwnIsLeftAlone() {
        assertThat(run()).isFalse();
        store.storage().state().replay((type, record) -> assertThat(type).isNotEqualTo(StateTypes.TAKING_OVER));
    }

    @Test
    void theLastVersionOfAFileCountsWhereTheFileIsMissingEmptyOrDamaged() throws IOException {
        writeAll();
        for (String name : new String[] {"topics.json", "subscriptionGroup.json", "consumerOffset.json"}) {
            Files.move(foreign.resolve(name), foreign.resolve(name + ".bak"));
        }
        write("topics.json", "");
        write("consumerOffset.json", "{\"offsetTable\":{\"T@G\":{0:");
        write("delayOffset.json.bak", "{\"offsetTable\":{1:3}}");
        assertThat(run()).isTrue();
        assertThat(topics.find("T")).isNotNull();
        assertThat(offsets.committed("G", "T", 2)).isEqualTo(6);
        assertThat(RocketMqState.of(foreign).delayProgress().levels()).containsEntry(1, 3L);
    }

    @Test
    void aDamagedFileWithoutALastVersionEndsTheStart() throws IOException {
        writeAll();
        write("consumerOffset.json", "{\"offsetTable\":{\"T@G\":{0:");
        assertThatThrownBy(this::run)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(foreign.resolve("consumerOffset.json").toString());
    }

    @Test
    void whatTheTimerWheelSaysIsRead() throws IOException {
        assertThat(RocketMqState.of(foreign).delayProgress()).isEqualTo(RocketMqDelayProgress.NOTHING);
        ByteWriter check = new ByteWriter()
                .putLong(1_795_439_937_000L)
                .putLong(156)
                .putLong(3)
                .putLong(3);
        Files.write(foreign.resolve("timercheck"), check.toByteArray());
        write("delayOffset.json", "{\"dataVersion\":{\"counter\":0},\"offsetTable\":{\n1:4\n}}");
        RocketMqDelayProgress before = RocketMqState.of(foreign).delayProgress();
        assertThat(before.timersReadMillis()).isEqualTo(1_795_439_937_000L);
        assertThat(before.timersTaken()).isEqualTo(3);
        assertThat(before.levels()).containsEntry(1, 4L).hasSize(1);
    }
}
