package org.merlinmq.broker.reply;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.merlinmq.broker.client.ConsumerGroups;
import org.merlinmq.broker.client.FakeChannel;
import org.merlinmq.broker.client.ProducerGroups;
import org.merlinmq.broker.identity.BrokerIdentity;
import org.merlinmq.broker.offset.TestStore;
import org.merlinmq.broker.send.SendChecks;
import org.merlinmq.broker.send.SendConfig;
import org.merlinmq.broker.topic.TopicSettings;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.frame.HeaderForm;
import org.merlinmq.protocol.message.MessageProperties;
import org.merlinmq.protocol.reply.SendReply;
import org.merlinmq.protocol.request.PushReplyRequest;
import org.merlinmq.protocol.request.SendRequest;
import org.merlinmq.storage.facts.RecordRule;
import org.merlinmq.testkit.SimClock;
import org.merlinmq.transport.dispatch.Answer;

class ReplyHandlersTest {
    private static final InetSocketAddress REPLIER = new InetSocketAddress(InetAddress.getLoopbackAddress(), 5);
    private static final byte[] BODY = {1, 2, 3};
    private static final byte[] NO_BODY = {};

    @TempDir
    private Path folder;

    private final SimClock clock = new SimClock();
    private final ProducerGroups producers = new ProducerGroups(clock::millis);
    private final FakeChannel asker = new FakeChannel("10.0.0.1:7");
    private final List<Frame> pushed = new ArrayList<>();
    private SendConfig config = new SendConfig(1000, "R", true, 6, 0);
    private TestStore store;
    private ReplyHandlers handlers;

    @BeforeEach
    void open() {
        store = new TestStore(folder, clock, RecordRule.NONE);
        BrokerIdentity identity =
                new BrokerIdentity("C", "broker-a", 0, InetAddress.getLoopbackAddress(), false, 10911, 10912);
        handlers = new ReplyHandlers(
                new SendChecks("broker-a", () -> config, store.storage(), clock::millis),
                store.topics(TopicSettings.defaults("C", "broker-a")),
                producers,
                () -> config,
                identity,
                clock::millis);
        beat(asker, "asker@1");
        asker.answer = push -> {
            pushed.add(push);
            return CompletableFuture.completedFuture(Frame.ok(HeaderForm.JSON, 1, null, NO_BODY));
        };
    }

    @AfterEach
    void close() {
        store.close();
    }

    private void beat(FakeChannel channel, String clientId) {
        producers.heartbeat("P", new ConsumerGroups.Client(channel, clientId, 0, 400));
    }

    private static Map<String, String> fields(String properties) {
        Map<String, String> fields = new HashMap<>(Map.of(
                "a", "G", "b", "C_REPLY_TOPIC", "c", "TBW102", "d", "4", "e", "-1", "f", "1", "g", "77", "h", "5"));
        fields.put("i", properties);
        return fields;
    }

    private Answer reply(String properties) {
        return reply(fields(properties), BODY);
    }

    private Answer reply(Map<String, String> fields, byte[] body) {
        Answer answer = handlers.reply(ReplyHandlers.lettered(fields::get), body, REPLIER);
        return answer.later() == null ? answer : requireNonNull(answer.later()).join();
    }

    private static String to(String client) {
        return MessageProperties.write(Map.of("REPLY_TO_CLIENT", client, "UNIQ_KEY", "U", "CORRELATION_ID", "c-1"));
    }

    @Test
    void aReplyIsPushedToTheClientThatAskedWithEverythingItSaid() {
        Answer answer = reply(to("asker@1"));
        assertThat(answer.code()).isEqualTo(ResponseCode.SUCCESS);
        SendReply done = SendReply.read(Frame.fieldsOf(requireNonNull(answer.header()))::get);
        assertThat(done).isEqualTo(new SendReply("0", -1, 0, "U", null, null, "R", "true"));

        assertThat(pushed).hasSize(1);
        Frame push = pushed.getFirst();
        assertThat(push.code()).isEqualTo(RequestCode.PUSH_REPLY_MESSAGE_TO_CLIENT.number());
        assertThat(push.isOneway()).isFalse();
        assertThat(push.body()).containsExactly(BODY);
        PushReplyRequest header = PushReplyRequest.read(push);
        String host = REPLIER.getAddress().getHostAddress();
        assertThat(header.bornHost()).isEqualTo(host + ":5");
        assertThat(header.storeHost()).isEqualTo(host + ":10911");
        assertThat(header.storeTimestamp()).isEqualTo(clock.millis());
        assertThat(header.topic()).isEqualTo("C_REPLY_TOPIC");
        assertThat(header.producerGroup()).isEqualTo("G");
        assertThat(header.sysFlag()).isEqualTo(1);
        assertThat(header.flag()).isEqualTo(5);
        assertThat(header.bornTimestamp()).isEqualTo(77);
        assertThat(MessageProperties.read(requireNonNull(header.properties())))
                .containsEntry("CORRELATION_ID", "c-1")
                .containsEntry("PUSH_REPLY_TIME", Long.toString(clock.millis()));
    }

    @Test
    void propertiesThatAreNotClosedAreClosedBeforeOneIsAdded() {
        reply(to("asker@1").substring(0, to("asker@1").length() - 1));
        assertThat(MessageProperties.read(
                        requireNonNull(PushReplyRequest.read(pushed.getFirst()).properties())))
                .hasSize(4);
    }

    @Test
    void fullFieldNamesSayTheSame() {
        Map<String, String> full =
                Map.of("producerGroup", "G", "topic", "C_REPLY_TOPIC", "queueId", "-1", "flag", "5", "properties", "p");
        Map<String, String> letters = Map.of("a", "G", "b", "C_REPLY_TOPIC", "e", "-1", "h", "5", "i", "p");
        SendRequest read = ReplyHandlers.named(full::get);
        assertThat(read).isEqualTo(ReplyHandlers.lettered(letters::get));
        assertThat(read.flag()).isEqualTo(5);
    }

    @Test
    void whoRepliesToNobodyHearsWhy() {
        assertThat(reply("").remark()).contains("REPLY_TO_CLIENT");
        Answer gone = reply(to("other@2"));
        assertThat(gone.code()).isEqualTo(ResponseCode.SYSTEM_ERROR);
        assertThat(gone.remark()).contains("<other@2> not found").contains("stopped");
        asker.open = false;
        assertThat(reply(to("asker@1")).remark()).contains("<asker@1> not found");
        assertThat(pushed).isEmpty();
    }

    @Test
    void anAskerThatDoesNotTakeTheReplyIsNamed() {
        asker.answer = push -> CompletableFuture.completedFuture(
                Frame.reply(HeaderForm.JSON, 1, ResponseCode.SYSTEM_ERROR, "no", null, NO_BODY));
        assertThat(reply(to("asker@1")).remark()).contains("<asker@1>").contains("code 1");
        asker.answer = push -> CompletableFuture.failedFuture(new IllegalStateException("too slow"));
        Answer late = reply(to("asker@1"));
        assertThat(late.code()).isEqualTo(ResponseCode.SYSTEM_ERROR);
        assertThat(late.remark()).contains("<asker@1>").contains("too slow");
    }

    @Test
    void theReplyGoesToTheNewestConnectionOfTheAsker() {
        FakeChannel again = new FakeChannel("10.0.0.1:8");
        beat(again, "asker@1");
        producers.heartbeat("P2", new ConsumerGroups.Client(again, "asker@1", 0, 400));
        assertThat(producers.channel("asker@1")).isEqualTo(again);
        producers.unregister("P2", again);
        assertThat(producers.channel("asker@1")).as("still in one group").isEqualTo(again);
        producers.closed(again);
        assertThat(producers.channel("asker@1")).isEqualTo(asker);
        beat(asker, "renamed@1");
        assertThat(producers.channel("asker@1")).isNull();
        assertThat(producers.channel("renamed@1")).isEqualTo(asker);
        clock.advance(Duration.ofMinutes(3));
        producers.expire();
        assertThat(producers.channel("renamed@1")).isNull();
    }

    @Test
    void theChecksOfASendHold() {
        assertThat(reply(fields(to("asker@1")), NO_BODY).code()).isEqualTo(ResponseCode.MESSAGE_ILLEGAL);
        assertThat(reply(fields(to("asker@1")), new byte[1001]).code()).isEqualTo(ResponseCode.MESSAGE_ILLEGAL);
        assertThat(reply(with("b", "OTHER_REPLY_TOPIC"), BODY).code()).isEqualTo(ResponseCode.TOPIC_NOT_EXIST);
        assertThat(reply(with("e", "1"), BODY).code()).isEqualTo(ResponseCode.INVALID_PARAMETER);
        assertThat(reply(with("m", "true"), BODY).code()).isEqualTo(ResponseCode.MESSAGE_ILLEGAL);
        config = new SendConfig(1000, "R", true, 4, 0);
        assertThat(reply(to("asker@1")).code()).isEqualTo(ResponseCode.NO_PERMISSION);
        config = new SendConfig(1000, "R", true, 6, clock.millis() + 1);
        assertThat(reply(to("asker@1")).code()).isEqualTo(ResponseCode.SYSTEM_ERROR);
        assertThat(pushed).isEmpty();
    }

    private static Map<String, String> with(String field, String value) {
        Map<String, String> fields = fields(to("asker@1"));
        fields.put(field, value);
        return fields;
    }
}
