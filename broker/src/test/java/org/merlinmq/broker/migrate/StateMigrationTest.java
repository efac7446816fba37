package org.merlinmq.broker.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.merlinmq.broker.group.FakeTopics;
import org.merlinmq.broker.group.GroupTable;
import org.merlinmq.broker.offset.OffsetTable;
import org.merlinmq.broker.offset.TestStore;
import org.merlinmq.broker.schedule.RocketMqDelayProgress;
import org.merlinmq.broker.state.Journal;
import org.merlinmq.broker.stats.ThroughputStats;
import org.merlinmq.broker.topic.QueueSource;
import org.merlinmq.broker.topic.TopicSettings;
import org.merlinmq.broker.topic.TopicTable;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.storage.facts.RecordRule;
import org.merlinmq.testkit.SimClock;

@SuppressWarnings("NullAway.Init") // opened before each test
class StateMigrationTest {
    private static final long NOW = 1_795_440_000_000L;
    private static final String TOPIC =
            "{\"dataVersion\":{\"counter\":1,\"timestamp\":2},\"topicConfigTable\":{\"T\":{\"topicName\":\"T\",\"readQueueNums\":3,"
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
        Journal journal = store.storage()::append;
        offsets = new OffsetTable(journal, new ThroughputStats(clock::millis, at -> {}, ZoneOffset.UTC), () -> {});
        topics = new TopicTable(
                TopicSettings.defaults("C", "b"),
                journal,
                offsets::removeTopic,
                QueueSource.of(store.storage()::queue, store.storage()::findQueue, store.storage()::endedQueue),
                clock::millis);
        groups = new GroupTable(journal, clock::millis, true, new FakeTopics());
        migration = new StateMigration(store.storage(), journal, this::apply);
        store.storage().state().replay((type, key, value) -> {
            migration.apply(type, value);
            apply(type, key, value);
        });
    }

    private void apply(int type, byte[] key, byte @Nullable [] value) {
        topics.apply(type, key, value);
        groups.apply(type, key, value);
        offsets.apply(type, key, value);
    }

    @AfterEach
    void close() {
        store.close();
    }

    private boolean run() {
        boolean ran = migration.run(RocketMqState.of(foreign), topics, groups, offsets, () -> {});
        topics.start();
        return ran;
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(foreign.resolve(name), text);
    }

    private void writeAll() throws IOException {
        write("topics.json", TOPIC);
        write(
                "subscriptionGroup.json",
                "{\"dataVersion\":{\"counter\":1,\"timestamp\":2},\"subscriptionGroupTable\":{\"G\":{\"groupName\":\"G\",\"retryMaxTimes\":4}}}");
        write("consumerOffset.json", "{\"offsetTable\":{\"T@G\":{0:4,2:6}}}");
    }

    @Test
    void tablesAreTakenOverOnce() throws IOException {
        writeAll();
        assertThat(run()).isTrue();
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
    void whatWasInterruptedIsDoneAgainAtTheNextStart() throws IOException {
        writeAll();
        write("consumerOffset.json", "{\"offsetTable\":{\"T@G\":{0:");
        assertThatThrownBy(this::run).isInstanceOf(DiskException.class);
        assertThat(topics.find("T")).isNotNull();
        close();
        writeAll();
        open();
        assertThat(topics.find("T")).as("from the log").isNotNull();
        assertThat(run()).isTrue();
        assertThat(offsets.committed("G", "T", 2)).isEqualTo(6);
        close();
        open();
        assertThat(run()).isFalse();
    }

    @Test
    void aTopicThatRocketMqHadDeletedStaysDeleted() throws IOException {
        writeAll();
        Files.createDirectories(folder.resolve("consumequeue/Unlisted/0"));
        for (String topic : new String[] {"T", "Deleted", "Unlisted"}) {
            store.put(topic, 0, "x", Map.of(), 0, 0);
        }
        assertThat(run()).isTrue();
        assertThat(store.storage().findQueue("Deleted", 0)).isNull();
        assertThat(store.read("T", 0)).hasSize(1);
        assertThat(store.read("Unlisted", 0)).as("its queue files are there").hasSize(1);
        close();
        TestStore.keepOnlyTheLog(folder.resolve("store"));
        open();
        assertThat(store.storage().findQueue("Deleted", 0))
                .as("the log says so")
                .isNull();
    }

    @Test
    void aStoreOfOurOwnIsLeftAlone() {
        assertThat(run()).isFalse();
        assertThat(store.storage().state().isEmpty()).isTrue();
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
        assertThat(RocketMqState.of(foreign).delayProgress(NOW).levels()).containsEntry(1, 3L);
    }

    @Test
    void aDamagedFileWithoutALastVersionEndsTheStart() throws IOException {
        writeAll();
        write("consumerOffset.json", "{\"offsetTable\":{\"T@G\":{0:");
        assertThatThrownBy(this::run)
                .isInstanceOf(DiskException.class)
                .hasMessageContaining(foreign.resolve("consumerOffset.json").toString());
    }

    @Test
    void whatTheTimerWheelSaysIsRead() throws IOException {
        assertThat(RocketMqState.of(foreign).delayProgress(NOW)).isEqualTo(RocketMqDelayProgress.NOTHING);
        ByteWriter check = new ByteWriter()
                .putLong(1_795_439_937_000L)
                .putLong(156)
                .putLong(3)
                .putLong(3);
        Files.write(foreign.resolve("timercheck"), check.toByteArray());
        write("delayOffset.json", "{\"dataVersion\":{\"counter\":0},\"offsetTable\":{\n1:4\n}}");
        RocketMqDelayProgress before = RocketMqState.of(foreign).delayProgress(NOW);
        assertThat(before.timersReadMillis()).isEqualTo(1_795_439_937_000L);
        assertThat(before.timersTaken()).isEqualTo(3);
        assertThat(before.levels()).containsEntry(1, 4L).hasSize(1);
    }
}
