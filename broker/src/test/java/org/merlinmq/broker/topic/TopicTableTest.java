package org.merlinmq.broker.topic;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.merlinmq.broker.offset.TestStore;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.protocol.body.DataVersion;
import org.merlinmq.protocol.body.TopicConfig;
import org.merlinmq.protocol.body.TopicConfigTable;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.storage.facts.RecordRule;
import org.merlinmq.storage.queue.Queue;
import org.merlinmq.testkit.SimClock;
import org.merlinmq.transport.dispatch.Refusal;

class TopicTableTest {
    @TempDir
    Path folder;

    private final SimClock clock = new SimClock();
    private TestStore store;
    private TopicTable table;

    @BeforeEach
    void open() {
        store = new TestStore(TestStore.config(folder).withSegmentBytes(64 << 20), clock, RecordRule.NONE);
        table = store.topics(TopicSettings.defaults("DefaultCluster", "broker-a"));
    }

    @AfterEach
    void close() {
        store.close();
    }

    private void restart() {
        close();
        open();
    }

    private Topic topic(String name) {
        return Objects.requireNonNull(table.find(name), () -> "no topic " + name);
    }

    private static Topic changed(TopicChange change) {
        assertThat(change).isInstanceOf(TopicChange.Changed.class);
        return ((TopicChange.Changed) change).topic();
    }

    private static Refusal refused(TopicChange change) {
        assertThat(change).isInstanceOf(TopicChange.Refused.class);
        return ((TopicChange.Refused) change).refusal();
    }

    private static TopicConfig config(String name, int queues, Map<String, String> attributes) {
        return new TopicConfig(name, queues, queues, 6, "SINGLE_TAG", 0, false, attributes);
    }

    @Test
    void aSlavesTopicsBecomeThoseOfItsMaster() {
        changed(table.put(config("Stays", 4, Map.of())));
        changed(table.put(config("Grows", 4, Map.of())));
        changed(table.put(config("Goes", 4, Map.of())));
        TopicConfig impossible = config("no name", 4, Map.of());
        TopicConfig ofTheMasterAlone = config("TBW102", 3, Map.of());
        List<TopicConfig> masters = List.of(
                config("Stays", 4, Map.of()),
                config("Grows", 8, Map.of("message.type", "FIFO")),
                config("Comes", 2, Map.of()),
                impossible,
                ofTheMasterAlone);
        Map<String, TopicConfig> byName = new HashMap<>();
        masters.forEach(each -> byName.put(each.topicName(), each));
        DataVersion before = table.version();
        table.follow(new TopicConfigTable(new DataVersion(9, 0, 0), byName));
        assertThat(topic("Stays").config()).isEqualTo(config("Stays", 4, Map.of()));
        assertThat(topic("Grows").config()).isEqualTo(config("Grows", 8, Map.of("message.type", "FIFO")));
        assertThat(topic("Comes").config()).isEqualTo(config("Comes", 2, Map.of()));
        assertThat(table.find("Goes")).isNull();
        assertThat(table.find("no name")).isNull();
        assertThat(topic("TBW102").config().readQueueNums()).isEqualTo(8);
        DataVersion after = table.version();
        assertThat(after).isNotEqualTo(before);
        table.follow(new TopicConfigTable(new DataVersion(9, 0, 0), byName));
        assertThat(table.version()).as("nothing more to change").isEqualTo(after);
        restart();
        assertThat(topic("Comes").config().readQueueNums()).isEqualTo(2);
        assertThat(table.find("Goes")).isNull();
    }

    @Test
    void systemTopicsAreThereFromTheStart() {
        assertThat(topic("TBW102").config())
                .isEqualTo(TopicConfig.of("TBW102", 8).withPerm(7));
        assertThat(topic("BenchmarkTest").config().readQueueNums()).isEqualTo(1024);
        assertThat(topic("DefaultCluster").config())
                .isEqualTo(TopicConfig.of("DefaultCluster", 16).withPerm(7));
        assertThat(topic("broker-a").config().perm()).isEqualTo(7);
        assertThat(topic("SCHEDULE_TOPIC_XXXX").config().writeQueueNums()).isEqualTo(18);
        assertThat(topic("rmq_sys_REVIVE_LOG_DefaultCluster").config().readQueueNums())
                .isEqualTo(8);
        assertThat(topic("DefaultCluster_REPLY_TOPIC").system()).isTrue();
        assertThat(table.find("RMQ_SYS_TRACE_TOPIC")).isNull();
        assertThat(table.all()).hasSize(14);
        assertThat(topic("SCHEDULE_TOPIC_XXXX").closedToClients()).isTrue();
        assertThat(topic("BenchmarkTest").closedToClients()).isFalse();
        TopicTable closed = store.topics(
                new TopicSettings("DefaultCluster", "broker-a", 4, false, false, false, true, "TRACE", 8, false));
        assertThat(Objects.requireNonNull(closed.find("TBW102")).config())
                .isEqualTo(TopicConfig.of("TBW102", 4).withPerm(6));
        assertThat(Objects.requireNonNull(closed.find("DefaultCluster"))
                        .config()
                        .perm())
                .isEqualTo(1);
        assertThat(closed.find("TRACE")).isNotNull();
    }

    @Test
    void topicIsFoundByASliceOfBytes() {
        table.put(TopicConfig.of("orders", 4));
        byte[] frame = "xxordersyy".getBytes(StandardCharsets.UTF_8);
        assertThat(table.find(frame, 2, 6)).isSameAs(topic("orders"));
        assertThat(table.find(frame, 2, 5)).isNull();
        assertThat(table.find(frame, 1, 7)).isNull();
        for (int i = 0; i < 5_000; i++) {
            table.put(TopicConfig.of("topic-" + i, 4));
        }
        for (int i = 0; i < 5_000; i++) {
            byte[] name = ("topic-" + i).getBytes(StandardCharsets.UTF_8);
            assertThat(table.find(name, 0, name.length)).isSameAs(topic("topic-" + i));
        }
        for (int i = 0; i < 5_000; i += 2) {
            assertThat(table.delete("topic-" + i)).isNull();
        }
        for (int i = 0; i < 5_000; i++) {
            byte[] name = ("topic-" + i).getBytes(StandardCharsets.UTF_8);
            assertThat(table.find(name, 0, name.length) == null).isEqualTo(i % 2 == 0);
        }
    }

    @Test
    void lookupsSeeAWholeTableWhileItChanges() {
        table.put(TopicConfig.of("steady", 4));
        byte[] name = "steady".getBytes(StandardCharsets.UTF_8);
        AtomicBoolean stop = new AtomicBoolean();
        AtomicBoolean lost = new AtomicBoolean();
        CompletableFuture<Void> reader = CompletableFuture.runAsync(() -> {
            while (!stop.get()) {
                if (table.find(name, 0, name.length) == null) {
                    lost.set(true);
                }
            }
        });
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < 3_000; i++) {
                table.put(TopicConfig.of("t" + i, 1));
            }
            for (int i = 0; i < 3_000; i++) {
                table.delete("t" + i);
            }
        }
        stop.set(true);
        reader.join();
        assertThat(lost).isFalse();
    }

    @Test
    void topicsSurviveARestart() {
        Topic created = changed(table.put(new TopicConfig(
                "T", 4, 8, 6, "MULTI_TAG", 1, true, Map.of("+message.type", "FIFO", "+reserve.time", "5"))));
        table.put(TopicConfig.of("gone", 4));
        table.delete("gone");
        table.put(TopicConfig.of("grown", 4));
        table.put(TopicConfig.of("grown", 16));
        DataVersion before = table.version();
        restart();
        assertThat(topic("T").config()).isEqualTo(created.config());
        assertThat(topic("T").config().attributes()).containsEntry("message.type", "FIFO");
        assertThat(table.find("gone")).isNull();
        assertThat(topic("grown").config().readQueueNums()).isEqualTo(16);
        assertThat(table.version().counter()).isEqualTo(before.counter() + 1);
    }

    @Test
    void topicsSurviveASnapshotAndWhatCameAfterIt() {
        table.put(TopicConfig.of("T", 4));
        table.put(TopicConfig.of("gone", 4));
        table.delete("gone");
        DataVersion before = table.version();
        store.storage().checkpoint();
        restart();
        assertThat(table.version().counter()).isEqualTo(before.counter() + 1);
        table.put(TopicConfig.of("U", 2));
        restart();
        assertThat(topic("T").config().readQueueNums()).isEqualTo(4);
        assertThat(topic("U").config().readQueueNums()).isEqualTo(2);
        assertThat(table.find("gone")).isNull();
    }

    @Test
    void aTopicCountsWhatDeliveriesWroteToItsQueues() {
        table.put(TopicConfig.of("T", 4));
        Topic topic = topic("T");
        topic.queue(0);
        store.put("T", 0, "x", Map.of(), 0, 0);
        long bytes = topic.appendedBytes();
        store.put("T", 3, "y", Map.of(), 0, 0);
        assertThat(topic.appendedMessages()).isEqualTo(2);
        assertThat(topic.appendedBytes()).isEqualTo(2 * bytes);
    }

    /** A table whose deletions the log does not take while {@code full}. */
    private TopicTable onDisk(AtomicBoolean full) {
        TopicTable opened = new TopicTable(
                TopicSettings.defaults("DefaultCluster", "broker-a"),
                store.storage()::append,
                (topic, change) -> {
                    if (full.get()) {
                        throw new DiskException("no space left", true, null);
                    }
                    store.storage().append(change);
                },
                QueueSource.of(store.storage()::queue, store.storage()::findQueue, store.storage()::endedQueue),
                clock::millis);
        opened.start();
        return opened;
    }

    @Test
    void aTopicWhoseDeletionTheDiskDoesNotTakeStaysAsItWas() {
        AtomicBoolean full = new AtomicBoolean(true);
        TopicTable cramped = onDisk(full);
        Topic topic = changed(cramped.put(TopicConfig.of("T", 4)));
        store.put("T", 0, "x", Map.of(), 0, 0);
        assertThat(Objects.requireNonNull(cramped.delete("T")).sentence()).contains("stays as it was", "no space left");
        assertThat(cramped.find("T")).isSameAs(topic);
        assertThat(topic.deleted()).isFalse();
        store.put("T", 1, "y", Map.of(), 0, 0);
        assertThat(topic.queue(0).maxOffset()).isEqualTo(1);
        assertThat(topic.queue(1).maxOffset()).isEqualTo(1);
        full.set(false);
        assertThat(cramped.delete("T")).isNull();
        assertThat(store.storage().findQueue("T", 0)).isNull();
        assertThat(changed(cramped.put(TopicConfig.of("T", 4))).queue(0).maxOffset())
                .isZero();
    }

    @Test
    void aQueueOfADeletedTopicTakesNothingAndMakesNone() {
        Topic former = changed(table.put(TopicConfig.of("T", 4)));
        former.queue(0);
        table.delete("T");
        assertThat(former.queue(0).reserve(1)).isEqualTo(-1);
        assertThat(former.queue(3).reserve(1)).as("one that nobody had used").isEqualTo(-1);
        assertThat(store.storage().findQueue("T", 3)).isNull();
    }

    @Test
    void aTopicThatWasDeletedAndMadeAgainKeepsItsQueuesThroughARestart() {
        table.put(TopicConfig.of("T", 4));
        store.put("T", 3, "former", Map.of(), 0, 0);
        table.delete("T");
        table.put(TopicConfig.of("T", 4));
        store.put("T", 3, "new", Map.of(), 0, 0);
        restart();
        assertThat(store.read("T", 3).stream().map(TestStore::body)).containsExactly("new");
    }

    @Test
    void aTopicThatOnlyMessagesAreLeftOfIsMadeAgain() {
        assertThat(table.restore("T", 5)).isTrue();
        assertThat(topic("T").config().writeQueueNums()).isEqualTo(5);
        assertThat(table.restore("T", 9)).as("it is there").isFalse();
        assertThat(table.restore("rmq_sys_merlin_state", 1)).isFalse();
        assertThat(table.restore("a b", 1)).isFalse();
        restart();
        assertThat(topic("T").config().writeQueueNums()).isEqualTo(5);
    }

    @Test
    void theTopicOfTheStateIsNoClients() {
        assertThat(refused(table.createOnSend("rmq_sys_merlin_state", "TBW102", 4, false))
                        .code())
                .isEqualTo(ResponseCode.INVALID_PARAMETER);
        assertThat(table.all()).noneMatch(topic -> topic.name().equals("rmq_sys_merlin_state"));
        assertThat(table.deleteUnowned(List.of("rmq_sys_merlin_state"))).isZero();
    }

    @Test
    void unchangedConfigurationMakesNoNewVersion() {
        List<String> heard = new ArrayList<>();
        table.listen(new TopicListener() {
            @Override
            public void changed(Topic topic, DataVersion version) {
                heard.add("+" + topic.name() + version.counter());
                assertThat(version).isEqualTo(table.version());
            }

            @Override
            public void deleted(Topic topic, DataVersion version) {
                heard.add("-" + topic.name() + version.counter());
            }
        });
        DataVersion before = table.version();
        Topic created = changed(table.put(config("T", 4, Map.of("+message.type", "FIFO"))));
        assertThat(table.version().counter()).isEqualTo(before.counter() + 1);
        assertThat(table.put(config("T", 4, Map.of()))).isEqualTo(new TopicChange.Unchanged(created));
        assertThat(table.put(config("T", 4, Map.of("message.type", "FIFO"))))
                .isEqualTo(new TopicChange.Unchanged(created));
        assertThat(table.version().counter()).isEqualTo(before.counter() + 1);
        assertThat(changed(table.put(config("T", 5, Map.of()))))
                .as("the same topic with other settings")
                .isSameAs(created);
        assertThat(created.config().attributes()).as("attributes stay").containsEntry("message.type", "FIFO");
        table.delete("T");
        table.delete("T");
        assertThat(created.deleted()).isTrue();
        long first = before.counter() + 1;
        assertThat(heard).containsExactly("+T" + first, "+T" + (first + 1), "-T" + (first + 2));
    }

    @Test
    void namesThatClientsMayNotUseAreRefused() {
        for (String name : List.of("", "a b", "a.b", "tópico", "a+b", "x".repeat(128), "%RETRY%" + "x".repeat(249))) {
            Refusal refusal = refused(table.put(TopicConfig.of(name, 4)));
            assertThat(refusal.code()).as(name).isEqualTo(ResponseCode.INVALID_PARAMETER);
            assertThat(refusal.sentence()).isNotBlank();
        }
        for (String name : List.of("x".repeat(127), "%RETRY%" + "x".repeat(248), "MQ_INST_1%orders", "a|b-C_9")) {
            changed(table.put(TopicConfig.of(name, 4)));
        }
        for (String name : List.of("TBW102", "DefaultCluster", "broker-a", "rmq_sys_anything", "CHECKPOINT_TOPIC")) {
            assertThat(refused(table.put(TopicConfig.of(name, 4))))
                    .isEqualTo(new Refusal(
                            ResponseCode.INVALID_PARAMETER, "The topic[" + name + "] is conflict with system topic."));
            assertThat(Objects.requireNonNull(table.delete(name)).code()).isEqualTo(ResponseCode.INVALID_PARAMETER);
        }
    }

    @Test
    void numbersOutOfRangeAreRefused() {
        for (TopicConfig wrong : List.of(
                TopicConfig.of("T", -1),
                TopicConfig.of("T", TopicRules.MAX_QUEUES + 1),
                new TopicConfig("T", 4, -4, 6, "SINGLE_TAG", 0, false, Map.of()),
                TopicConfig.of("T", 4).withPerm(16),
                TopicConfig.of("T", 4).withPerm(-1),
                new TopicConfig("T", 4, 4, 6, "SINGLE_TAG", 4, false, Map.of()))) {
            assertThat(refused(table.put(wrong)).code()).isEqualTo(ResponseCode.INVALID_PARAMETER);
        }
        assertThat(table.find("T")).isNull();
    }

    @Test
    void attributesAreEditedByTheirRules() {
        changed(table.put(config("T", 4, Map.of("+message.type", "FIFO", "+queue.type", "SimpleCQ"))));
        assertThat(changed(table.put(config("T", 4, Map.of("-message.type", "", "+reserve.time", "-1"))))
                        .config()
                        .attributes())
                .isEqualTo(Map.of("queue.type", "SimpleCQ", "reserve.time", "-1"));
        assertThat(refused(table.put(config("T", 4, Map.of("+queue.type", "BatchCQ"))))
                        .sentence())
                .contains("cannot change");
        assertThat(refused(table.put(config("T", 4, Map.of("-queue.type", "")))).sentence())
                .contains("cannot change");
        for (Map<String, String> wrong : List.of(
                Map.of("+colour", "red"),
                Map.of("+message.type", "fifo"),
                Map.of("+reserve.time", "soon"),
                Map.of("+lite.topic.expiration", "43201"),
                Map.of("-message.type", ""))) {
            assertThat(refused(table.put(config("NEW", 4, wrong))).code())
                    .as(wrong.toString())
                    .isEqualTo(ResponseCode.SYSTEM_ERROR);
        }
        assertThat(refused(table.put(config("NEW", 4, Map.of("+message.type", "MIXED"))))
                        .code())
                .isEqualTo(ResponseCode.INVALID_PARAMETER);
        assertThat(table.find("NEW")).isNull();
    }

    @Test
    void firstSendCreatesTheTopicAfterItsPattern() {
        Topic topic = changed(table.createOnSend("T", "TBW102", 4, false));
        assertThat(topic.config()).isEqualTo(TopicConfig.of("T", 4));
        assertThat(changed(table.createOnSend("wide", "TBW102", 100, true)).config())
                .isEqualTo(new TopicConfig("wide", 8, 8, 6, "SINGLE_TAG", TopicRules.UNIT, false, Map.of()));
        assertThat(table.createOnSend("T", "nothing", 4, false)).isEqualTo(new TopicChange.Unchanged(topic));
        Refusal noPattern = refused(table.createOnSend("U", "nothing", 4, false));
        assertThat(noPattern.code()).isEqualTo(ResponseCode.TOPIC_NOT_EXIST);
        assertThat(noPattern.sentence()).contains("updateTopic");
        assertThat(refused(table.createOnSend("U", "T", 4, false)).code())
                .as("a topic without INHERIT is no pattern")
                .isEqualTo(ResponseCode.TOPIC_NOT_EXIST);
        assertThat(refused(table.createOnSend("U U", "TBW102", 4, false)).code())
                .isEqualTo(ResponseCode.INVALID_PARAMETER);
        assertThat(changed(table.createOnSend("%RETRY%G", "nothing", 4, true)).config())
                .isEqualTo(new TopicConfig(
                        "%RETRY%G", 1, 1, 6, "SINGLE_TAG", TopicRules.UNIT_SUBSCRIBED, false, Map.of()));
    }

    @Test
    void brokersOwnTopicsAreMadeOnce() {
        Topic retry = changed(table.create("%RETRY%G+T", 1, 6, 0));
        assertThat(table.create("%RETRY%G+T", 8, 6, 0)).isEqualTo(new TopicChange.Unchanged(retry));
        assertThat(refused(table.create("a b", 1, 6, 0)).code()).isEqualTo(ResponseCode.INVALID_PARAMETER);
        table.sysFlag(retry, 2);
        assertThat(retry.config().topicSysFlag()).isEqualTo(2);
        restart();
        assertThat(topic("%RETRY%G+T").config().topicSysFlag()).isEqualTo(2);
    }

    @Test
    void topicsAreOrderedAsNameserversSay() {
        table.put(TopicConfig.of("T", 4));
        table.put(TopicConfig.of("U", 4).withOrder(true));
        table.order(Set.of("T", "elsewhere"));
        assertThat(topic("T").config().order()).isTrue();
        assertThat(topic("U").config().order()).isFalse();
        DataVersion version = table.version();
        table.order(Set.of("T"));
        assertThat(table.version()).isEqualTo(version);
    }

    @Test
    void rocketMqsFileIsTakenOver() {
        String file = "{\n\t\"dataVersion\":{\"counter\":13,\"stateVersion\":0,\"timestamp\":1795422416341},\n"
                + "\t\"topicConfigTable\":{\"T\":{\"attributes\":{\"message.type\":\"FIFO\"},\"order\":true,\"perm\":4,"
                + "\"readQueueNums\":3,\"topicFilterType\":\"SINGLE_TAG\",\"topicName\":\"T\",\"topicSysFlag\":0,"
                + "\"writeQueueNums\":2},\"TBW102\":{\"order\":false,\"perm\":7,\"readQueueNums\":4,"
                + "\"topicFilterType\":\"SINGLE_TAG\",\"topicName\":\"TBW102\",\"topicSysFlag\":0,"
                + "\"writeQueueNums\":4}}}";
        assertThat(table.importJson(file.getBytes(StandardCharsets.UTF_8))).isEqualTo(1);
        assertThat(topic("T").config())
                .isEqualTo(new TopicConfig("T", 3, 2, 4, "SINGLE_TAG", 0, true, Map.of("message.type", "FIFO")));
        assertThat(topic("TBW102").config().readQueueNums()).as("ours").isEqualTo(8);
        assertThat(table.configs()).hasSize(15).contains(topic("T").config());
        restart();
        assertThat(topic("T").config().readQueueNums()).isEqualTo(3);
    }

    @Test
    void queuesAreMadeWhenFirstAskedFor() {
        Topic topic = changed(table.put(TopicConfig.of("T", 40)));
        assertThat(topic.findQueue(3)).isNull();
        Queue third = topic.queue(3);
        assertThat(topic.queue(3)).isSameAs(third);
        assertThat(topic.findQueue(3)).isSameAs(third);
        Queue last = topic.queue(39);
        assertThat(last.queueId()).isEqualTo(39);
        assertThat(topic.queue(3)).isSameAs(third);
        assertThat(topic.findQueue(-1)).isNull();
        assertThat(topic.findQueue(4_000)).isNull();
    }

    @Test
    void creatingWritesOneRecordHoweverManyTopicsThereAre() {
        long first = bytesToCreate("topic-000000");
        for (int i = 1; i < 20_000; i++) {
            changed(table.put(TopicConfig.of("topic-%06d".formatted(i), 8)));
        }
        assertThat(bytesToCreate("topic-020000")).isEqualTo(first);
    }

    private long bytesToCreate(String name) {
        long before = store.storage().maxLogOffset();
        changed(table.put(TopicConfig.of(name, 8)));
        return store.storage().maxLogOffset() - before;
    }
}
