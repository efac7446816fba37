package org.merlinmq.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.merlinmq.protocol.body.SubscriptionGroupTable;
import org.merlinmq.protocol.body.TopicConfig;
import org.merlinmq.protocol.body.TopicConfigTable;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.frame.FrameCodec;
import org.merlinmq.transport.Connection;

/** What a client sees of the whole. */
class BrokerTest {
    private RunningBroker broker;
    private Connection connection;

    @BeforeEach
    void start() throws IOException, InterruptedException {
        broker = new RunningBroker();
        connection = broker.connection();
    }

    @AfterEach
    void stop() {
        broker.close();
    }

    @Test
    void aTimerThatFailsIsADeadThreadAndNotALineInTheLog() throws InterruptedException {
        BlockingQueue<String> died = new LinkedBlockingQueue<>();
        Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((thread, cause) -> died.add(thread.getName()));
        try {
            broker.clockFails.set(true);
            // Arms a timer, so that the thread looks at the clock.
            broker.send("T", 0, "x");
            assertThat(died.poll(20, TimeUnit.SECONDS)).isEqualTo("timer");
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(before);
        }
    }

    private void assertRefused(Frame answer, ResponseCode code, String... words) {
        assertThat(answer.code()).as("%s", answer.remark()).isEqualTo(code.number());
        assertThat(answer.remark()).contains(words);
        assertThat(connection.isOpen()).as("the connection stays").isTrue();
    }

    /** Until another one is needed. */
    private void fillSegments() throws InterruptedException {
        String body = "x".repeat(100_000);
        for (int sent = 0; sent < 100 && broker.send("T", 0, body).isOk(); sent++) {
            assertThat(sent).isLessThan(99);
        }
    }

    private Frame makeGroup(String name) throws InterruptedException {
        return broker.ask(
                RequestCode.UPDATE_AND_CREATE_SUBSCRIPTIONGROUP,
                Map.of(),
                ("{\"groupName\":\"" + name + "\"}").getBytes(UTF_8));
    }

    @Test
    void onAFullDiskConsumersGoOnAndGroupsAreMadeUntilTheReserveIsUsedUp() throws InterruptedException {
        assertThat(broker.send("T", 0, "x").isOk()).isTrue();
        broker.fillDisk();
        fillSegments();
        assertThat(makeGroup("Made").isOk()).isTrue();
        assertRefused(broker.send("%RETRY%Made", 0, "x"), ResponseCode.SERVICE_NOT_AVAILABLE, "no space left");
        Frame last = makeGroup("Made0");
        for (int made = 1; last.isOk() && made < 10_000; made++) {
            last = makeGroup("Made" + made);
        }
        assertRefused(last, ResponseCode.SERVICE_NOT_AVAILABLE, "no space left");

        for (String group : List.of("New", "TOOLS_CONSUMER")) {
            assertThat(broker.heartbeat(group).isOk()).isTrue();
            assertThat(broker.ask(RequestCode.PULL_MESSAGE, RunningBroker.pull(group, "T", 0, 0))
                            .isOk())
                    .isTrue();
        }
        broker.freeDisk();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!broker.send("T", 0, "x").isOk() && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
        assertThat(broker.ask(RequestCode.PULL_MESSAGE, RunningBroker.pull("New", "T", 0, 0))
                        .isOk())
                .isTrue();
        assertThat(broker.heartbeat("New").isOk()).isTrue();
    }

    @Test
    void eachRequestOfAConsumerMakesTheGroupThatItNamesFirst() throws InterruptedException {
        assertThat(broker.send("T", 0, "x").isOk()).isTrue();
        broker.ask(RequestCode.PULL_MESSAGE, RunningBroker.pull("G11", "T", 0, 0));
        broker.ask(RequestCode.LITE_PULL_MESSAGE, RunningBroker.pull("G361", "T", 0, 0));
        Map<String, String> queue = Map.of("topic", "T", "queueId", "0", "commitOffset", "1");
        broker.ask(RequestCode.QUERY_CONSUMER_OFFSET, with(queue, "G14"));
        broker.ask(RequestCode.UPDATE_CONSUMER_OFFSET, with(queue, "G15"));
        broker.heartbeat("G34");
        broker.ask(RequestCode.CONSUMER_SEND_MSG_BACK, Map.of("group", "G36", "offset", "0", "delayLevel", "0"));
        broker.ask(RequestCode.GET_CONSUMER_LIST_BY_GROUP, with(Map.of(), "G38"));
        broker.ask(
                RequestCode.LOCK_BATCH_MQ,
                Map.of(),
                "{\"clientId\":\"c\",\"consumerGroup\":\"G41\",\"mqSet\":[]}".getBytes(UTF_8));
        broker.ask(
                RequestCode.CHECK_CLIENT_CONFIG,
                Map.of(),
                "{\"clientId\":\"c\",\"group\":\"G46\",\"subscriptionData\":{\"topic\":\"T\",\"subString\":\"*\"}}"
                        .getBytes(UTF_8));
        SubscriptionGroupTable groups =
                SubscriptionGroupTable.read(broker.ask(RequestCode.GET_ALL_SUBSCRIPTIONGROUP_CONFIG, Map.of())
                        .body());
        assertThat(groups.subscriptionGroupTable())
                .containsKeys("G11", "G14", "G15", "G34", "G36", "G38", "G41", "G46", "G361");
        TopicConfigTable topics = TopicConfigTable.read(
                broker.ask(RequestCode.GET_ALL_TOPIC_CONFIG, Map.of()).body());
        assertThat(topics.topicConfigTable())
                .as("each with its retry topic")
                .containsKeys("%RETRY%G11", "%RETRY%G14", "%RETRY%G15", "%RETRY%G34", "%RETRY%G36", "%RETRY%G38")
                .containsKeys("%RETRY%G41", "%RETRY%G46", "%RETRY%G361");
    }

    private static Map<String, String> with(Map<String, String> fields, String group) {
        Map<String, String> all = new HashMap<>(fields);
        all.put("consumerGroup", group);
        return all;
    }

    @Test
    void aGroupMadeByAnAdministratorHasItsRetryTopic() throws InterruptedException {
        byte[] group = "{\"groupName\":\"Made\",\"retryQueueNums\":3}".getBytes(UTF_8);
        assertThat(broker.ask(RequestCode.UPDATE_AND_CREATE_SUBSCRIPTIONGROUP, Map.of(), group)
                        .isOk())
                .isTrue();
        Frame retry = broker.ask(RequestCode.GET_TOPIC_CONFIG, Map.of("topic", "%RETRY%Made"));
        assertThat(retry.isOk()).as("%s", retry.remark()).isTrue();
        assertThat(TopicConfig.read(retry.body()).readQueueNums()).isEqualTo(3);
    }

    @Test
    void aOnewayRequestThatIsRefusedIsCounted() throws InterruptedException {
        assertThat(broker.send("T", 0, "x").isOk()).isTrue();
        connection.send(Frame.oneway(RequestCode.UPDATE_CONSUMER_OFFSET, null, new byte[0])
                .withFields(with(Map.of("topic", "T", "queueId", "99", "commitOffset", "1"), "G")));
        connection.send(Frame.oneway(RequestCode.SEND_MESSAGE_V2, null, new byte[0]));
        connection.send(Frame.oneway(RequestCode.SEND_MESSAGE_V2, null, "x".getBytes(UTF_8))
                .withFields(Map.of("a", "P", "b", "SCHEDULE_TOPIC_XXXX", "c", "TBW102", "d", "4", "e", "0")));
        // The answer to a later request of the same connection comes after both.
        assertThat(broker.heartbeat("G").isOk()).isTrue();
        assertThat(broker.onewayRefusals(RequestCode.UPDATE_CONSUMER_OFFSET)).isEqualTo(1);
        assertThat(broker.onewayRefusals(RequestCode.SEND_MESSAGE_V2)).isEqualTo(2);
        assertThat(broker.onewayRefusals(RequestCode.HEART_BEAT)).isZero();
    }

    @Test
    void aSubscriptionOfNoKindIsOneByTags() throws InterruptedException {
        assertThat(broker.send("T", 0, "x").isOk()).isTrue();
        Map<String, String> fields = new HashMap<>(RunningBroker.pull("G", "T", 0, 0));
        fields.put("expressionType", "");
        assertThat(broker.ask(RequestCode.PULL_MESSAGE, fields).body()).isNotEmpty();
        fields.put("expressionType", "SQL92");
        assertThat(broker.ask(RequestCode.PULL_MESSAGE, fields).isOk()).isFalse();
    }

    @Test
    void aGroupWithMoreRetryQueuesThanAnybodyReadsIsRefused() throws InterruptedException {
        for (int queues : new int[] {-1, 1_000_000}) {
            byte[] group = ("{\"groupName\":\"G\",\"retryQueueNums\":" + queues + "}").getBytes(UTF_8);
            assertRefused(
                    broker.ask(RequestCode.UPDATE_AND_CREATE_SUBSCRIPTIONGROUP, Map.of(), group),
                    ResponseCode.INVALID_PARAMETER,
                    "retryQueueNums");
        }
    }

    @Test
    void aGroupWhoseNameIsNoneIsToldSo() throws InterruptedException {
        assertThat(broker.send("T", 0, "x").isOk()).isTrue();
        assertRefused(
                broker.ask(RequestCode.PULL_MESSAGE, RunningBroker.pull("a b", "T", 0, 0)),
                ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST,
                "illegal characters");
        assertRefused(
                broker.ask(
                        RequestCode.CONSUMER_SEND_MSG_BACK, Map.of("group", "a b", "offset", "0", "delayLevel", "0")),
                ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST,
                "illegal characters");
    }

    @Test
    void aMalformedSettingIsTheAskersMistake() throws InterruptedException {
        assertRefused(
                broker.ask(RequestCode.UPDATE_BROKER_CONFIG, Map.of(), "a=\\uXYZW".getBytes(UTF_8)),
                ResponseCode.SYSTEM_ERROR,
                "malformed settings");
    }

    @Test
    void aTopicWithoutQueuesToWriteRefusesWhatNamesNoQueue() throws InterruptedException {
        assertThat(broker.topic("ReadOnly", 4, 0).isOk()).isTrue();
        assertRefused(broker.send("ReadOnly", -1, "x"), ResponseCode.INVALID_PARAMETER, "ReadOnly", "writeQueueNums");
    }

    @Test
    void aDeadLetterGoesToTheOneQueueOfItsTopicWhateverRetryQueueItWasSentTo() throws InterruptedException {
        byte[] group = "{\"groupName\":\"G\",\"retryQueueNums\":4}".getBytes(UTF_8);
        assertThat(broker.ask(RequestCode.UPDATE_AND_CREATE_SUBSCRIPTIONGROUP, Map.of(), group)
                        .isOk())
                .isTrue();
        assertThat(broker.heartbeat("G").isOk()).isTrue();
        Frame answer = broker.ask(
                RequestCode.SEND_MESSAGE_V2,
                Map.of("a", "P", "b", "%RETRY%G", "e", "3", "j", "17", "l", "16"),
                "x".getBytes(UTF_8));
        assertThat(answer.isOk()).as("%s", answer.remark()).isTrue();
        assertThat(answer.text("queueId")).isEqualTo("0");
        assertThat(broker.ask(RequestCode.GET_MAX_OFFSET, Map.of("topic", "%DLQ%G", "queueId", "0"))
                        .text("offset"))
                .isEqualTo("1");
    }

    @Test
    void aProducerThatWantsNoQueuesForANewTopicGetsOne() throws InterruptedException {
        Frame answer = broker.ask(
                RequestCode.SEND_MESSAGE_V2,
                Map.of("a", "P", "b", "Fresh", "c", "TBW102", "d", "0", "e", "-1"),
                "x".getBytes(UTF_8));
        assertThat(answer.isOk()).as("%s", answer.remark()).isTrue();
    }

    @Test
    void aOnewayPullIsNotAnswered() throws IOException, InterruptedException {
        assertThat(broker.send("T", 0, "x").isOk()).isTrue();
        Frame pull = Frame.oneway(RequestCode.PULL_MESSAGE, null, new byte[0])
                .withFields(RunningBroker.pull("G", "T", 0, 0));
        Frame beyond = pull.withFields(RunningBroker.pull("G", "T", 0, 99));
        Frame question = Frame.request(RequestCode.GET_MAX_OFFSET, null)
                .withFields(Map.of("topic", "T", "queueId", "0"))
                .withRequestId(77);
        try (Socket socket =
                new Socket(connection.remote().getAddress(), connection.remote().getPort())) {
            socket.setSoTimeout(20_000);
            ByteWriter out = new ByteWriter();
            FrameCodec.encode(pull, out);
            FrameCodec.encode(beyond, out);
            FrameCodec.encode(question, out);
            socket.getOutputStream().write(out.toByteArray());
            DataInputStream in = new DataInputStream(socket.getInputStream());
            byte[] answer = new byte[in.readInt()];
            in.readFully(answer);
            assertThat(new String(answer, UTF_8)).contains("\"opaque\":77");
        }
    }

    @Test
    void whatChangesAtRunTimeHoldsFromTheNextRequestOn() throws InterruptedException {
        assertThat(broker.send("T", 0, "x").isOk()).isTrue();
        broker.reconfigure(4, false);
        assertRefused(broker.send("T", 0, "x"), ResponseCode.NO_PERMISSION, "brokerPermission=4 lacks 2");
        broker.reconfigure(2, false);
        assertRefused(
                broker.ask(RequestCode.PULL_MESSAGE, RunningBroker.pull("G", "T", 0, 0)),
                ResponseCode.NO_PERMISSION,
                "brokerPermission=2 lacks 4");
        broker.reconfigure(6, false);
        assertRefused(
                broker.ask(RequestCode.PULL_MESSAGE, RunningBroker.pull("G", "T", 0, 0)),
                ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST,
                "autoCreateSubscriptionGroup is off");
        assertRefused(broker.send("New", 0, "x"), ResponseCode.TOPIC_NOT_EXIST, "autoCreateTopicEnable=true");
        broker.reconfigure(6, true);
        assertThat(broker.send("New", 0, "x").isOk()).isTrue();
        assertThat(broker.ask(RequestCode.PULL_MESSAGE, RunningBroker.pull("G", "T", 0, 0))
                        .isOk())
                .isTrue();
    }
}
