package org.merlinmq.broker.client;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.merlinmq.broker.filter.Filter;
import org.merlinmq.broker.group.FakeJournal;
import org.merlinmq.broker.group.FakeTopics;
import org.merlinmq.broker.group.GroupTable;
import org.merlinmq.broker.subscription.Compiled;
import org.merlinmq.broker.subscription.FilterConfig;
import org.merlinmq.broker.subscription.Subscription;
import org.merlinmq.protocol.body.CheckClientConfig;
import org.merlinmq.protocol.body.ClientConnection;
import org.merlinmq.protocol.body.ConsumerConnections;
import org.merlinmq.protocol.body.DifferingSubscription;
import org.merlinmq.protocol.body.HeartbeatBody;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.frame.HeaderForm;
import org.merlinmq.protocol.request.ConsumerGroupRequest;
import org.merlinmq.protocol.request.ConsumerStatusRequest;
import org.merlinmq.protocol.request.RunningStateRequest;
import org.merlinmq.protocol.request.UnregisterClientRequest;
import org.merlinmq.transport.dispatch.Answer;

class ClientHandlersTest {
    private final AtomicLong now = new AtomicLong();
    private final FakeTopics topics = new FakeTopics();
    private final GroupTable groups = new GroupTable(new FakeJournal(), () -> 0, true, topics);
    private final ConsumerGroups consumers = new ConsumerGroups(now::get, new RebalanceNotifier(groups, () -> true));
    private final ProducerGroups producers = new ProducerGroups(() -> 0);
    private FilterConfig filters = FilterConfig.DEFAULT;
    private final AtomicInteger beats = new AtomicInteger();
    private final ClientHandlers handlers = new ClientHandlers(
            groups, consumers, producers, TestLocks.standing(), () -> filters, beats::incrementAndGet);
    private final ConnectionHandlers queries = new ConnectionHandlers(groups, consumers, producers);
    private final FakeChannel channel = new FakeChannel("10.0.0.1:5");

    private void beat(FakeChannel from, String clientId, String model) {
        String body = "{\"clientID\":\"" + clientId + "\",\"consumerDataSet\":[{\"consumeFromWhere\":"
                + "\"CONSUME_FROM_LAST_OFFSET\",\"consumeType\":\"CONSUME_PASSIVELY\",\"groupName\":\"G\","
                + "\"messageModel\":\"" + model + "\",\"subscriptionDataSet\":[{\"classFilterMode\":false,"
                + "\"codeSet\":[2598919],\"expressionType\":\"TAG\",\"subString\":\"TagA\",\"subVersion\":7,"
                + "\"tagsSet\":[\"TagA\"],\"topic\":\"T\"}],\"unitMode\":false}],"
                + "\"producerDataSet\":[{\"groupName\":\"P\"}]}";
        handlers.heartbeat(
                new ConsumerGroups.Client(from, clientId, 0, 479),
                HeartbeatBody.read(body.getBytes(StandardCharsets.UTF_8)));
    }

    private Answer beatOf(String group) {
        String body = "{\"clientID\":\"c1\",\"consumerDataSet\":[{\"consumeFromWhere\":"
                + "\"CONSUME_FROM_LAST_OFFSET\",\"consumeType\":\"CONSUME_PASSIVELY\",\"groupName\":\"" + group
                + "\",\"messageModel\":\"CLUSTERING\",\"subscriptionDataSet\":[],\"unitMode\":false}],"
                + "\"producerDataSet\":[]}";
        return handlers.heartbeat(
                new ConsumerGroups.Client(channel, "c1", 0, 479),
                HeartbeatBody.read(body.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void aGroupWhoseRetryTopicWouldHaveTooLongANameIsRefusedAtItsFirstHeartbeat() {
        Answer refused = beatOf("g".repeat(121));
        assertThat(refused.code()).isEqualTo(ResponseCode.INVALID_PARAMETER);
        assertThat(refused.remark()).contains("120").contains("121");
        assertThat(consumers.find("g".repeat(121))).isNull();
        assertThat(beatOf("g".repeat(120)).code()).isEqualTo(ResponseCode.SUCCESS);
        assertThat(topics.find("%RETRY%" + "g".repeat(120))).isNotNull();
    }

    @Test
    void aHeartbeatCountsWhereTheDiskTakesNeitherGroupNorRetryTopic() {
        topics.full = true;
        assertThat(beatOf("G").code()).isEqualTo(ResponseCode.SUCCESS);
        assertThat(requireNonNull(consumers.find("G")).members()).hasSize(1);
        assertThat(groups.find("G")).isNull();

        topics.full = false;
        beatOf("G");
        assertThat(groups.find("G")).isNotNull();
        assertThat(topics.find("%RETRY%G")).isNotNull();
    }

    private static String text(Answer answer) {
        return new String(answer.body(), StandardCharsets.UTF_8);
    }

    @Test
    void aHeartbeatMakesGroupAndRetryTopicAndSubscribes() {
        beat(channel, "c1", "CLUSTERING");
        assertThat(groups.find("G")).isNotNull();
        assertThat(requireNonNull(topics.find("%RETRY%G")).readQueueCount()).isEqualTo(1);
        Subscription subscription =
                requireNonNull(requireNonNull(consumers.find("G")).subscription("T"));
        Filter filter = ((Compiled.Usable) subscription.compiled()).filter();
        assertThat(filter.mayMatch("TagA".hashCode())).isTrue();
        assertThat(filter.mayMatch("TagB".hashCode())).isFalse();
        assertThat(producers.members("P")).hasSize(1);
        assertThat(beats.get()).isEqualTo(1);
        assertThat(channel.sent).hasSize(1);
        Frame notice = channel.sent.getFirst();
        assertThat(notice.code()).isEqualTo(40);
        assertThat(notice.isOneway()).isTrue();
        assertThat(notice.text("consumerGroup")).isEqualTo("G");
    }

    @Test
    void broadcastersAreNotTold() {
        beat(channel, "c1", "BROADCASTING");
        assertThat(channel.sent).isEmpty();
    }

    @Test
    void aConnectionThatClosedMeanwhileIsNotKept() {
        channel.open = false;
        beat(channel, "c1", "CLUSTERING");
        assertThat(consumers.find("G")).isNull();
        assertThat(producers.all()).isEmpty();
    }

    @Test
    void whoIsOnlineIsAnsweredInTheFormThatToolsRead() {
        assertThat(queries.clientIds(new ConsumerGroupRequest("G")).code()).isEqualTo(ResponseCode.SYSTEM_ERROR);
        assertThat(queries.consumerConnections(new ConsumerGroupRequest("G")).code())
                .isEqualTo(ResponseCode.CONSUMER_NOT_ONLINE);
        beat(channel, "c1", "CLUSTERING");
        beat(new FakeChannel("10.0.0.1:6"), "c1", "CLUSTERING");
        assertThat(text(queries.clientIds(new ConsumerGroupRequest("G")))).isEqualTo("{\"consumerIdList\":[\"c1\"]}");
        assertThat(text(queries.consumerConnections(new ConsumerGroupRequest("G"))))
                .contains("\"clientAddr\":\"10.0.0.1:5\",\"clientId\":\"c1\",\"language\":\"JAVA\",\"version\":479")
                .contains("\"messageModel\":\"CLUSTERING\",\"subscriptionTable\":{\"T\":{\"classFilterMode\":false,"
                        + "\"codeSet\":[2598919],\"expressionType\":\"TAG\",\"subString\":\"TagA\",\"subVersion\":7,"
                        + "\"tagsSet\":[\"TagA\"],\"topic\":\"T\"}}}");
        assertThat(text(queries.allProducers())).contains("\"remoteIP\":\"/10.0.0.1:5\"");
        handlers.unregister(new UnregisterClientRequest("c1", "P", "G"), channel);
        assertThat(producers.members("P")).hasSize(1);
        assertThat(requireNonNull(consumers.find("G")).members()).hasSize(1);
    }

    @Test
    void connectionsThatShareAClientIdAreMarkedInTheList() {
        beat(channel, "c1", "CLUSTERING");
        beat(new FakeChannel("10.0.0.1:6"), "c1", "CLUSTERING");
        assertThat(text(queries.consumerConnections(new ConsumerGroupRequest("G"))))
                .doesNotContain("sharesClientId");
        now.addAndGet(5_000);
        beat(channel, "c1", "CLUSTERING");
        ConsumerConnections list = ConsumerConnections.read(
                queries.consumerConnections(new ConsumerGroupRequest("G")).body());
        assertThat(list.connections()).hasSize(2).allMatch(ClientConnection::sharesClientId);
    }

    private Answer check(String type, String expression) {
        String body = "{\"clientId\":\"c\",\"group\":\"G\",\"subscriptionData\":{\"topic\":\"T\",\"subString\":\""
                + expression + "\",\"expressionType\":\"" + type + "\"}}";
        return handlers.check(CheckClientConfig.read(body.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void anExpressionIsCheckedBeforeItsClientStarts() {
        assertThat(check("TAG", "a").code()).isEqualTo(ResponseCode.SUCCESS);
        assertThat(check("SQL92", "a > 1 AND b IS NOT NULL").code()).isEqualTo(ResponseCode.SUCCESS);
        Answer refused = check("SQL92", "a > 1 AND");
        assertThat(refused.code()).isEqualTo(ResponseCode.SUBSCRIPTION_PARSE_FAILED);
        assertThat(refused.remark()).contains("at character 10", "found the end", "a > 1 AND");
        assertThat(check("XPATH", "/a").code()).isEqualTo(ResponseCode.SUBSCRIPTION_PARSE_FAILED);
        filters = new FilterConfig(false, filters.limits());
        assertThat(check("SQL92", "a > 1").code()).isEqualTo(ResponseCode.SYSTEM_ERROR);
        assertThat(check("TAG", "a").code()).isEqualTo(ResponseCode.SUCCESS);
    }

    private Answer beatWithSql(String expression) {
        String body = "{\"clientID\":\"c1\",\"consumerDataSet\":[{\"consumeFromWhere\":"
                + "\"CONSUME_FROM_LAST_OFFSET\",\"consumeType\":\"CONSUME_PASSIVELY\",\"groupName\":\"G\","
                + "\"messageModel\":\"CLUSTERING\",\"subscriptionDataSet\":[{\"expressionType\":\"SQL92\","
                + "\"subString\":\"" + expression
                + "\",\"subVersion\":7,\"topic\":\"T\"},{\"subString\":\"*\",\"topic\":\"U\"}"
                + "],\"unitMode\":false}],\"producerDataSet\":[{\"groupName\":\"P\"}]}";
        return handlers.heartbeat(
                new ConsumerGroups.Client(channel, "c1", 0, 479),
                HeartbeatBody.read(body.getBytes(StandardCharsets.UTF_8)));
    }

    private Compiled compiledOf(String topic) {
        return requireNonNull(requireNonNull(consumers.find("G")).subscription(topic))
                .compiled();
    }

    @Test
    void anExpressionThatCannotBeUsedIsRefusedAndAllElseOfTheHeartbeatCounts() {
        Answer refused = beatWithSql("a >> 1");
        assertThat(refused.code()).isEqualTo(ResponseCode.SUBSCRIPTION_PARSE_FAILED);
        assertThat(refused.remark()).contains("group G", "to T", "at character 4", "found >");
        assertThat(compiledOf("T")).isInstanceOf(Compiled.Refused.class);
        assertThat(compiledOf("U")).isInstanceOf(Compiled.Usable.class);
        assertThat(producers.members("P")).hasSize(1);
    }

    @Test
    void theSameExpressionIsCompiledOnce() {
        assertThat(beatWithSql("a > 1").code()).isEqualTo(ResponseCode.SUCCESS);
        Compiled first = compiledOf("T");
        beatWithSql("a > 1");
        handlers.heartbeat(
                new ConsumerGroups.Client(new FakeChannel("10.0.0.1:6"), "c2", 0, 479),
                HeartbeatBody.read(
                        ("{\"clientID\":\"c2\",\"consumerDataSet\":[{\"groupName\":\"G\",\"subscriptionDataSet\":"
                                        + "[{\"expressionType\":\"SQL92\",\"subString\":\"a > 1\",\"subVersion\":9,\"topic\":\"T\"}]}]}")
                                .getBytes(StandardCharsets.UTF_8)));
        assertThat(requireNonNull(requireNonNull(consumers.find("G")).subscription("T"))
                        .version())
                .isEqualTo(9);
        assertThat(compiledOf("T")).isSameAs(first);
    }

    @Test
    void clientsThatSubscribeDifferentlyAreNamedInTheListOfConnections() {
        beat(channel, "c1", "CLUSTERING");
        assertThat(text(queries.consumerConnections(new ConsumerGroupRequest("G"))))
                .doesNotContain("differing");
        FakeChannel other = new FakeChannel("10.0.0.1:6");
        handlers.heartbeat(
                new ConsumerGroups.Client(other, "c2", 0, 479),
                HeartbeatBody.read(
                        ("{\"clientID\":\"c2\",\"consumerDataSet\":[{\"groupName\":\"G\",\"subscriptionDataSet\":"
                                        + "[{\"subString\":\"TagB\",\"subVersion\":9,\"topic\":\"T\"}]}]}")
                                .getBytes(StandardCharsets.UTF_8)));
        ConsumerConnections list = ConsumerConnections.read(
                queries.consumerConnections(new ConsumerGroupRequest("G")).body());
        assertThat(list.differing())
                .containsExactly(
                        new DifferingSubscription("c2", "TAG", "TagB", "T"),
                        new DifferingSubscription("c1", "TAG", "TagA", "T"));
        assertThat(requireNonNull(list.subscriptionTable().get("T")).subString())
                .as("the newest")
                .isEqualTo("TagB");
        consumers.closed(other);
        assertThat(text(queries.consumerConnections(new ConsumerGroupRequest("G"))))
                .doesNotContain("differing")
                .contains("TagA");
    }

    @Test
    void aQuestionIsPassedToItsClientAndTheAnswerBack() {
        ClientRelay relay = new ClientRelay(consumers, id -> null, "b");
        Frame question = relay.question(
                RequestCode.GET_CONSUMER_RUNNING_INFO,
                Frame.request(RequestCode.GET_CONSUMER_RUNNING_INFO, new RunningStateRequest("G", "c1", true)),
                new byte[0]);
        Answer offline = relay.relay("G", "c1", question);
        assertThat(offline.remark()).isEqualTo("The Consumer <G> <c1> not online");

        beat(channel, "c1", "CLUSTERING");
        channel.answer = asked -> {
            assertThat(asked.text("jstackEnable")).isEqualTo("true");
            assertThat(asked.text("brokerName")).isEqualTo("b");
            return CompletableFuture.completedFuture(Frame.ok(HeaderForm.JSON, 1, null, new byte[] {42}));
        };
        Answer answer = requireNonNull(relay.relay("G", "c1", question).later()).join();
        assertThat(answer.body()).containsExactly(42);

        channel.answer = asked -> CompletableFuture.failedFuture(new IllegalStateException("no answer in time"));
        Answer late = requireNonNull(relay.relay("G", "c1", question).later()).join();
        assertThat(late.code()).isEqualTo(ResponseCode.CONSUME_MSG_TIMEOUT);
        assertThat(late.remark()).isEqualTo("consumer <G> <c1> Timeout: no answer in time");
    }

    @Test
    void whereClientsStandIsGathered() {
        ClientRelay relay = new ClientRelay(consumers, id -> null, "b");
        beat(channel, "c1", "CLUSTERING");
        String table = "{{\"brokerName\":\"b\",\"queueId\":0,\"topic\":\"T\"}:5}";
        channel.answer = asked -> CompletableFuture.completedFuture(Frame.ok(
                HeaderForm.JSON,
                1,
                null,
                ("{\"consumerTable\":{},\"messageQueueTable\":" + table + "}").getBytes(StandardCharsets.UTF_8)));
        Answer answer = requireNonNull(
                        relay.status(new ConsumerStatusRequest("T", "G", null)).later())
                .join();
        assertThat(text(answer)).isEqualTo("{\"consumerTable\":{\"c1\":" + table + "},\"messageQueueTable\":{}}");
    }
}
