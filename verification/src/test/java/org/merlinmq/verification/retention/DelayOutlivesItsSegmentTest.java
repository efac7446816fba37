package org.merlinmq.verification.retention;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.merlinmq.verification.clients.TopicReader;
import org.merlinmq.verification.server.Server;
import org.merlinmq.verification.server.SharedServer;
import org.merlinmq.verification.server.Talk;

/**
 * Delayed messages whose segment is deleted before they are due come through the official client at their time, once,
 * though the server is killed in between. It takes two minutes: no shorter retention can be set.
 */
@Execution(ExecutionMode.CONCURRENT)
@Order(1) // long: the others go on beside it
class DelayOutlivesItsSegmentTest {
    private static final String CLIENT = "5.5.0";
    private static final String TOPIC = "Outliving";
    private static final int DELAY_SECONDS = 110;
    private static final Duration PATIENCE = Duration.ofSeconds(100);

    private final Path folder = SharedServer.freshFolder("outliving-");

    @Test
    void delayedMessagesOutliveTheirSegmentAndComeOnce() throws Exception {
        Path first = folder.resolve("data/commitlog/00000000000000000000");
        try (Server server = Server.merlin(folder, folder.resolve("data"), settings());
                TopicReader reader = TopicReader.start(CLIENT, folder)) {
            long due = System.currentTimeMillis() + DELAY_SECONDS * 1000L;
            send(
                    server,
                    TOPIC,
                    "by level",
                    "DELAY\u00011\u0002KEYS\u0001level\u0002UNIQ_KEY\u00010A000001000000000001\u0002");
            send(
                    server,
                    TOPIC,
                    "by time",
                    "TIMER_DELAY_SEC\u0001" + DELAY_SECONDS
                            + "\u0002KEYS\u0001timer\u0002UNIQ_KEY\u00010A000001000000000002\u0002");
            assertThat(first).exists();
            fillSegments(server);
            Awaitility.await("the first segment is deleted")
                    .atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(200))
                    .until(() -> trickle(server) && !Files.exists(first));
            assertThat(System.currentTimeMillis())
                    .as("deleted before they are due")
                    .isLessThan(due);
            assertThat(dump(reader, server)).isEmpty();
            server.kill();
            server.startAgain();
            Awaitility.await("the messages come")
                    .atMost(PATIENCE)
                    .pollInterval(Duration.ofSeconds(1))
                    .until(() -> dump(reader, server).size() >= 2);
            assertThat(System.currentTimeMillis()).isGreaterThanOrEqualTo(due);
            server.kill();
            server.startAgain();
            assertThat(dump(reader, server)).containsExactlyInAnyOrder("level by level", "timer by time");
        }
    }

    private static Map<String, String> settings() {
        return Map.of(
                "storage.segment",
                "1m",
                "storage.retention",
                "1m",
                "storage.delete-hours",
                IntStream.range(0, 24).mapToObj(Integer::toString).collect(Collectors.joining(";")),
                "delay.levels",
                DELAY_SECONDS + "s");
    }

    private static void fillSegments(Server server) throws IOException {
        for (int i = 0; i < 6; i++) {
            send(server, "Filling", "x".repeat(400_000), "");
        }
    }

    /** A segment is old when the first message behind it is. */
    private static boolean trickle(Server server) throws IOException {
        send(server, "Filling", "x", "");
        return true;
    }

    private static void send(Server server, String topic, String body, String properties) throws IOException {
        try (Talk broker = new Talk(server.broker())) {
            broker.send(topic, 0, properties, body);
        }
    }

    /** What the official client finds: keys and body of each message. */
    private static List<String> dump(TopicReader reader, Server server) throws IOException, InterruptedException {
        List<String> found = new ArrayList<>();
        for (String line : reader.all(server, TOPIC)) {
            String[] parts = line.split("\t", -1);
            found.add(parts[2] + " " + new String(Base64.getDecoder().decode(parts[4]), UTF_8));
        }
        return found;
    }
}
