package org.merlinmq.verification.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.merlinmq.client.Admin;
import org.merlinmq.client.ClientConfig;
import org.merlinmq.client.ClientException;
import org.merlinmq.client.Message;
import org.merlinmq.client.Producer;
import org.merlinmq.client.ProducerConfig;
import org.merlinmq.client.PullResult;
import org.merlinmq.client.Puller;
import org.merlinmq.client.StartAt;
import org.merlinmq.protocol.body.MessageQueueId;
import org.merlinmq.protocol.body.TopicConfig;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.verification.server.Server;
import org.merlinmq.verification.server.SharedServer;

/** Delayed messages of which many are taken back, before and after they are due, while the server is killed. */
class RecallCrashTest {
    private static final String TOPIC = "Recalled";
    private static final int MESSAGES = 200;
    private static final int FIRST_DUE_MILLIS = 2_000;
    private static final int LAST_DUE_MILLIS = 5_000;
    private static final long RECALL_EVERY_NANOS = 30_000_000;

    private final long seed = Long.getLong("merlin.seed", System.nanoTime());
    private final SplittableRandom random = new SplittableRandom(seed);

    /** By number: those whose recall was answered with success, and those for which it came too late. */
    private final Set<Integer> takenBack = new HashSet<>();

    private final Set<Integer> tooLate = new HashSet<>();

    private final CountDownLatch oneTakenBack = new CountDownLatch(1);

    /** Recalls that the kill cut off. */
    private final Set<Integer> unanswered = new HashSet<>();

    @Test
    void whatWasTakenBackNeverComesAndAllElseComesOnce() throws Exception {
        Path folder = SharedServer.freshFolder("recall-");
        try (Server server = Server.merlin(folder, folder.resolve("data"), Map.of())) {
            ClientConfig config = ClientConfig.of(
                            "127.0.0.1:" + server.nameserver().getPort())
                    .withTimeout(Duration.ofSeconds(5));
            try (Admin admin = Admin.open(config)) {
                admin.createTopic(TopicConfig.of(TOPIC, 4));
                List<String> handles = send(config);
                long killAfterNanos = 1_000_000L * random.nextInt(500, LAST_DUE_MILLIS);
                CompletableFuture<Void> recalls = CompletableFuture.runAsync(() -> recall(admin, handles));
                LockSupport.parkNanos(killAfterNanos);
                assertThat(oneTakenBack.await(60, TimeUnit.SECONDS)).isTrue();
                server.kill();
                server.startAgain();
                recalls.join();
                Awaitility.await("nothing waits")
                        .atMost(Duration.ofSeconds(30))
                        .pollInterval(Duration.ofMillis(200))
                        .until(() -> admin.delayed(TOPIC, 0, Long.MAX_VALUE, 1).isEmpty());
                check(arrived(config));
            }
        }
    }

    private List<String> send(ClientConfig config) {
        List<String> handles = new ArrayList<>();
        try (Producer producer = Producer.start(config, ProducerConfig.of("P"))) {
            for (int i = 0; i < MESSAGES; i++) {
                Message message = Message.of(TOPIC, Integer.toString(i))
                        .withDelay(Duration.ofMillis(random.nextInt(FIRST_DUE_MILLIS, LAST_DUE_MILLIS)));
                handles.add(producer.send(message).recallHandle());
            }
        }
        return handles;
    }

    private void recall(Admin admin, List<String> handles) {
        for (int i = 0; i < MESSAGES; i += 2) {
            try {
                admin.recall(TOPIC, handles.get(i));
                takenBack.add(i);
                oneTakenBack.countDown();
            } catch (ClientException e) {
                boolean answered = e.responseCode() == ResponseCode.ILLEGAL_OPERATION.number();
                (answered ? tooLate : unanswered).add(i);
            }
            LockSupport.parkNanos(RECALL_EVERY_NANOS);
        }
    }

    private static Map<Integer, Integer> arrived(ClientConfig config) {
        Map<Integer, Integer> times = new TreeMap<>();
        try (Puller puller = Puller.open(config, "G")) {
            for (MessageQueueId queue : puller.queues(TOPIC)) {
                long offset = puller.offset(queue, StartAt.first());
                PullResult result;
                do {
                    result = puller.pull(queue, offset, "*", 32, Duration.ZERO);
                    offset = result.nextOffset();
                    result.messages()
                            .forEach(message -> times.merge(
                                    Integer.valueOf(new String(message.body(), StandardCharsets.UTF_8)),
                                    1,
                                    Integer::sum));
                } while (!result.messages().isEmpty());
            }
        }
        return times;
    }

    private void check(Map<Integer, Integer> arrived) {
        String repeat = "repeat with -Dtest=RecallCrashTest -Dmerlin.seed=" + seed;
        assertThat(arrived.values()).as("none twice; " + repeat).containsOnly(1);
        assertThat(arrived.keySet()).as("taken back; " + repeat).doesNotContainAnyElementsOf(takenBack);
        Set<Integer> expected = new HashSet<>();
        for (int i = 0; i < MESSAGES; i++) {
            if (!takenBack.contains(i) && !unanswered.contains(i)) {
                expected.add(i);
            }
        }
        assertThat(arrived.keySet()).as("all else; " + repeat).containsAll(expected);
        assertThat(takenBack).as("recalls that came in time").isNotEmpty();
    }
}
