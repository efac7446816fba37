package org.merlinmq.verification.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.merlinmq.verification.clients.ClientRun;
import org.merlinmq.verification.server.Server;
import org.merlinmq.verification.server.SharedServer;
import org.merlinmq.verification.server.Talk;

/** A stopped server's files beside its log, damaged one by one: an official client reads all messages all the same. */
@Execution(ExecutionMode.CONCURRENT)
class DamageTest {
    private static final String CLIENT = "5.5.0";
    private static final List<String> TOPICS = List.of("DamageOne", "DamageTwo");
    private static final int QUEUES = 4;
    private static final int MESSAGES = 100;

    private final SplittableRandom random = new SplittableRandom(Long.getLong("merlin.seed", System.nanoTime()));
    private final Path folder = SharedServer.freshFolder("damage-");
    private final Path data = folder.resolve("data");
    private final Path whole = folder.resolve("whole");

    private enum Damage {
        FLIPPED,
        HALVED,
        EMPTIED,
        DELETED
    }

    @Test
    void allMessagesAreReadWhateverFileBesideTheLogIsDamaged() throws Exception {
        List<List<String>> messages = new ArrayList<>();
        Map<String, String> settings = Map.of("mappedFileSizeCommitLog", Integer.toString(1 << 20));
        try (Server server = Server.merlin(folder, data, settings)) {
            try (Talk broker = new Talk(server.broker())) {
                for (int i = 0; i < MESSAGES; i++) {
                    for (String topic : TOPICS) {
                        if (i == 0) {
                            broker.topic(topic, QUEUES);
                        }
                        broker.send(topic, i % QUEUES, "KEYS\u0001k" + i + "\u0002", topic + " " + i);
                    }
                }
            }
            for (String topic : TOPICS) {
                messages.add(dump(server, topic));
            }
        }
        assertThat(messages).allSatisfy(each -> assertThat(each).hasSize(MESSAGES));
        copy(data, whole);
        int damages = 0;
        for (Path file : derived(whole)) {
            // One kind for each file, so that the test ends in time: all kinds at every byte are a unit test.
            Damage damage = Damage.values()[damages++ % Damage.values().length];
            restore();
            damage(data.resolve(whole.relativize(file)), damage);
            try (Server server = Server.merlin(folder, data, settings)) {
                for (int i = 0; i < TOPICS.size(); i++) {
                    assertThat(dump(server, TOPICS.get(i)))
                            .as(file.getFileName() + " " + damage)
                            .isEqualTo(messages.get(i));
                }
            }
        }
        assertThat(damages).isGreaterThan(4);
    }

    private List<String> dump(Server server, String topic) throws IOException, InterruptedException {
        return ClientRun.dump(CLIENT, server, topic, folder.resolve("dump"));
    }

    private static List<Path> derived(Path store) throws IOException {
        try (Stream<Path> files = Files.list(store.resolve("merlin"))) {
            return files.sorted().toList();
        }
    }

    private void damage(Path file, Damage damage) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        switch (damage) {
            case FLIPPED -> {
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
                Files.write(file, bytes);
            }
            case HALVED -> Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
            case EMPTIED -> Files.write(file, new byte[0]);
            case DELETED -> Files.delete(file);
        }
    }

    private void restore() throws IOException {
        try (Stream<Path> files = Files.walk(data)) {
            for (Path file : files.sorted((one, other) -> other.compareTo(one)).toList()) {
                Files.delete(file);
            }
        }
        copy(whole, data);
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            files.forEach(file -> {
                try {
                    Files.copy(file, to.resolve(from.relativize(file)));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
