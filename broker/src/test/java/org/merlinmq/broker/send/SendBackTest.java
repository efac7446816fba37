package org.merlinmq.broker.send;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.merlinmq.broker.client.FakeChannel;
import org.merlinmq.broker.client.QueueLocks;
import org.merlinmq.broker.client.TestLocks;
import org.merlinmq.broker.group.FakeJournal;
import org.merlinmq.broker.group.FakeTopics;
import org.merlinmq.broker.group.GroupTable;
import org.merlinmq.broker.identity.BrokerIdentity;
import org.merlinmq.broker.offset.TestStore;
import org.merlinmq.broker.schedule.DelayLevels;
import org.merlinmq.broker.schedule.ScheduleConfig;
import org.merlinmq.broker.state.StateTypes;
import org.merlinmq.protocol.body.MessageQueueId;
import org.merlinmq.protocol.body.SubscriptionGroup;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.ProtocolVersion;
import org.merlinmq.protocol.message.MessageProperties;
import org.merlinmq.protocol.message.RecordLayout;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.protocol.request.SendBackRequest;
import org.merlinmq.storage.facts.RecordRule;
import org.merlinmq.testkit.SimClock;
import org.merlinmq.transport.dispatch.Answer;

class SendBackTest {
    @TempDir
    Path folder;

    private final SimClock clock = new SimClock();
    private final FakeTopics topics = new FakeTopics();
    private final GroupTable groups = new GroupTable(new FakeJournal(), () -> 0, true, topics);
    private final QueueLocks locks = TestLocks.standing();
    private TestStore store;
    private SendBack sendBack;

    @BeforeEach
    void open() throws UnknownHostException {
        store = new TestStore(folder, clock, RecordRule.NONE);
        sendBack = sendBackFor(groups);
    }

    private SendBack sendBackFor(GroupTable known) throws UnknownHostException {
        return sendBackFor(known, ScheduleConfig.defaults());
    }

    private SendBack sendBackFor(GroupTable known, ScheduleConfig schedule) throws UnknownHostException {
        InetAddress host = InetAddress.getByAddress(new byte[] {10, 0, 0, 7});
        return new SendBack(new SendBack.Parts(
                store.storage(),
                topics,
                known,
                locks,
                schedule,
                new BrokerIdentity("c", "b", 0, host, false, 10911, 10912),
                clock::millis,
                new Random(1)));
    }

    @AfterEach
    void close() {
        store.close();
    }

    private Answer back(long logOffset, int delayLevel, int own) {
        return back("G", logOffset, delayLevel, own);
    }

    private Answer back(String group, long logOffset, int delayLevel, int own) {
        return back(new SendBackRequest(logOffset, group, delayLevel, null, null, false, own), ProtocolVersion.V3_4_9);
    }

    private Answer back(SendBackRequest request, int clientVersion) {
        Answer answer = sendBack.takeBack(request, clientVersion);
        CompletableFuture<Answer> later = answer.later();
        return later == null ? answer : later.join();
    }

    @Test
    void aMessageWaitsLongerEachTimeAndKeepsItsOrigin() {
        groups.findOrCreate("G");
        long sent = store.put("T", 1, "x", Map.of("TAGS", "a", "UNIQ_KEY", "U1"), 0, 0);
        assertThat(back(sent, 0, -1).code()).isEqualTo(ResponseCode.SUCCESS);
        List<RecordView> waiting = store.read("SCHEDULE_TOPIC_XXXX", 2);
        assertThat(waiting).hasSize(1);
        RecordView one = waiting.getFirst();
        assertThat(one.reconsumeTimes()).isEqualTo(1);
        assertThat(one.bornHost()).isEqualTo("9.9.9.9:99");
        assertThat(one.storeHost()).isEqualTo("10.0.0.7:10911");
        assertThat(one.properties())
                .containsEntry("DELAY", "3")
                .containsEntry("REAL_TOPIC", "%RETRY%G")
                .containsEntry("REAL_QID", "0")
                .containsEntry("RETRY_TOPIC", "T")
                .containsEntry("UNIQ_KEY", "U1")
                .containsEntry("ORIGIN_MESSAGE_ID", String.format(Locale.ROOT, "0A01020300002A9F%016X", sent));

        long again = store.put("%RETRY%G", 0, "x", one.properties(), 1, 0);
        back(again, 0, -1);
        RecordView second = store.read("SCHEDULE_TOPIC_XXXX", 3).getFirst();
        assertThat(second.reconsumeTimes()).isEqualTo(2);
        assertThat(second.properties())
                .containsEntry("RETRY_TOPIC", "T")
                .containsEntry("DELAY", "4")
                .containsEntry(
                        "ORIGIN_MESSAGE_ID", requireNonNull(one.properties().get("ORIGIN_MESSAGE_ID")));
        assertThat(topics.find("%RETRY%G")).isNotNull();
    }

    @Test
    void aGroupOfAnOlderStoreWhoseNameLeavesNoRoomForARetryTopicIsRefused() {
        String name = "g".repeat(250);
        groups.apply(
                StateTypes.GROUP, Bytes.utf8(name), SubscriptionGroup.of(name).write());
        Answer answer = back(name, store.put("T", 0, "x", Map.of(), 0, 0), 0, -1);
        assertThat(answer.code()).isEqualTo(ResponseCode.INVALID_PARAMETER);
        assertThat(answer.remark()).contains("longer than group max length");
    }

    @Test
    void clientsFromTheVersionOnThatSendsItHaveAMaximumOfTheirOwn() {
        long sent = store.put("T", 0, "x", Map.of(), 0, 0);
        SendBackRequest none = new SendBackRequest(sent, "G", 1, null, null, false, 0);
        back(none, ProtocolVersion.V3_4_9 - 1);
        assertThat(store.read("SCHEDULE_TOPIC_XXXX", 0)).hasSize(1);
        back(none, ProtocolVersion.V3_4_9);
        assertThat(store.read("%DLQ%G", 0)).hasSize(1);
    }

    private void policy(String json) {
        group("\"groupRetryPolicy\":" + json);
    }

    private void group(String settings) {
        String group = "{\"groupName\":\"G\"," + settings + "}";
        String table =
                "{\"dataVersion\":{\"counter\":0,\"stateVersion\":0,\"timestamp\":0},\"forbiddenTable\":{},\"subscriptionGroupTable\":{\"G\":"
                        + group + "}}";
        assertThat(groups.importJson(table.getBytes(StandardCharsets.UTF_8))).isEmpty();
    }

    @Test
    void aCopyGoesToAQueueThatTheRetryTopicHas() {
        topics.add("%RETRY%G", 2);
        group("\"retryQueueNums\":16");
        for (int i = 0; i < 20; i++) {
            back(store.put("T", 0, "x", Map.of(), 0, 0), 1, -1);
        }
        assertThat(store.read("SCHEDULE_TOPIC_XXXX", 0))
                .hasSize(20)
                .allSatisfy(
                        copy -> assertThat(copy.properties().get("REAL_QID")).isIn("0", "1"));
    }

    @Test
    void theGroupsOwnPolicySaysHowLongAMessageWaits() {
        policy(
                "{\"type\":\"EXPONENTIAL\",\"exponentialRetryPolicy\":{\"initial\":1500,\"max\":9000,\"multiplier\":2}}");
        back(store.put("T", 1, "x", Map.of("TIMER_DELAY_SEC", "77"), 0, 0), 0, -1);
        RecordView one = store.read("rmq_sys_wheel_timer", 0).getFirst();
        assertThat(one.properties())
                .containsEntry("TIMER_DELAY_MS", "1500")
                .containsEntry("TIMER_OUT_MS", Long.toString(clock.millis() + 1500))
                .containsEntry("DELAY", "0")
                .containsEntry("REAL_TOPIC", "%RETRY%G")
                .doesNotContainKey("TIMER_DELAY_SEC");

        back(store.put("%RETRY%G", 0, "x", one.properties(), 1, 0), 0, -1);
        RecordView second = store.read("rmq_sys_wheel_timer", 0).getLast();
        assertThat(second.reconsumeTimes()).isEqualTo(2);
        assertThat(second.properties()).containsEntry("TIMER_DELAY_MS", "3000");
    }

    @Test
    void aLevelThatTheConsumerAsksForWinsOverThePolicy() {
        policy("{\"type\":\"CUSTOMIZED\",\"customizedRetryPolicy\":{\"next\":[1,2,300]}}");
        back(store.put("T", 1, "x", Map.of(), 0, 0), 5, -1);
        assertThat(store.read("SCHEDULE_TOPIC_XXXX", 4)).hasSize(1);
        assertThat(store.read("rmq_sys_wheel_timer", 0)).isEmpty();
        back(store.put("T", 1, "x", Map.of(), 16, 0), 0, -1);
        assertThat(store.read("%DLQ%G", 0)).as("dead letters do not wait").hasSize(1);
    }

    @Test
    void aPolicyGoesNoFurtherThanTimersDo() throws UnknownHostException {
        policy("{\"type\":\"CUSTOMIZED\",\"customizedRetryPolicy\":{\"next\":[90000000]}}");
        sendBack = sendBackFor(groups, new ScheduleConfig(DelayLevels.STANDARD, true, Duration.ofHours(1), true));
        back(store.put("T", 1, "x", Map.of(), 0, 0), 0, -1);
        assertThat(store.read("rmq_sys_wheel_timer", 0).getFirst().properties())
                .containsEntry("TIMER_DELAY_MS", "3600000");
        sendBack = sendBackFor(groups, new ScheduleConfig(DelayLevels.STANDARD, false, Duration.ofHours(1), true));
        back(store.put("T", 1, "x", Map.of(), 0, 0), 0, -1);
        assertThat(store.read("SCHEDULE_TOPIC_XXXX", 2))
                .as("no timers: by levels")
                .hasSize(1);
    }

    @Test
    void afterTheLastTimeItGoesToTheDeadLettersAtOnce() {
        groups.findOrCreate("G");
        for (int[] one : new int[][] {{16, 0, -1}, {2, 0, 2}, {0, -1, -1}}) {
            long sent = store.put("T", 0, "x", Map.of("TIMER_DELAY_SEC", "9"), one[0], 0);
            assertThat(back(sent, one[1], one[2]).code()).isEqualTo(ResponseCode.SUCCESS);
        }
        List<RecordView> dead = store.read("%DLQ%G", 0);
        assertThat(dead).hasSize(3);
        assertThat(dead.getFirst().reconsumeTimes()).isEqualTo(17);
        assertThat(dead.getFirst().properties())
                .containsEntry("DELAY", "0")
                .containsEntry("RETRY_TOPIC", "T")
                .doesNotContainKey("TIMER_DELAY_SEC");
        assertThat(requireNonNull(topics.find("%DLQ%G")).permission()).isEqualTo(6);
    }

    @Test
    void unknownGroupsAndPlacesAreRefused() throws UnknownHostException {
        sendBack = sendBackFor(new GroupTable(new FakeJournal(), () -> 0, false, topics));
        assertThat(back(0, 0, -1).code())
                .as("a group that nothing makes")
                .isEqualTo(ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST);
        assertThat(sendBack.destination("%RETRY%G", 1, -1, 479).unknownGroup()).isTrue();
        sendBack = sendBackFor(groups);
        long sent = store.put("T", 0, "x", Map.of(), 0, 0);
        assertThat(back(sent + 1, 0, -1).code()).isEqualTo(ResponseCode.SYSTEM_ERROR);
        assertThat(back(1L << 40, 0, -1).code()).isEqualTo(ResponseCode.SYSTEM_ERROR);
    }

    @Test
    void anOrdinarySendToARetryTopicIsSentOnByItsCount() {
        assertThat(sendBack.destination("%RETRY%G", 1, -1, 479).unknownGroup())
                .as("a group that makes itself known by this")
                .isFalse();
        assertThat(sendBack.destination("%RETRY%G", 16, -1, 479).topic()).isEqualTo("%RETRY%G");
        assertThat(sendBack.destination("%RETRY%G", 17, -1, 479).topic()).isEqualTo("%DLQ%G");
        assertThat(sendBack.destination("%RETRY%G", 4, 3, 479).dead()).isTrue();
        assertThat(sendBack.destination("%RETRY%G", 4, 3, 100).dead())
                .as("an old client's maximum")
                .isFalse();
        locks.lock("G", "c", new FakeChannel("10.0.0.1:1"), List.of(new MessageQueueId("T", "b", 0)));
        assertThat(sendBack.destination("%RETRY%G", 1, -1, 479).dead())
                .as("an ordered group gave it up")
                .isTrue();
    }

    /** Properties of so many bytes as they are stored, with the broker's own among them. */
    private static Map<String, String> sized(int bytes, Map<String, String> others) {
        Map<String, String> all = new LinkedHashMap<>(others);
        all.put("MSG_REGION", "DefaultRegion");
        all.put("TRACE_ON", "true");
        all.put("CLUSTER", "DefaultCluster");
        all.put("p", "v");
        int least = MessageProperties.write(all).length();
        all.put("p", "v".repeat(bytes - least + 1));
        assertThat(MessageProperties.write(all)).hasSize(bytes);
        return all;
    }

    /** The largest that a send takes: the room that it keeps free is for what is added from here on. */
    @Test
    void whatASendTakesCanBeDelayedRetriedAndBuriedWithTheLongestNames() {
        String topic = "t".repeat(127);
        String group = "g".repeat(120);
        int most = RecordLayout.MAX_PROPERTIES_BYTES - RecordStager.RESERVED_BYTES;
        String json = "{\"groupName\":\"" + group + "\",\"retryQueueNums\":1024,\"groupRetryPolicy\":";
        for (String policy : List.of(
                "{\"type\":\"EXPONENTIAL\",\"exponentialRetryPolicy\":{\"initial\":1500,\"max\":9000000,\"multiplier\":2}}",
                "null")) {
            String table =
                    "{\"dataVersion\":{\"counter\":0,\"stateVersion\":0,\"timestamp\":0},\"forbiddenTable\":{},\"subscriptionGroupTable\":{\""
                            + group + "\":" + json + policy + "}}}";
            assertThat(groups.importJson(table.getBytes(StandardCharsets.UTF_8)))
                    .isEmpty();
            long sent = store.put(topic, 0, "x", sized(most, Map.of("REAL_TOPIC", topic, "REAL_QID", "65535")), 0, 0);
            assertThat(back(group, sent, 0, -1).code()).isEqualTo(ResponseCode.SUCCESS);
            assertThat(back(group, sent, 999_999_999, -1).code()).isEqualTo(ResponseCode.SUCCESS);
            assertThat(back(group, sent, -1, -1).code()).isEqualTo(ResponseCode.SUCCESS);
        }
        RecordView timed = store.read("rmq_sys_wheel_timer", 0).getFirst();
        RecordView levelled = store.read("SCHEDULE_TOPIC_XXXX", 17).getFirst();
        RecordView dead = store.read("%DLQ%" + group, 0).getFirst();
        for (RecordView copy : List.of(timed, levelled, dead)) {
            assertThat(copy.properties())
                    .containsEntry("RETRY_TOPIC", topic)
                    .containsKey("ORIGIN_MESSAGE_ID")
                    .containsKey("MSG_REGION");
            assertThat(copy.propertiesBytes())
                    .as("room to be carried over, and for transactions")
                    .isLessThan(RecordLayout.MAX_PROPERTIES_BYTES - 200);
        }
    }

    @Test
    void whatWasStoredWithoutRoomForARetryIsRetriedWithoutTheBrokersOwnPropertiesOrBuriedWhole() {
        groups.findOrCreate("G");
        for (int free = 0; free <= 400; free += 20) {
            String body = "free " + free;
            Map<String, String> properties =
                    sized(RecordLayout.MAX_PROPERTIES_BYTES - free, Map.of("UNIQ_KEY", "U" + free, "TAGS", "a"));
            long sent = store.put("T", 0, body, properties, 0, 0);
            assertThat(back(sent, 0, -1).code()).as(body).isEqualTo(ResponseCode.SUCCESS);
            List<RecordView> copies = new ArrayList<>(store.read("SCHEDULE_TOPIC_XXXX", 2));
            copies.addAll(store.read("%DLQ%G", 0));
            RecordView copy = copies.stream()
                    .filter(each -> TestStore.body(each).equals(body))
                    .findFirst()
                    .orElseThrow();
            assertThat(copy.properties())
                    .as(body)
                    .containsEntry("p", requireNonNull(properties.get("p")))
                    .containsEntry("TAGS", "a")
                    .containsEntry("UNIQ_KEY", "U" + free);
        }
        assertThat(store.read("%DLQ%G", 0)).as("no room at all").isNotEmpty();
        assertThat(store.read("SCHEDULE_TOPIC_XXXX", 2))
                .as("room enough, and room without the broker's own")
                .anySatisfy(copy -> assertThat(copy.properties()).containsKey("MSG_REGION"))
                .anySatisfy(copy -> assertThat(copy.properties()).doesNotContainKey("MSG_REGION"));
    }
}
