package org.merlinmq.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.merlinmq.protocol.body.MessageQueueId;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.request.SendRequest;

class ProducerTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final ProducerConfig CONFIG = ProducerConfig.of("PG").withTimeout(Duration.ofSeconds(20));

    private static Producer producer(FakeCluster cluster) {
        return Producer.start(ClientConfig.of(cluster.nameserver()), CONFIG);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 14, 16, 17, 204, 205})
    void whatAnotherBrokerMayDoBetterGoesToAnotherBroker(int code) {
        ResponseCode refused = java.util.Objects.requireNonNull(ResponseCode.of(code));
        try (FakeCluster cluster = new FakeCluster()
                        .broker("a", (name, request) -> FakeCluster.refusal(request, refused, "not me"))
                        .broker("b", (name, request) -> FakeCluster.stored(request))
                        .topic("T", 2);
                Producer producer = producer(cluster)) {
            for (int i = 0; i < 4; i++) {
                SendResult result = producer.send(Message.of("T", "x"));
                assertThat(result.queue().brokerName()).isEqualTo("b");
                assertThat(result.queueOffset()).isEqualTo(7);
            }
            assertThat(cluster.asked).contains("a 310");
        }
    }

    @Test
    void whatNoBrokerCanMendIsTriedOnce() {
        try (FakeCluster cluster = new FakeCluster()
                        .broker(
                                "a",
                                (name, request) ->
                                        FakeCluster.refusal(request, ResponseCode.MESSAGE_ILLEGAL, "too long"))
                        .topic("T", 2);
                Producer producer = producer(cluster)) {
            assertThatThrownBy(() -> producer.send(Message.of("T", "x")))
                    .isInstanceOf(ClientException.class)
                    .hasMessageContaining("13 MESSAGE_ILLEGAL: too long")
                    .hasMessageContaining("broker a at 127.0.0.1:")
                    .extracting(failed -> ((ClientException) failed).responseCode())
                    .isEqualTo(13);
            assertThat(cluster.asked).containsExactly("a 310");
        }
    }

    /** Also one that makes the topic with this message, and again when the connection was lost. */
    @Test
    void aBrokerHearsWhoSendsWithTheFirstMessageOnAConnection() throws Exception {
        try (FakeCluster cluster = new FakeCluster()
                        .broker("a", (name, request) -> FakeCluster.stored(request))
                        .topic("TBW102", 1);
                Producer producer = producer(cluster)) {
            for (int connections = 0; connections < 2; connections++) {
                for (int i = 0; i < 3; i++) {
                    producer.send(Message.of("New", "x"));
                }
                assertThat(cluster.heartbeats.poll(20, TimeUnit.SECONDS))
                        .startsWith("a {")
                        .contains("\"producerDataSet\":[{\"groupName\":\"PG\"}]");
                assertThat(cluster.heartbeats).as("once is enough").isEmpty();
                cluster.hangUp();
            }
        }
    }

    /** Their length stands in 16 bits on the wire, of bytes. */
    @Test
    void propertiesAreCountedInBytes() {
        try (FakeCluster cluster = new FakeCluster()
                        .broker("a", (name, request) -> FakeCluster.stored(request))
                        .topic("T", 1);
                Producer producer = producer(cluster)) {
            Message fits = Message.of("T", "x").withProperty("p", "日".repeat(10_800));
            producer.sendBatch(List.of(fits, fits));
            Message tooLong = Message.of("T", "x").withProperty("p", "日".repeat(11_000));
            assertThatThrownBy(() -> producer.sendBatch(List.of(fits, tooLong)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageMatching("the properties of a message to T have 330\\d\\d bytes and may have 32767");
            assertThatThrownBy(() -> producer.batchBytes(tooLong)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> producer.send(tooLong)).isInstanceOf(IllegalArgumentException.class);
            assertThat(cluster.asked).hasSize(1);
        }
    }

    @Test
    void aBatchGoesToTheQueueThatIsNamed() {
        List<SendRequest> sent = new CopyOnWriteArrayList<>();
        try (FakeCluster cluster = new FakeCluster()
                        .broker("a", (name, request) -> {
                            sent.add(SendRequest.read(request));
                            return FakeCluster.stored(request);
                        })
                        .topic("T", 4);
                Producer producer = producer(cluster)) {
            MessageQueueId third = producer.queues("T").get(2);
            List<Message> batch = List.of(Message.of("T", "x"), Message.of("T", "y"));
            producer.sendBatchAsync(batch, third).join();
            assertThat(sent).singleElement().satisfies(request -> {
                assertThat(request.queueId()).isEqualTo(2);
                assertThat(request.batch()).isTrue();
            });
            MessageQueueId other = new MessageQueueId("U", "a", 2);
            assertThatThrownBy(() -> producer.sendBatchAsync(batch, other))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("the queue belongs to U");
        }
    }

    @Test
    void aBrokerThatIsGoneIsPassedOver() {
        try (FakeCluster cluster = new FakeCluster()
                        .deadBroker("a")
                        .broker("b", (name, request) -> FakeCluster.stored(request))
                        .topic("T", 1);
                Producer producer = producer(cluster)) {
            for (int i = 0; i < 4; i++) {
                assertThat(producer.send(Message.of("T", "x")).queue().brokerName())
                        .isEqualTo("b");
            }
        }
    }

    @Test
    void whenAllBrokersFailTheLastCauseIsTold() {
        try (FakeCluster cluster = new FakeCluster().deadBroker("a").topic("T", 1);
                Producer producer = producer(cluster)) {
            assertThatThrownBy(() -> producer.send(Message.of("T", "x")))
                    .isInstanceOf(ClientException.class)
                    .hasMessageContaining("after 3 of 3 tries")
                    .hasMessageContaining("cannot connect to 127.0.0.1:");
        }
    }

    @Test
    void aMessageWithAnOrderKeyIsSentAgainToItsQueueOnly() {
        AtomicInteger tries = new AtomicInteger();
        try (FakeCluster cluster = new FakeCluster()
                        .broker("a", (name, request) -> failingTwice(tries, request))
                        .broker("b", (name, request) -> failingTwice(tries, request))
                        .topic("T", 2);
                Producer producer = producer(cluster)) {
            SendResult result = producer.send(Message.of("T", "x"), "key");
            assertThat(tries.get()).isEqualTo(3);
            assertThat(cluster.asked).hasSize(3).containsOnly(result.queue().brokerName() + " 310");
        }
    }

    private static Frame failingTwice(AtomicInteger tries, Frame request) {
        return tries.incrementAndGet() < 3
                ? FakeCluster.refusal(request, ResponseCode.SYSTEM_BUSY, "busy")
                : FakeCluster.stored(request);
    }

    @Test
    void aTopicThatDoesNotExistGoesWhereTopicsAreCreated() {
        List<SendRequest> sent = new CopyOnWriteArrayList<>();
        try (FakeCluster cluster = new FakeCluster()
                        .broker("a", (name, request) -> {
                            sent.add(SendRequest.read(request));
                            return FakeCluster.stored(request);
                        })
                        .topic("TBW102", 8);
                Producer producer = producer(cluster)) {
            for (int i = 0; i < 8; i++) {
                producer.send(Message.of("fresh", "x"));
            }
            assertThat(sent)
                    .allMatch(header -> header.topic().equals("fresh")
                            && header.defaultTopic().equals("TBW102")
                            && header.defaultTopicQueueNums() == 4
                            && header.queueId() < 4);
        }
    }

    @Test
    void withoutAnyRouteTheCureIsNamed() {
        try (FakeCluster cluster = new FakeCluster();
                Producer producer = producer(cluster)) {
            assertThatThrownBy(() -> producer.send(Message.of("T", "x")))
                    .isInstanceOf(ClientException.class)
                    .hasMessageContaining("no route for topic T")
                    .hasMessageContaining(cluster.nameserver())
                    .hasMessageContaining("create the topic first");
        }
    }

    @Test
    void aNameserverThatIsGoneIsPassedOver() {
        try (FakeCluster gone = new FakeCluster();
                FakeCluster cluster = new FakeCluster()
                        .broker("a", (name, request) -> FakeCluster.stored(request))
                        .topic("T", 1)) {
            String nobody = gone.deadBroker("x").addressOf("x");
            try (Producer producer = Producer.start(ClientConfig.of(nobody + ";" + cluster.nameserver()), CONFIG)) {
                assertThat(producer.send(Message.of("T", "x")).status()).isEqualTo(SendStatus.SEND_OK);
            }
            Producer lost = Producer.start(ClientConfig.of(nobody), CONFIG);
            assertThatThrownBy(() -> lost.send(Message.of("T", "x")))
                    .isInstanceOf(ClientException.class)
                    .hasMessageContaining("no nameserver answered: " + nobody);
            lost.close();
        }
    }

    @Test
    void asyncSendersWaitWhenTooMuchIsInFlight() {
        CompletableFuture<Void> release = new CompletableFuture<>();
        try (FakeCluster cluster = new FakeCluster()
                .broker("a", (name, request) -> release.isDone() ? FakeCluster.stored(request) : null)
                .topic("T", 1)) {
            ProducerConfig two =
                    CONFIG.withMaxInFlightBytes(2 * 4096).withRetries(0).withTimeout(Duration.ofSeconds(1));
            try (Producer producer = Producer.start(ClientConfig.of(cluster.nameserver()), two)) {
                CompletableFuture<Integer> thirdSentAfter = CompletableFuture.supplyAsync(() -> {
                    List<CompletableFuture<SendResult>> sending = new ArrayList<>();
                    for (int i = 0; i < 3; i++) {
                        sending.add(producer.sendAsync(Message.of("T", "x")));
                    }
                    return (int) sending.stream()
                            .filter(CompletableFuture::isCompletedExceptionally)
                            .count();
                });
                // The third goes out only after one of the first two has been given up.
                assertThat(thirdSentAfter.join()).isGreaterThanOrEqualTo(1);
                producer.flush();
                release.complete(null);
                assertThat(producer.send(Message.of("T", "x")).status()).isEqualTo(SendStatus.SEND_OK);
            }
            assertThat(cluster.asked).filteredOn("a 310"::equals).hasSize(4);
        }
    }

    /** Runs a step where callbacks of this producer run, and hands back what it returned. */
    private static <T> CompletableFuture<T> onCallback(
            CompletableFuture<Void> answer, Producer producer, String topic, Supplier<CompletableFuture<T>> step) {
        // The broker answers only when the step hangs on the future: it cannot run on the test's thread.
        CompletableFuture<T> returned = producer.sendAsync(Message.of(topic, "first"))
                .thenCompose(result -> step.get())
                .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        answer.complete(null);
        return returned;
    }

    private static void closesInTime(Producer producer) {
        assertThat(CompletableFuture.runAsync(producer::close)).succeedsWithin(PATIENCE);
    }

    private static FakeCluster answeringWhenTold(CompletableFuture<Void> answer) {
        return new FakeCluster()
                .broker("a", (name, request) -> {
                    answer.join();
                    return FakeCluster.stored(request);
                })
                .topic("T", 1);
    }

    private static Producer producerOfOneInFlight(FakeCluster cluster) {
        return Producer.start(ClientConfig.of(cluster.nameserver()), CONFIG.withMaxInFlightBytes(4096));
    }

    @Test
    void aSendThatCannotWaitForItsRouteOnACallbackHoldsNothingBack() {
        CompletableFuture<Void> answer = new CompletableFuture<>();
        try (FakeCluster cluster = answeringWhenTold(answer).topic("U", 1)) {
            Producer producer = producer(cluster);
            CompletableFuture<SendResult> second = onCallback(
                    answer,
                    producer,
                    "T",
                    () -> producer.sendAsync(Message.of("U", "x"), new MessageQueueId("U", "a", 0)));
            assertThat(second)
                    .failsWithin(PATIENCE)
                    .withThrowableOfType(ExecutionException.class)
                    .havingCause()
                    .isInstanceOf(ClientException.class)
                    .withMessageContaining("event loop must not wait");
            closesInTime(producer);
        }
    }

    @Test
    void whatOneAnswerFreesMayBeSentOnItsCallback() {
        CompletableFuture<Void> answer = new CompletableFuture<>();
        try (FakeCluster cluster = answeringWhenTold(answer)) {
            Producer producer = producerOfOneInFlight(cluster);
            CompletableFuture<SendResult> second =
                    onCallback(answer, producer, "T", () -> producer.sendAsync(Message.of("T", "x")));
            assertThat(second).succeedsWithin(PATIENCE);
            closesInTime(producer);
        }
    }

    @Test
    void whatHasNoRoomOnACallbackIsRefused() {
        CompletableFuture<Void> answer = new CompletableFuture<>();
        try (FakeCluster cluster = answeringWhenTold(answer)) {
            Producer producer = producerOfOneInFlight(cluster);
            CompletableFuture<Void> more = onCallback(
                    answer,
                    producer,
                    "T",
                    () -> CompletableFuture.allOf(
                            producer.sendAsync(Message.of("T", "x")), producer.sendAsync(Message.of("T", "y"))));
            assertThat(more)
                    .failsWithin(PATIENCE)
                    .withThrowableOfType(ExecutionException.class)
                    .havingCause()
                    .isInstanceOf(ClientException.class)
                    .withMessageContaining("maxInFlightBytes");
            closesInTime(producer);
        }
    }

    @Test
    void blockingMethodsRefuseToRunOnACallback() {
        for (Consumer<Producer> blocking : List.<Consumer<Producer>>of(
                producer -> producer.send(Message.of("T", "x")), Producer::flush, Producer::close)) {
            CompletableFuture<Void> answer = new CompletableFuture<>();
            try (FakeCluster cluster = answeringWhenTold(answer)) {
                Producer producer = producer(cluster);
                assertThat(onCallback(answer, producer, "T", () -> {
                            blocking.accept(producer);
                            return CompletableFuture.completedFuture("done");
                        }))
                        .failsWithin(PATIENCE)
                        .withThrowableOfType(ExecutionException.class)
                        .havingCause()
                        .isInstanceOf(IllegalStateException.class)
                        .withMessageContaining("callback");
                closesInTime(producer);
            }
        }
    }

    @Test
    void anAnswerThatCannotBeReadFailsTheSend() {
        try (FakeCluster cluster = new FakeCluster()
                .broker("a", (name, request) -> Frame.ok(request.form(), request.requestId(), null, new byte[0]))
                .topic("T", 1)) {
            Producer producer = producer(cluster);
            assertThat(producer.sendAsync(Message.of("T", "x")))
                    .failsWithin(PATIENCE)
                    .withThrowableOfType(ExecutionException.class)
                    .havingCause()
                    .isInstanceOf(ClientException.class)
                    .withMessageContaining("msgId");
            closesInTime(producer);
        }
    }

    @Test
    void aRetryThatMeetsAnUnreadableRouteFailsTheSend() {
        try (FakeCluster cluster = new FakeCluster()) {
            cluster.broker("a", (name, request) -> {
                        cluster.routesUnreadable = true;
                        return FakeCluster.refusal(request, ResponseCode.SYSTEM_BUSY, "busy");
                    })
                    .topic("TBW102", 1);
            Producer producer = producer(cluster);
            assertThat(producer.sendAsync(Message.of("fresh", "x")))
                    .failsWithin(PATIENCE)
                    .withThrowableOfType(ExecutionException.class)
                    .havingCause()
                    .isInstanceOf(ClientException.class)
                    .withMessageContaining("topic fresh");
            closesInTime(producer);
        }
    }

    @Test
    void aClosedProducerSaysSo() {
        try (FakeCluster cluster = new FakeCluster()
                .broker("a", (name, request) -> FakeCluster.stored(request))
                .topic("T", 1)) {
            Producer producer = producer(cluster);
            producer.send(Message.of("T", "x"));
            producer.close();
            assertThat(CompletableFuture.runAsync(() -> producer.send(Message.of("T", "x"))))
                    .failsWithin(PATIENCE)
                    .withThrowableOfType(ExecutionException.class)
                    .havingCause()
                    .isInstanceOf(ClientException.class)
                    .withMessageContaining("closed");
            producer.close();
        }
    }

    @Test
    void bodiesAndBatchesOutsideTheBoundsAreRefusedHere() {
        try (FakeCluster cluster = new FakeCluster()
                        .broker("a", (name, request) -> FakeCluster.stored(request))
                        .topic("T", 1);
                Producer producer = producer(cluster)) {
            assertThatThrownBy(() -> producer.send(Message.of("T", new byte[0])))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> producer.send(Message.of("T", new byte[(4 << 20) + 1])))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("4194304");
            assertThatThrownBy(() -> producer.sendBatch(List.of(Message.of("T", "a"), Message.of("U", "b"))))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() ->
                            producer.sendBatch(List.of(Message.of("T", "a").withDelayLevel(3))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("delay");
            assertThatThrownBy(() -> producer.send(Message.of("T", "a"), new MessageQueueId("U", "a", 0)))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThat(cluster.asked).isEmpty();
        }
    }
}
