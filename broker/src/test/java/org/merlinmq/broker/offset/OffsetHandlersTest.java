package org.merlinmq.broker.offset;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.merlinmq.broker.client.ClientRelay;
import org.merlinmq.broker.client.ConsumerGroup;
import org.merlinmq.broker.client.ConsumerGroups;
import org.merlinmq.broker.client.FakeChannel;
import org.merlinmq.broker.filter.TagFilter;
import org.merlinmq.broker.group.FakeJournal;
import org.merlinmq.broker.group.FakeTopics;
import org.merlinmq.broker.group.GroupTable;
import org.merlinmq.broker.identity.BrokerIdentity;
import org.merlinmq.broker.stats.ThroughputStats;
import org.merlinmq.broker.subscription.Subscription;
import org.merlinmq.protocol.body.ConsumeFromWhere;
import org.merlinmq.protocol.body.ConsumeType;
import org.merlinmq.protocol.body.MessageModel;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.frame.Language;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.protocol.request.CloneOffsetRequest;
import org.merlinmq.protocol.request.CorrectionOffsetRequest;
import org.merlinmq.protocol.request.QueryOffsetRequest;
import org.merlinmq.protocol.request.QueueRequest;
import org.merlinmq.protocol.request.ResetOffsetRequest;
import org.merlinmq.protocol.request.SearchOffsetRequest;
import org.merlinmq.protocol.request.TopicRequest;
import org.merlinmq.protocol.request.UpdateOffsetRequest;
import org.merlinmq.storage.facts.RecordRule;
import org.merlinmq.testkit.SimClock;
import org.merlinmq.transport.dispatch.Answer;

class OffsetHandlersTest {
    @TempDir
    Path folder;

    private final FakeTopics topics = new FakeTopics();
    private final GroupTable groups = new GroupTable(new FakeJournal(), () -> 0, true, topics);
    private final ConsumerGroups consumers = new ConsumerGroups(() -> 0, group -> {});
    private final OffsetTable offsets =
            new OffsetTable(new FakeJournal(), new ThroughputStats(() -> 0, at -> {}, ZoneOffset.UTC), () -> {});
    private final SimClock clock = new SimClock();
    private TestStore store;
    private OffsetHandlers handlers;
    private ResetHandlers resets;

    @BeforeEach
    void open() {
        store = new TestStore(folder, clock, RecordRule.NONE);
        StoredMessages messages = new StoredMessages(store.storage(), 1 << 20);
        handlers = new OffsetHandlers(offsets, groups, topics, messages);
        ClientRelay relay = new ClientRelay(consumers, id -> null, "b");
        resets = new ResetHandlers(
                offsets,
                groups,
                consumers,
                topics,
                messages,
                relay,
                new BrokerIdentity("c", "b", 0, InetAddress.getLoopbackAddress(), false, 1, 2),
                () -> {});
    }

    @AfterEach
    void close() {
        store.close();
    }

    private static Fields fields(String... namesAndValues) {
        Map<String, String> map = new HashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            map.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return map::get;
    }

    private static @Nullable String field(Answer answer, String name) {
        return answer.header() == null ? null : Frame.fieldsOf(answer.header()).get(name);
    }

    private Answer query(String topic, int queueId, String... more) {
        List<String> all = new ArrayList<>(List.of("consumerGroup", "G", "topic", topic, "queueId", "" + queueId));
        all.addAll(List.of(more));
        return handlers.query(QueryOffsetRequest.read(fields(all.toArray(String[]::new))));
    }

    private long put(String topic, int queueId) {
        return store.put(topic, queueId, "x", Map.of(), 0, 0);
    }

    @Test
    void aNewGroupStartsAYoungQueueAtItsFirstMessage() {
        topics.add("T", 2);
        put("T", 0);
        put("T", 0);
        assertThat(field(query("T", 0), "offset")).isEqualTo("0");
        assertThat(field(query("T", 1), "offset")).as("an empty queue").isEqualTo("0");
        assertThat(query("T", 0, "setZeroIfNotFound", "false").code()).isEqualTo(ResponseCode.QUERY_NOT_FOUND);
        assertThat(query("T", 2).code()).isEqualTo(ResponseCode.QUERY_NOT_FOUND);
        assertThat(query("U", 0).code()).isEqualTo(ResponseCode.QUERY_NOT_FOUND);
        StoredMessages tiny = new StoredMessages(store.storage(), 10);
        OffsetHandlers forgetful = new OffsetHandlers(offsets, groups, topics, tiny);
        assertThat(forgetful
                        .query(QueryOffsetRequest.read(fields("consumerGroup", "G", "topic", "T", "queueId", "0")))
                        .code())
                .as("the first message is far from the log's end")
                .isEqualTo(ResponseCode.QUERY_NOT_FOUND);
    }

    @Test
    void commitsNeedAGroupAndATopic() {
        String[] commit = {"consumerGroup", "G", "topic", "T", "queueId", "0", "commitOffset", "5"};
        GroupTable closed = new GroupTable(new FakeJournal(), () -> 0, false, topics);
        StoredMessages messages = new StoredMessages(store.storage(), 1 << 20);
        Answer refused =
                new OffsetHandlers(offsets, closed, topics, messages).update(UpdateOffsetRequest.read(fields(commit)));
        assertThat(refused.code()).isEqualTo(ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST);
        assertThat(refused.remark()).contains("G does not exist", "autoCreateSubscriptionGroup is off");
        assertThat(handlers.update(UpdateOffsetRequest.read(fields(commit))).code())
                .isEqualTo(ResponseCode.TOPIC_NOT_EXIST);
        topics.add("T", 1);
        assertThat(handlers.update(UpdateOffsetRequest.read(fields(commit))).code())
                .isEqualTo(ResponseCode.SUCCESS);
        assertThat(field(query("T", 0), "offset")).isEqualTo("5");
    }

    @Test
    void commitsOfQueuesThatTheTopicNeverHadTakeNoRoom() {
        groups.findOrCreate("G");
        topics.add("T", 2);
        String[] commit = {"consumerGroup", "G", "topic", "T", "queueId", "2", "commitOffset", "5"};
        assertThat(handlers.update(UpdateOffsetRequest.read(fields(commit))).code())
                .isEqualTo(ResponseCode.INVALID_PARAMETER);
        assertThat(offsets.find("G", "T")).isNull();
        commit[5] = "1";
        assertThat(handlers.update(UpdateOffsetRequest.read(fields(commit))).code())
                .isEqualTo(ResponseCode.SUCCESS);
        topics.add("T", 1);
        commit[7] = "6";
        assertThat(handlers.update(UpdateOffsetRequest.read(fields(commit))).code())
                .as("it had this one")
                .isEqualTo(ResponseCode.SUCCESS);
        commit[5] = "-1";
        assertThat(handlers.update(UpdateOffsetRequest.read(fields(commit))).code())
                .isEqualTo(ResponseCode.INVALID_PARAMETER);
    }

    @Test
    void aTimeBeforeAllMessagesIsTheOldestThereIs() {
        topics.add("T", 1);
        String body = "x".repeat(60_000);
        for (int i = 0; i < 10; i++) {
            store.put("T", 0, body, Map.of(), 0, 0);
        }
        clock.advance(Duration.ofDays(30));
        assertThat(store.storage().deleteExpired().join()).isPositive();
        String oldest = field(handlers.minOffset(QueueRequest.read(fields("topic", "T", "queueId", "0"))), "offset");
        assertThat(oldest).isNotEqualTo("0");
        assertThat(field(
                        handlers.search(
                                SearchOffsetRequest.read(fields("topic", "T", "queueId", "0", "timestamp", "-1"))),
                        "offset"))
                .isEqualTo(oldest);
    }

    @Test
    void boundsOfUnknownQueuesAreZero() {
        assertThat(field(handlers.maxOffset(QueueRequest.read(fields("topic", "T", "queueId", "0"))), "offset"))
                .isEqualTo("0");
        put("T", 0);
        put("T", 0);
        assertThat(field(handlers.maxOffset(QueueRequest.read(fields("topic", "T", "queueId", "0"))), "offset"))
                .isEqualTo("2");
        assertThat(field(handlers.minOffset(QueueRequest.read(fields("topic", "T", "queueId", "0"))), "offset"))
                .isEqualTo("0");
        assertThat(field(handlers.earliest(QueueRequest.read(fields("topic", "U", "queueId", "0"))), "timestamp"))
                .isEqualTo("-1");
        RecordView first = store.read("T", 0).getFirst();
        assertThat(field(handlers.earliest(QueueRequest.read(fields("topic", "T", "queueId", "0"))), "timestamp"))
                .isEqualTo("" + first.storeMillis());
        assertThat(field(
                        handlers.search(
                                SearchOffsetRequest.read(fields("topic", "T", "queueId", "0", "timestamp", "-1"))),
                        "offset"))
                .isEqualTo("0");
        long later = first.storeMillis() + 1_000_000;
        assertThat(field(
                        handlers.search(SearchOffsetRequest.read(
                                fields("topic", "T", "queueId", "0", "timestamp", "" + later))),
                        "offset"))
                .isEqualTo("2");
        assertThat(field(
                        handlers.search(SearchOffsetRequest.read(fields(
                                "topic", "T", "queueId", "0", "timestamp", "" + later, "boundaryType", "UPPER"))),
                        "offset"))
                .isEqualTo("1");
    }

    @Test
    void aResetCoversAllQueuesAndIsToldToThoseOnline() {
        topics.add("T", 2);
        groups.findOrCreate("G");
        put("T", 0);
        put("T", 0);
        put("T", 1);
        FakeChannel online = new FakeChannel("10.0.0.1:1");
        consumers.heartbeat(
                "G",
                new ConsumerGroups.Client(online, "c", 0, 121),
                new ConsumerGroup.ConsumeSettings(
                        ConsumeType.CONSUME_PASSIVELY,
                        MessageModel.CLUSTERING,
                        ConsumeFromWhere.CONSUME_FROM_LAST_OFFSET),
                List.of(new Subscription("T", Subscription.TAG, "*", 1, TagFilter.ALL)));
        FakeChannel cpp = new FakeChannel("10.0.0.1:2");
        consumers.heartbeat(
                "G",
                new ConsumerGroups.Client(cpp, "cpp", Language.CPP.number(), 121),
                new ConsumerGroup.ConsumeSettings(
                        ConsumeType.CONSUME_PASSIVELY,
                        MessageModel.CLUSTERING,
                        ConsumeFromWhere.CONSUME_FROM_LAST_OFFSET),
                List.of(new Subscription("T", Subscription.TAG, "*", 1, TagFilter.ALL)));
        Fields toEnd = fields("topic", "T", "group", "G", "timestamp", "-1", "isForce", "true");
        Answer answer = resets.reset(ResetOffsetRequest.read(toEnd), false);
        assertThat(new String(answer.body(), StandardCharsets.UTF_8))
                .isEqualTo("{\"offsetTable\":{{\"brokerName\":\"b\",\"queueId\":0,\"topic\":\"T\"}:2,"
                        + "{\"brokerName\":\"b\",\"queueId\":1,\"topic\":\"T\"}:1}}");
        assertThat(field(query("T", 0), "offset")).isEqualTo("2");
        assertThat(online.sent).hasSize(1);
        assertThat(online.sent.getFirst().code()).isEqualTo(220);
        assertThat(new String(online.sent.getFirst().body(), StandardCharsets.UTF_8))
                .startsWith("{\"offsetTable\":{{");
        assertThat(new String(cpp.sent.getFirst().body(), StandardCharsets.UTF_8))
                .startsWith("{\"offsetTable\":[{");
        assertThat(new String(resets.reset(ResetOffsetRequest.read(toEnd), true).body(), StandardCharsets.UTF_8))
                .startsWith("{\"offsetTable\":[{\"brokerName\":\"b\",\"offset\":2,\"queueId\":0,\"topic\":\"T\"}");
    }

    @Test
    void aResetOfOneQueueStaysWithinItsBounds() {
        topics.add("T", 2);
        put("T", 0);
        String[] wish = {"topic", "T", "group", "G", "timestamp", "0", "isForce", "true", "queueId", "0", "offset", "1"
        };
        assertThat(resets.reset(ResetOffsetRequest.read(fields(wish)), false).code())
                .isEqualTo(ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST);
        groups.findOrCreate("G");
        assertThat(resets.reset(ResetOffsetRequest.read(fields(wish)), false).code())
                .isEqualTo(ResponseCode.SUCCESS);
        wish[wish.length - 1] = "7";
        assertThat(resets.reset(ResetOffsetRequest.read(fields(wish)), false).code())
                .isEqualTo(ResponseCode.SYSTEM_ERROR);
        wish[1] = "U";
        assertThat(resets.reset(ResetOffsetRequest.read(fields(wish)), false).code())
                .isEqualTo(ResponseCode.TOPIC_NOT_EXIST);
    }

    @Test
    void offsetsAreCopiedToAnotherGroup() {
        topics.add("T", 2);
        offsets.commit("G", "T", 1, 9);
        Answer online = resets.copy(CloneOffsetRequest.read(fields("srcGroup", "G", "destGroup", "H")));
        assertThat(online.code()).isEqualTo(ResponseCode.CONSUMER_NOT_ONLINE);
        assertThat(resets.copy(CloneOffsetRequest.read(fields("srcGroup", "G", "destGroup", "H", "offline", "true")))
                        .code())
                .isEqualTo(ResponseCode.SUCCESS);
        assertThat(offsets.committed("H", "T", 1)).isEqualTo(9);
        assertThat(offsets.committed("H", "T", 0)).isEqualTo(ConsumeProgress.NONE);
        assertThat(new String(
                        resets.groupsOf(TopicRequest.read(fields("topic", "T"))).body(), StandardCharsets.UTF_8))
                .isEqualTo("{\"groupList\":[\"G\",\"H\"]}");
        assertThat(new String(
                        resets.correction(CorrectionOffsetRequest.read(fields("topic", "T", "compareGroup", "G")))
                                .body(),
                        StandardCharsets.UTF_8))
                .isEqualTo("{\"correctionOffsets\":{\"1\":9}}");
    }
}
