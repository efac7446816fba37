package org.merlinmq.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.message.MessageId;
import org.merlinmq.protocol.message.MessageProperties;
import org.merlinmq.protocol.message.RecordLayout;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.protocol.message.SysFlag;

/** Transactions as a producer and a consumer see them. */
@SuppressWarnings("NullAway.Init") // started before each test
class TransactionTest {
    private RunningBroker broker;

    @BeforeEach
    void start() throws IOException, InterruptedException {
        broker = new RunningBroker();
        broker.send("T", 0, "first");
    }

    @AfterEach
    void stop() {
        broker.close();
    }

    private Frame half(String key) throws InterruptedException {
        Map<String, String> properties = Map.of("TRAN_MSG", "true", "PGROUP", "P", "UNIQ_KEY", key);
        Frame answer = broker.ask(
                RequestCode.SEND_MESSAGE_V2,
                Map.of(
                        "a",
                        "P",
                        "b",
                        "T",
                        "c",
                        "TBW102",
                        "d",
                        "4",
                        "e",
                        "0",
                        "f",
                        "4",
                        "i",
                        MessageProperties.write(properties)),
                ("body of " + key).getBytes(UTF_8));
        assertThat(answer.isOk()).as("%s", answer).isTrue();
        return answer;
    }

    private static long logOffset(Frame half) {
        return MessageId.decode(Objects.requireNonNull(half.text("msgId"))).logOffset();
    }

    private Map<String, String> decision(Frame half, int decision) {
        return new HashMap<>(Map.of(
                "producerGroup",
                "P",
                "tranStateTableOffset",
                Objects.requireNonNull(half.text("queueOffset")),
                "commitLogOffset",
                Long.toString(logOffset(half)),
                "commitOrRollback",
                Integer.toString(decision),
                "msgId",
                Objects.requireNonNull(half.text("transactionId")),
                "fromTransactionCheck",
                "false"));
    }

    private Frame end(Frame half, int decision) throws InterruptedException {
        return broker.ask(RequestCode.END_TRANSACTION, decision(half, decision));
    }

    private Frame pull(long offset) throws InterruptedException {
        return broker.ask(RequestCode.PULL_MESSAGE, RunningBroker.pull("G", "T", 0, offset));
    }

    @Test
    void aCommittedMessageIsDeliveredAsRocketMqStoresItAndARolledBackOneNever() throws InterruptedException {
        broker.heartbeat("G");
        Frame first = half("K");
        Frame second = half("L");
        assertThat(first.text("queueOffset")).isEqualTo("0");
        assertThat(second.text("queueOffset")).isEqualTo("1");
        assertThat(second.text("transactionId")).isEqualTo("L");
        assertThat(pull(1).code()).as("not delivered").isNotEqualTo(ResponseCode.SUCCESS.number());
        assertThat(end(second, 12).isOk()).isTrue();
        assertThat(end(first, 8).isOk()).isTrue();
        Frame pulled = pull(1);
        assertThat(pulled.isOk()).isTrue();
        RecordView message = new RecordView();
        assertThat(message.on(pulled.body(), 0, pulled.body().length)).isTrue();
        assertThat(message.totalBytes()).as("one message").isEqualTo(pulled.body().length);
        assertThat(Bytes.text(message.bytes(), message.bodyAt(), message.bodyBytes()))
                .isEqualTo("body of K");
        assertThat(SysFlag.transaction(message.sysFlag())).isEqualTo(SysFlag.COMMIT);
        assertThat(RecordLayout.named(message.preparedOffset())).isEqualTo(logOffset(first));
        assertThat(message.properties())
                .containsEntry("TRAN_MSG", "true")
                .containsEntry("REAL_TOPIC", "T")
                .containsEntry("REAL_QID", "0")
                .containsEntry("__transactionId__", "K");
    }

    @Test
    void anUnknownDecisionLeavesItOpen() throws InterruptedException {
        Frame half = half("K");
        assertThat(end(half, 0).isOk()).isTrue();
        assertThat(end(half, 8).isOk()).isTrue();
    }

    @Test
    void aDecisionThatFitsNoHalfMessageIsRefusedWithItsCause() throws InterruptedException {
        Frame half = half("K");
        Map<String, String> otherGroup = decision(half, 8);
        otherGroup.put("producerGroup", "Q");
        assertRefused(otherGroup, "producer group wrong", "another group than Q");
        Map<String, String> otherOffset = decision(half, 8);
        otherOffset.put("tranStateTableOffset", "77");
        assertRefused(otherOffset, "table offset wrong", "not 77");
        Map<String, String> elsewhere = decision(half, 8);
        elsewhere.put("commitLogOffset", "0");
        elsewhere.put("msgId", "nobody");
        assertRefused(elsewhere, "no half message lies at log offset 0");
        Map<String, String> odd = decision(half, 5);
        assertRefused(odd, "commitOrRollback is 5");
        assertThat(end(half, 8).isOk()).as("it is as it was").isTrue();
    }

    private void assertRefused(Map<String, String> fields, String... words) throws InterruptedException {
        Frame answer = broker.ask(RequestCode.END_TRANSACTION, fields);
        assertThat(answer.code()).isEqualTo(ResponseCode.SYSTEM_ERROR.number());
        assertThat(answer.remark()).contains(words);
    }

    @Test
    void aDecisionThatTheDiskDoesNotTakeLeavesItOpen() throws InterruptedException {
        Frame half = half("K");
        broker.fillDisk();
        String body = "x".repeat(100_000);
        for (int sent = 0; broker.send("T", 0, body).isOk(); sent++) {
            assertThat(sent).isLessThan(99);
        }
        assertThat(end(half, 8).code()).isEqualTo(ResponseCode.SERVICE_NOT_AVAILABLE.number());
        broker.freeDisk();
        while (!broker.send("T", 0, "x").isOk()) {
            Thread.onSpinWait();
        }
        assertThat(end(half, 8).isOk()).isTrue();
    }

    @Test
    void manyDecisionsInOneReadAreTakenAtOnce() throws InterruptedException {
        broker.heartbeat("G");
        for (int i = 0; i < 50; i++) {
            Frame half = half("K" + i);
            broker.connection()
                    .send(Frame.oneway(RequestCode.END_TRANSACTION, null, new byte[0])
                            .withFields(decision(half, i % 2 == 0 ? 8 : 12)));
        }
        // Answered behind all that was sent before.
        assertThat(end(half("last"), 8).isOk()).isTrue();
        assertThat(broker.ask(RequestCode.GET_MAX_OFFSET, Map.of("topic", "T", "queueId", "0"))
                        .text("offset"))
                .isEqualTo("27");
    }
}
