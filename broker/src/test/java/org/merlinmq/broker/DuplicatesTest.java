package org.merlinmq.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.merlinmq.broker.transaction.TransactionConfig;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.message.MessageId;
import org.merlinmq.protocol.message.MessageProperties;
import org.merlinmq.transport.Connection;

/** What producers see who send a message again, in a topic with a window. */
@SuppressWarnings("NullAway.Init") // started before each test
class DuplicatesTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private RunningBroker broker;

    @BeforeEach
    void start() throws IOException, InterruptedException {
        broker = new RunningBroker(TransactionConfig.defaults(), 2);
        Map<String, String> topic = new HashMap<>(Map.of(
                "topic", "T", "defaultTopic", "TBW102", "readQueueNums", "4", "writeQueueNums", "4", "perm", "6"));
        topic.putAll(Map.of("topicFilterType", "SINGLE_TAG", "order", "false", "attributes", "+dedup.window=600000"));
        Frame made = broker.ask(RequestCode.UPDATE_AND_CREATE_TOPIC, topic);
        assertThat(made.isOk()).as("%s", made).isTrue();
    }

    @AfterEach
    void stop() {
        broker.close();
    }

    private static Frame request(String key, Map<String, String> more) {
        Map<String, String> properties = new HashMap<>(more);
        properties.put("UNIQ_KEY", key);
        Map<String, String> fields = new HashMap<>(Map.of("a", "P", "b", "T", "c", "TBW102", "d", "4", "e", "0"));
        fields.put("i", MessageProperties.write(properties));
        if (more.containsKey("TRAN_MSG")) {
            fields.put("f", "4");
        }
        return Frame.request(RequestCode.SEND_MESSAGE_V2, null, key.getBytes(UTF_8))
                .withFields(fields);
    }

    private Frame send(String key, Map<String, String> more) throws InterruptedException {
        Frame answer =
                broker.connection().call(request(key, more), PATIENCE, false).join();
        assertThat(answer.isOk()).as("%s", answer).isTrue();
        return answer;
    }

    private static List<String> words(Frame answer) {
        List<String> words = new ArrayList<>();
        for (String each : List.of("msgId", "queueId", "queueOffset", "transactionId")) {
            words.add(requireNonNull(answer.text(each)));
        }
        return words;
    }

    private long maxOffset() throws InterruptedException {
        Frame answer = broker.ask(RequestCode.GET_MAX_OFFSET, Map.of("topic", "T", "queueId", "0"));
        return Long.parseLong(requireNonNull(answer.text("offset")));
    }

    private void recall(Frame delayed) throws InterruptedException {
        Frame answer = broker.ask(
                RequestCode.RECALL_MESSAGE,
                Map.of(
                        "producerGroup",
                        "P",
                        "topic",
                        "T",
                        "recallHandle",
                        requireNonNull(delayed.text("recallHandle"))));
        assertThat(answer.isOk()).as("%s", answer).isTrue();
    }

    @Test
    void overManyConnectionsAndTwoLoopsEachKeyIsStoredOnce() throws InterruptedException {
        int keys = 500;
        List<Connection> connections = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            connections.add(broker.another());
        }
        List<List<CompletableFuture<Frame>>> answers = new ArrayList<>();
        for (int key = 0; key < keys; key++) {
            List<CompletableFuture<Frame>> ofKey = new ArrayList<>();
            for (Connection each : connections) {
                ofKey.add(each.call(request("U" + key, Map.of()), PATIENCE, false));
            }
            answers.add(ofKey);
        }
        for (List<CompletableFuture<Frame>> ofKey : answers) {
            List<String> first = words(ofKey.getFirst().join());
            assertThat(ofKey).allSatisfy(each -> assertThat(words(each.join())).isEqualTo(first));
        }
        assertThat(maxOffset()).isEqualTo(keys);
    }

    @Test
    void aDelayedMessageThatWasTakenBackMayBeSentAgain() throws InterruptedException {
        Map<String, String> delay = Map.of("TIMER_DELAY_MS", "3600000");
        Frame first = send("U", delay);
        assertThat(words(send("U", delay))).isEqualTo(words(first));
        recall(first);
        Frame second = send("U", delay);
        assertThat(words(second)).isNotEqualTo(words(first));
        assertThat(words(send("U", delay))).as("that one is the first now").isEqualTo(words(second));
        recall(second);
    }

    @Test
    void aDelayedMessageThatWasDeliveredIsNotDeliveredAgain() throws InterruptedException {
        Map<String, String> delay = Map.of("TIMER_DELAY_MS", "1");
        Frame first = send("U", delay);
        while (maxOffset() == 0) {
            Thread.onSpinWait();
        }
        assertThat(words(send("U", delay))).isEqualTo(words(first));
        assertThat(send("U", Map.of()).text("queueOffset"))
                .as("another send, with no delay")
                .isEqualTo("1");
        assertThat(maxOffset()).isEqualTo(2);
    }

    @Test
    void aHalfMessageThatWasDecidedMayBeSentAgain() throws InterruptedException {
        Map<String, String> half = Map.of("TRAN_MSG", "true", "PGROUP", "P");
        for (int decision : new int[] {12, 8}) {
            Frame first = send("U", half);
            assertThat(words(send("U", half))).isEqualTo(words(first));
            Map<String, String> end = new HashMap<>(Map.of(
                    "producerGroup",
                    "P",
                    "tranStateTableOffset",
                    requireNonNull(first.text("queueOffset")),
                    "commitLogOffset",
                    Long.toString(MessageId.decode(requireNonNull(first.text("msgId")))
                            .logOffset()),
                    "commitOrRollback",
                    Integer.toString(decision),
                    "fromTransactionCheck",
                    "false"));
            end.put("msgId", "U");
            end.put("transactionId", "U");
            assertThat(broker.ask(RequestCode.END_TRANSACTION, end).isOk()).isTrue();
        }
        assertThat(words(send("U", half))).isNotNull();
        assertThat(maxOffset()).as("committed").isEqualTo(1);
    }
}
