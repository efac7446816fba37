package org.merlinmq.broker.admin;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.merlinmq.broker.client.ConsumerGroup;
import org.merlinmq.broker.client.ConsumerGroups;
import org.merlinmq.broker.client.FakeChannel;
import org.merlinmq.broker.filter.TagFilter;
import org.merlinmq.broker.follow.ReplicaView;
import org.merlinmq.broker.group.FakeJournal;
import org.merlinmq.broker.group.FakeTopics;
import org.merlinmq.broker.identity.BrokerIdentity;
import org.merlinmq.broker.offset.OffsetTable;
import org.merlinmq.broker.offset.StoredMessages;
import org.merlinmq.broker.offset.TestStore;
import org.merlinmq.broker.schedule.DelayLevels;
import org.merlinmq.broker.stats.Meter;
import org.merlinmq.broker.stats.ThroughputStats;
import org.merlinmq.broker.subscription.Compiled;
import org.merlinmq.broker.subscription.FilterConfig;
import org.merlinmq.broker.subscription.Subscription;
import org.merlinmq.protocol.body.ConsumeFromWhere;
import org.merlinmq.protocol.body.ConsumeType;
import org.merlinmq.protocol.body.HaConnection;
import org.merlinmq.protocol.body.HaStatus;
import org.merlinmq.protocol.body.KvTable;
import org.merlinmq.protocol.body.MessageModel;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.protocol.request.ConsumeStatsRequest;
import org.merlinmq.protocol.request.QueryMessageRequest;
import org.merlinmq.protocol.request.QueryQueueRequest;
import org.merlinmq.protocol.request.StatsRequest;
import org.merlinmq.protocol.request.TopicGroupRequest;
import org.merlinmq.protocol.request.ViewMessageRequest;
import org.merlinmq.replication.apache.ApacheMaster.SlavePosition;
import org.merlinmq.storage.facts.RecordRule;
import org.merlinmq.testkit.SimClock;
import org.merlinmq.transport.dispatch.Answer;
import org.merlinmq.transport.dispatch.Handlers;
import org.merlinmq.transport.dispatch.Refusal;

class AdminHandlersTest {
    @TempDir
    Path folder;

    private final SimClock clock = new SimClock();
    private final FakeTopics topics = new FakeTopics();
    private final ThroughputStats throughput = new ThroughputStats(() -> 0, at -> {}, ZoneOffset.UTC);
    private final Map<String, Meter> puts = new TreeMap<>();
    private final OffsetTable offsets = new OffsetTable(new FakeJournal(), throughput, () -> {});
    private final Settings settings = new Settings();
    private TestStore store;
    private StoredMessages messages;

    private static final class Settings implements ConfigView {
        private final Map<String, String> values = new TreeMap<>(Map.of("brokerName", "b", "listenPort", "1"));

        @Override
        public Map<String, String> settings() {
            return values;
        }

        @Override
        public @Nullable Refusal update(Map<String, String> changes) {
            if (changes.containsKey("brokerConfigPath")) {
                return new Refusal(ResponseCode.NO_PERMISSION, "no");
            }
            values.putAll(changes);
            return null;
        }

        @Override
        public Version version() {
            return new Version(3, 4);
        }
    }

    private record FixedDisk(String path, long totalBytes, long usableBytes) implements DiskSpace {}

    private final ConsumerGroups consumers = new ConsumerGroups(() -> 1_000, group -> {});
    private final FakeChannel channel = new FakeChannel("10.0.0.1:5");

    @BeforeEach
    void open() {
        store = new TestStore(folder, clock, RecordRule.NONE);
        messages = new StoredMessages(store.storage(), 1 << 20);
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

    private static String text(Answer answer) {
        return new String(answer.body(), StandardCharsets.UTF_8);
    }

    @Test
    void messagesAreFoundByEachOfTheirKeysAndOnlyInTheirTopic() {
        MessageHandlers queries = new MessageHandlers(store.storage(), messages, consumers, () -> 64);
        store.put("T", 0, "one", Map.of("UNIQ_KEY", "U1", "KEYS", "k1 k2"), 0, 0);
        store.put("T", 0, "two", Map.of("UNIQ_KEY", "U2", "KEYS", "k2"), 0, 0);
        store.put("Other", 0, "three", Map.of("UNIQ_KEY", "U1"), 0, 0);
        String[] query = {
            "topic", "T", "key", "k2", "maxNum", "10", "beginTimestamp", "0", "endTimestamp", "" + Long.MAX_VALUE
        };
        Answer both = queries.byKey(QueryMessageRequest.read(fields(query)));
        RecordView record = new RecordView();
        assertThat(record.on(both.body(), 0, both.body().length)).isTrue();
        assertThat(record.on(both.body(), record.totalBytes(), both.body().length - record.totalBytes()))
                .isTrue();
        assertThat(record.recordAt() + record.totalBytes()).isEqualTo(both.body().length);
        assertThat(Frame.fieldsOf(requireNonNull(both.header()))).containsKey("indexLastUpdateTimestamp");

        MessageHandlers oneAtATime = new MessageHandlers(store.storage(), messages, consumers, () -> 1);
        byte[] newest =
                oneAtATime.byKey(QueryMessageRequest.read(fields(query))).body();
        assertThat(record.on(newest, 0, newest.length)).isTrue();
        assertThat(record.totalBytes()).as("one message alone").isEqualTo(newest.length);

        Answer unique = queries.byKey(QueryMessageRequest.read(fields(
                "topic",
                "T",
                "key",
                "U1",
                "maxNum",
                "1",
                "beginTimestamp",
                "5",
                "endTimestamp",
                "6",
                "_UNIQUE_KEY_QUERY",
                "true")));
        assertThat(record.on(unique.body(), 0, unique.body().length)).isTrue();
        assertThat(TestStore.body(record)).as("whatever the time window says").isEqualTo("one");

        query[3] = "none";
        assertThat(queries.byKey(QueryMessageRequest.read(fields(query))).code())
                .isEqualTo(ResponseCode.QUERY_NOT_FOUND);
    }

    @Test
    void messagesOfADeletedTopicAreNotFoundAlsoWhenItIsMadeAgain() {
        MessageHandlers queries = new MessageHandlers(store.storage(), messages, consumers, () -> 64);
        long old = store.put("T", 0, "old", Map.of("UNIQ_KEY", "U1", "KEYS", "k"), 0, 0);
        QueryMessageRequest byKey = new QueryMessageRequest("T", "k", 10, 0, Long.MAX_VALUE, null, null, false);
        QueryMessageRequest byUniqueKey = new QueryMessageRequest("T", "U1", 10, 0, Long.MAX_VALUE, null, null, true);
        assertThat(queries.byKey(byKey).code()).isEqualTo(ResponseCode.SUCCESS);
        store.deleteTopic("T");
        assertThat(queries.byKey(byKey).code()).isEqualTo(ResponseCode.QUERY_NOT_FOUND);
        assertThat(queries.byKey(byUniqueKey).code()).isEqualTo(ResponseCode.QUERY_NOT_FOUND);
        assertThat(queries.byPlace(new ViewMessageRequest(old, null)).code()).isEqualTo(ResponseCode.SYSTEM_ERROR);

        store.put("T", 0, "new", Map.of("UNIQ_KEY", "U2", "KEYS", "k"), 0, 0);
        byte[] found = queries.byKey(byKey).body();
        RecordView record = new RecordView();
        assertThat(record.on(found, 0, found.length)).isTrue();
        assertThat(TestStore.body(record)).isEqualTo("new");
        assertThat(record.totalBytes()).as("one message alone").isEqualTo(found.length);
        assertThat(queries.byKey(byUniqueKey).code()).isEqualTo(ResponseCode.QUERY_NOT_FOUND);
    }

    @Test
    void aMessageIsShownByItsPlaceAndAQueueByItsEntries() {
        MessageHandlers queries = new MessageHandlers(store.storage(), messages, consumers, () -> 64);
        long at = store.put("T", 0, "one", Map.of("TAGS", "TagA"), 0, 0);
        assertThat(queries.byPlace(ViewMessageRequest.read(fields("offset", "" + at)))
                        .body())
                .isNotEmpty();
        assertThat(queries.byPlace(ViewMessageRequest.read(fields("offset", "" + (at + 1))))
                        .code())
                .isEqualTo(ResponseCode.SYSTEM_ERROR);
        String[] query = {"topic", "T", "queueId", "0", "index", "0", "count", "10"};
        assertThat(text(queries.entries(QueryQueueRequest.read(fields(query)))))
                .startsWith("{\"maxQueueIndex\":1,\"minQueueIndex\":0,\"queueData\":[{\"eval\":false,\"physicOffset\":"
                        + at)
                .contains("\"tagsCode\":" + "TagA".hashCode());
        query[5] = "7";
        assertThat(text(queries.entries(QueryQueueRequest.read(fields(query))))).contains("\"queueData\":[]");
        query[3] = "1";
        assertThat(queries.entries(QueryQueueRequest.read(fields(query))).code())
                .isEqualTo(ResponseCode.SYSTEM_ERROR);
    }

    @Test
    void theFilterOfAGroupIsTriedOnTheEntriesOfAQueue() {
        MessageHandlers queries = new MessageHandlers(store.storage(), messages, consumers, () -> 64);
        store.put("T", 0, "one", Map.of("TAGS", "TagA", "size", "1"), 0, 0);
        store.put("T", 0, "two", Map.of("TAGS", "TagA", "size", "2"), 0, 0);
        String[] query = {"topic", "T", "queueId", "0", "index", "0", "count", "10", "consumerGroup", "F"};
        assertThat(text(queries.entries(QueryQueueRequest.read(fields(query)))))
                .contains("\"filterData\":\"F@T is not online!\"")
                .doesNotContain("\"eval\":true", "subscriptionData");
        subscribe("F", new Subscription("T", "TAG", "TagB", 1, TagFilter.ofTags(List.of("TagB"))));
        assertThat(text(queries.entries(QueryQueueRequest.read(fields(query)))))
                .contains("\"filterData\":\"null\"", "\"tagsSet\":[\"TagB\"]")
                .doesNotContain("\"eval\":true");
        subscribe(
                "F",
                new Subscription("T", "SQL92", "size > 1", 2, Compiled.of("SQL92", "size > 1", FilterConfig.DEFAULT)));
        assertThat(text(queries.entries(QueryQueueRequest.read(fields(query)))))
                .containsSubsequence("size > 1", "\"eval\":false", "\"eval\":true", "\"expressionType\":\"SQL92\"");
    }

    private void subscribe(String group, Subscription subscription) {
        consumers.heartbeat(
                group,
                new ConsumerGroups.Client(channel, "c1", 0, 479),
                new ConsumerGroup.ConsumeSettings(
                        ConsumeType.CONSUME_PASSIVELY,
                        MessageModel.CLUSTERING,
                        ConsumeFromWhere.CONSUME_FROM_LAST_OFFSET),
                List.of(subscription));
    }

    @Test
    void lagIsCountedPerQueue() {
        ConsumeStatsHandlers queries = new ConsumeStatsHandlers(
                offsets,
                new ConsumerGroups(() -> 0, group -> {}),
                topics,
                messages,
                throughput,
                new BrokerIdentity("c", "b", 0, InetAddress.getLoopbackAddress(), false, 1, 2),
                clock.withZone(ZoneId.of("America/New_York")));
        topics.add("T", 2);
        store.put("T", 0, "one", Map.of(), 0, 0);
        store.put("T", 0, "two", Map.of(), 0, 0);
        offsets.commit("G", "T", 0, 1);
        requireNonNull(offsets.find("G", "T")).notePulled(0, 2);
        assertThat(text(queries.lagOfGroup(ConsumeStatsRequest.read(fields("consumerGroup", "G")))))
                .contains(
                        "{\"brokerName\":\"b\",\"queueId\":0,\"topic\":\"T\"}:{\"brokerOffset\":2,\"consumerOffset\":1,"
                                + "\"lastTimestamp\":")
                .contains("\"pullOffset\":2}")
                .contains("\"queueId\":1");
        assertThat(text(queries.lagOfAll())).endsWith("\"totalDiff\":1,\"totalInflightDiff\":1}");
        assertThat(text(queries.lagOfGroup(ConsumeStatsRequest.read(fields("consumerGroup", "Unknown")))))
                .isEqualTo("{\"consumeTps\":0.0,\"offsetTable\":{}}");
        assertThat(text(queries.timeSpans(TopicGroupRequest.read(fields("topic", "T", "group", "G")))))
                .contains("\"delayTime\":")
                .contains("\"minTimeStampStr\":\""
                        + DateTimeFormatter.ofPattern("yyyy-MM-dd'#'HH:mm:ss")
                                .format(clock.instant().atZone(ZoneId.of("America/New_York"))));
        assertThat(queries.timeSpans(TopicGroupRequest.read(fields("topic", "U", "group", "G")))
                        .code())
                .isEqualTo(ResponseCode.TOPIC_NOT_EXIST);
    }

    @Test
    void countersAreFoundByTheNamesThatToolsUse() {
        StatsHandlers queries = new StatsHandlers(throughput, puts::get, offsets, "c");
        puts.computeIfAbsent("T", made -> throughput.counter()).add(3, 300);
        offsets.findOrAdd("G", "T").consumed().add(2, 200);
        assertThat(text(queries.view(StatsRequest.read(fields("statsName", "TOPIC_PUT_NUMS", "statsKey", "T")))))
                .contains("\"sum\":3");
        assertThat(text(queries.view(StatsRequest.read(fields("statsName", "GROUP_GET_SIZE", "statsKey", "T@G")))))
                .contains("\"sum\":200");
        Answer unknown = queries.view(StatsRequest.read(fields("statsName", "TOPIC_PUT_NUMS", "statsKey", "U")));
        assertThat(unknown.code()).isEqualTo(ResponseCode.SYSTEM_ERROR);
        assertThat(unknown.remark()).isEqualTo("The stats <TOPIC_PUT_NUMS> <U> not exist");
    }

    @Test
    void theRuntimeTableHasEveryKeyThatAToolCannotDoWithout() {
        throughput.produced().add(3, 300);
        RuntimeHandlers handlers = new RuntimeHandlers(
                store.storage(),
                messages,
                throughput,
                DelayLevels.STANDARD,
                settings,
                new FixedDisk("/store", 252L << 30, 126L << 30),
                new Load(new Handlers().running(), () -> 5, throughput.counter(), throughput.counter()),
                new ReplicaView(store.storage(), true)::status,
                clock::millis);
        Map<String, String> table = KvTable.read(handlers.runtime().body()).table();
        assertThat(table)
                .containsEntry("brokerVersion", "479")
                .containsEntry("commitLogDirCapacity", "Total : 252.0 GiB, Free : 126.0 GiB.")
                .containsEntry("commitLogDiskRatio", "0.5000")
                .containsEntry("msgPutTotalTodayNow", "3")
                .containsEntry("putMessageFailedTimes", "5")
                .containsEntry("sendThreadPoolQueueSize", "0")
                .containsEntry("queryThreadPoolQueueHeadWaitTimeMills", "0")
                .containsKeys(
                        "putTps",
                        "getTransferredTps",
                        "getTransferedTps",
                        "sendThreadPoolQueueSize",
                        "pullThreadPoolQueueHeadWaitTimeMills",
                        "EndTransactionQueueSize",
                        "timerReadBehind",
                        "pageCacheLockTimeMills",
                        "earliestMessageTimeStamp",
                        "remainHowManyDataToFlush");
        assertThat(requireNonNull(table.get("putTps")).split(" ", -1)).hasSize(3);
        assertThat(requireNonNull(table.get("putMessageDistributeTime")).split("\\[", -1))
                .hasSize(14);
        assertThat(RuntimeTable.iec(265)).isEqualTo("265 B");
        assertThat(RuntimeTable.iec(1_229)).isEqualTo("1.2 KiB");
        assertThat(RuntimeTable.runtime(Duration.ofSeconds(90_061)))
                .isEqualTo("[ 1 days, 1 hours, 1 minutes, 1 seconds ]");
    }

    @Test
    void slavesAreShownWithWhatTheyLack() {
        ReplicaView view = new ReplicaView(store.storage(), true);
        assertThat(view.status()).isEqualTo(new HaStatus(List.of(), 0, true, 0));
        view.show(() -> List.of(new SlavePosition("10.0.0.2:5", 0, 0, 7), new SlavePosition("10.0.0.3:5", -1, -1, 0)));
        assertThat(view.status().connections())
                .containsExactly(
                        new HaConnection("10.0.0.2:5", 0, true, 0, 0, 7),
                        new HaConnection("10.0.0.3:5", 0, true, -1, -1, 0));
        assertThat(view.status().inSyncSlaveNums()).isEqualTo(2);
        SlavePosition far = new SlavePosition("10.0.0.4:5", 9, 5, 0);
        assertThat(ReplicaView.connection(far, 5 + ReplicaView.MAX_GAP_BYTES).inSync())
                .isTrue();
        assertThat(ReplicaView.connection(far, 6 + ReplicaView.MAX_GAP_BYTES))
                .isEqualTo(new HaConnection("10.0.0.4:5", ReplicaView.MAX_GAP_BYTES + 1, false, 5, 9, 0));
    }

    @Test
    void settingsAreShownSortedAndChangedAllOrNone() {
        ConfigHandlers handlers = new ConfigHandlers(settings);
        Answer shown = handlers.show();
        assertThat(text(shown)).isEqualTo("brokerName=b\nlistenPort=1\n");
        assertThat(Frame.fieldsOf(requireNonNull(shown.header())))
                .containsEntry("version", "{\"counter\":3,\"stateVersion\":0,\"timestamp\":4}");
        byte[] change = "# why\nflushDiskType = SYNC_FLUSH\n".getBytes(StandardCharsets.UTF_8);
        assertThat(handlers.update(change).code()).isEqualTo(ResponseCode.SUCCESS);
        assertThat(settings.values).containsEntry("flushDiskType", "SYNC_FLUSH");
        assertThat(handlers.update("brokerConfigPath=/x".getBytes(StandardCharsets.UTF_8))
                        .code())
                .isEqualTo(ResponseCode.NO_PERMISSION);
    }
}
