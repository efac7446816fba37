package org.merlinmq.verification.takeover;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.verification.clients.TopicReader;
import org.merlinmq.verification.server.Server;
import org.merlinmq.verification.server.SharedServer;
import org.merlinmq.verification.server.Talk;

/**
 * A topic that Apache's server deleted, with the request that {@code mqadmin deleteTopic} sends, and made again: the log
 * still holds the messages of both, and ours serves what that server served.
 */
@Execution(ExecutionMode.CONCURRENT)
class RecreatedTopicTest {
    private static final String CLIENT = "5.5.0";
    private static final String TOPIC = "TakeAgain";
    private static final String KEPT = "TakeKept";
    private static final int QUEUES = 4;
    /** No flush of queue files: of a queue that Apache's server flushes while it deletes it, the file stays for good. */
    private static final Map<String, String> APACHES_SETTINGS =
            with(TakeoverTest.SETTINGS, "flushIntervalConsumeQueue", "600000");

    private final Path folder = SharedServer.freshFolder("recreated-");
    private final Path store = folder.resolve("store");

    @ParameterizedTest
    @CsvSource({"5.5.0, true", "5.5.0, false", "4.9.7, true", "4.9.7, false", "4.4.0, true", "4.4.0, false"})
    void itsFormerMessagesDoNotComeBack(String version, boolean stoppedInGoodOrder) throws Exception {
        Assumptions.assumeTrue(Server.hasApache(version), "Apache's server is not there: verification/resolve apache");
        try (TopicReader reader = TopicReader.start(CLIENT, folder)) {
            play(reader, version, stoppedInGoodOrder);
        }
    }

    private void play(TopicReader reader, String version, boolean stoppedInGoodOrder) throws Exception {
        List<String> apaches;
        List<String> kept;
        try (Server server = Server.apache(version, folder, APACHES_SETTINGS);
                Talk broker = new Talk(server.broker())) {
            twoLives(broker);
            apaches = reader.all(server, TOPIC);
            kept = reader.all(server, KEPT);
            if (!stoppedInGoodOrder) {
                server.kill();
            }
        }
        assertThat(apaches).as("what Apache's server serves").hasSize(50);
        assertThat(kept).hasSize(20);
        try (Server server = Server.merlin(folder, store, TakeoverTest.SETTINGS);
                Talk broker = new Talk(server.broker())) {
            assertThat(reader.all(server, TOPIC)).isEqualTo(apaches);
            assertThat(reader.all(server, KEPT)).isEqualTo(kept);
            for (int queueId = 0; queueId < QUEUES; queueId++) {
                long next = queueId < 2 ? 17 : queueId == 2 ? 16 : 0;
                assertThat(send(broker, TOPIC, queueId, "third")).isEqualTo(next);
            }
            apaches = reader.all(server, TOPIC);
            assertThat(apaches).hasSize(54);
            server.kill();
            server.startAgain();
            assertThat(reader.all(server, TOPIC)).as("after a second start").isEqualTo(apaches);
        }
    }

    /** 100 messages in four queues, then 50 in three of them: the fourth has only former ones. */
    private static void twoLives(Talk broker) throws IOException {
        broker.topic(TOPIC, QUEUES);
        broker.topic(KEPT, QUEUES);
        for (int i = 0; i < 100; i++) {
            send(broker, TOPIC, i % QUEUES, "first " + i);
            if (i % 5 == 0) {
                send(broker, KEPT, i % QUEUES, "kept " + i);
            }
        }
        awaitQueued(broker, 25, 25, 25, 25);
        broker.ask(RequestCode.DELETE_TOPIC_IN_BROKER, Map.of("topic", TOPIC), new byte[0]);
        broker.topic(TOPIC, QUEUES);
        for (int i = 0; i < 50; i++) {
            assertThat(send(broker, TOPIC, i % 3, "second " + i))
                    .as("offset of message %d", i)
                    .isEqualTo(i / 3);
        }
        awaitQueued(broker, 17, 17, 16, 0);
    }

    /** Apache's server enters messages into their queues after it has answered: a topic made meanwhile would get them. */
    private static void awaitQueued(Talk broker, int... counts) {
        for (int queueId = 0; queueId < QUEUES; queueId++) {
            int queue = queueId;
            Awaitility.await("entries of queue " + queue)
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> broker.maxOffset(TOPIC, queue) == counts[queue]);
        }
    }

    private static Map<String, String> with(Map<String, String> settings, String key, String value) {
        Map<String, String> all = new HashMap<>(settings);
        all.put(key, value);
        return all;
    }

    private static long send(Talk broker, String topic, int queueId, String body) throws IOException {
        return broker.send(topic, queueId, "KEYS\u0001k\u0002", body).requiredLong("queueOffset");
    }
}
