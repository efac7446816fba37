package org.merlinmq.broker.topic;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.merlinmq.broker.offset.TestStore;
import org.merlinmq.protocol.body.MessageQueueId;
import org.merlinmq.protocol.body.QueueStats;
import org.merlinmq.protocol.body.TopicConfig;
import org.merlinmq.protocol.body.TopicConfigList;
import org.merlinmq.protocol.body.TopicConfigTable;
import org.merlinmq.protocol.body.TopicList;
import org.merlinmq.protocol.body.TopicStats;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.request.CreateTopicRequest;
import org.merlinmq.protocol.request.TopicPageRequest;
import org.merlinmq.protocol.request.TopicRequest;
import org.merlinmq.storage.facts.RecordRule;
import org.merlinmq.storage.queue.Queue;
import org.merlinmq.testkit.SimClock;
import org.merlinmq.transport.dispatch.Answer;

class TopicHandlersTest {
    @TempDir
    Path folder;

    private final AtomicBoolean slave = new AtomicBoolean();
    private final List<String> steps = new ArrayList<>();
    private TestStore store;
    private TopicTable table;
    private TopicHandlers requests;

    @BeforeEach
    void open() {
        store = new TestStore(folder, new SimClock(), RecordRule.NONE);
        table = store.topics(TopicSettings.defaults("C", "broker-a"));
        TopicFacts facts = new TopicFacts() {
            @Override
            public long lastStoreMillis(Queue queue) {
                return 42;
            }

            @Override
            public double putPerSecond(String topic) {
                return 0.5;
            }
        };
        requests = new TopicHandlers(
                table, "broker-a", () -> steps.add("durable"), () -> steps.add("told"), slave::get, facts);
    }

    @AfterEach
    void close() {
        store.close();
    }

    private Answer create(String topic, int queueCount, String attributes) {
        return requests.update(new CreateTopicRequest(
                topic, "TBW102", queueCount, queueCount, 6, "SINGLE_TAG", 0, false, attributes, null));
    }

    @Test
    void topicIsDurableAndToldBeforeTheAnswer() {
        assertThat(create("T", 4, "+message.type=FIFO,+reserve.time=7").code()).isEqualTo(ResponseCode.SUCCESS);
        assertThat(steps).containsExactly("durable", "told");
        assertThat(Objects.requireNonNull(table.find("T")).config())
                .isEqualTo(new TopicConfig(
                        "T", 4, 4, 6, "SINGLE_TAG", 0, false, Map.of("message.type", "FIFO", "reserve.time", "7")));
        assertThat(create("T", 4, "").code()).isEqualTo(ResponseCode.SUCCESS);
        assertThat(steps).as("nothing changed").hasSize(2);
    }

    @Test
    void wrongWishesAreRefusedWithSentences() {
        assertThat(create("T", 4, "message.type=FIFO").code()).isEqualTo(ResponseCode.SYSTEM_ERROR);
        assertThat(create("T", 4, "+message.type").code()).isEqualTo(ResponseCode.SYSTEM_ERROR);
        assertThat(create("a b", 4, "").code()).isEqualTo(ResponseCode.INVALID_PARAMETER);
        assertThat(create("TBW102", 4, "").remark()).isEqualTo("The topic[TBW102] is conflict with system topic.");
        slave.set(true);
        assertThat(create("T", 4, "").code()).isEqualTo(ResponseCode.SYSTEM_ERROR);
        assertThat(requests.delete(new TopicRequest("T")).code()).isEqualTo(ResponseCode.SYSTEM_ERROR);
        assertThat(requests.updateList(new byte[0]).code()).isEqualTo(ResponseCode.SYSTEM_ERROR);
        assertThat(steps).isEmpty();
    }

    @Test
    void listCreatesUpToTheFirstRefusal() {
        create("T1", 4, "");
        steps.clear();
        byte[] body = new TopicConfigList(List.of(
                        TopicConfig.of("T1", 4),
                        new TopicConfig("T2", 2, 2, 6, "SINGLE_TAG", 0, false, Map.of("+message.type", "DELAY")),
                        TopicConfig.of("bad name", 4),
                        TopicConfig.of("T3", 4)))
                .write();
        assertThat(requests.updateList(body).code()).isEqualTo(ResponseCode.INVALID_PARAMETER);
        assertThat(Objects.requireNonNull(table.find("T2")).config().attributes())
                .containsEntry("message.type", "DELAY");
        assertThat(table.find("T3")).isNull();
        assertThat(steps).as("what was created is told").containsExactly("durable", "told");
    }

    @Test
    void deletingIsFineAlthoughNothingIsThere() {
        create("T", 4, "");
        assertThat(requests.delete(new TopicRequest("T")).code()).isEqualTo(ResponseCode.SUCCESS);
        assertThat(requests.delete(new TopicRequest("T")).code()).isEqualTo(ResponseCode.SUCCESS);
        assertThat(table.find("T")).isNull();
        assertThat(requests.delete(new TopicRequest("TBW102")).code()).isEqualTo(ResponseCode.INVALID_PARAMETER);
        assertThat(requests.delete(new TopicRequest(" ")).code()).isEqualTo(ResponseCode.INVALID_PARAMETER);
    }

    @Test
    void wholeTableComesInOnePageOrMany() {
        for (int i = 0; i < 10; i++) {
            create("T" + i, 4, "");
        }
        Answer whole = requests.all(new TopicPageRequest(null, null, null));
        TopicConfigTable all = TopicConfigTable.read(whole.body());
        assertThat(all.topicConfigTable()).hasSize(24).containsKeys("T0", "TBW102");
        assertThat(all.dataVersion()).isEqualTo(table.version());
        List<String> paged = new ArrayList<>();
        String version = "";
        for (int at = 0; at < 24; at += 7) {
            Answer page = requests.all(new TopicPageRequest(at, version, 7));
            assertThat(Frame.fieldsOf(Objects.requireNonNull(page.header()))).containsEntry("totalTopicNum", "24");
            TopicConfigTable part = TopicConfigTable.read(page.body());
            version = new String(part.dataVersion().write(), StandardCharsets.UTF_8);
            paged.addAll(part.topicConfigTable().keySet());
        }
        assertThat(paged)
                .hasSize(24)
                .doesNotHaveDuplicates()
                .containsAll(all.topicConfigTable().keySet());
        create("another", 4, "");
        assertThat(TopicConfigTable.read(requests.all(new TopicPageRequest(7, version, 7))
                                .body())
                        .topicConfigTable())
                .as("the table changed: from the start again")
                .containsKey(table.configs().get(0).topicName());
        assertThat(requests.all(new TopicPageRequest(1_000, "", 7)).code()).isEqualTo(ResponseCode.SUCCESS);
        assertThat(requests.all(new TopicPageRequest(-1, "", -7)).code()).isEqualTo(ResponseCode.SUCCESS);
    }

    @Test
    void configurationAndSystemTopicsAreTold() {
        create("T", 4, "");
        assertThat(TopicConfig.read(requests.config(new TopicRequest("T")).body()))
                .isEqualTo(Objects.requireNonNull(table.find("T")).config());
        assertThat(requests.config(new TopicRequest("U")).code()).isEqualTo(ResponseCode.TOPIC_NOT_EXIST);
        assertThat(TopicList.read(requests.systemTopics().body()).topicList())
                .contains("TBW102", "C", "broker-a", "RMQ_SYS_TRACE_TOPIC", "CHECKPOINT_TOPIC")
                .doesNotContain("T");
    }

    @Test
    void statsTellEachQueueAndMakeNone() {
        create("T", 3, "");
        store.put("T", 1, "x", Map.of(), 0, 0);
        Answer answer = requests.stats(new TopicRequest("T"));
        assertThat(Bytes.text(answer.body(), 0, answer.body().length))
                .startsWith("{\"offsetTable\":{{\"brokerName\":\"broker-a\",\"queueId\":0,\"topic\":\"T\"}:");
        TopicStats stats = TopicStats.read(answer.body());
        assertThat(stats.topicPutTps()).isEqualTo(0.5);
        assertThat(stats.offsetTable())
                .hasSize(3)
                .containsEntry(new MessageQueueId("T", "broker-a", 0), new QueueStats(0, 0, 0))
                .containsEntry(new MessageQueueId("T", "broker-a", 1), new QueueStats(42, 1, 0));
        assertThat(store.storage().findQueue("T", 2)).isNull();
        assertThat(requests.stats(new TopicRequest("U")).code()).isEqualTo(ResponseCode.TOPIC_NOT_EXIST);
    }
}
