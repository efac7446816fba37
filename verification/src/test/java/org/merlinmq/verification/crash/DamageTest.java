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
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.merlinmq.verification.clients.TopicReader;
import org.merlinmq.verification.server.Server;
import org.merlinmq.verification.server.SharedServer;
import org.merlinmq.verification.server.Talk;

/**
 * A stopped server's files beside its log, damaged one by one: an official client reads all messages all the same, and the
 * server's log names the file, what was lost by it and what becomes of it.
 */
@Execution(ExecutionMode.CONCURRENT)
@Order(1) // long: the others go on beside it
class DamageTest {
    private static final String CLIENT = "5.5.0";

    /** Each file is damaged in every way; else in one of them, another one in each run. */
    private static final boolean ALL = Boolean.getBoolean("merlin.damage.all");

    private static final List<String> TOPICS = List.of("DamageOne", "DamageTwo");
    private static final int QUEUES = 4;
    private static final int MESSAGES = 100;
    private static final String LATER = "DELAY\u000118\u0002";

    private final SplittableRandom random = new SplittableRandom(Long.getLong("merlin.seed", System.nanoTime()));
    private final Path folder = SharedServer.freshFolder("damage-");
    private final Path data = folder.resolve("data");
    private final Path whole = folder.resolve("whole");
    private final Map<String, String> settings = Map.of("mappedFileSizeCommitLog", Integer.toString(1 << 20));

    private enum Damage {
        FLIPPED,
        HALVED,
        EMPTIED,
        DELETED
    }

    private TopicReader reader;

    @BeforeEach
    void startReader() throws IOException {
        reader = TopicReader.start(CLIENT, folder);
    }

    @AfterEach
    void stopReader() {
        reader.close();
    }

    @Test
    void allMessagesAreReadAndTheLogSaysWhatWasLostWhateverFileIsDamaged() throws Exception {
        List<List<String>> messages = new ArrayList<>();
        for (String topic : TOPICS) {
            // A start for each, so that there are two snapshots, and several runs of each kind.
            try (Server server = Server.merlin(folder, data, settings);
                    Talk broker = new Talk(server.broker())) {
                fill(broker, topic);
            }
        }
        try (Server server = Server.merlin(folder, data, settings)) {
            for (String topic : TOPICS) {
                messages.add(reader.all(server, topic));
            }
        }
        assertThat(messages).allSatisfy(each -> assertThat(each).hasSize(MESSAGES));
        copy(data, whole);
        List<Path> files = besideTheLog();
        assertThat(files.stream().map(DamageTest::kind).distinct())
                .containsExactlyInAnyOrder(
                        "checkpoint", "epochs", "identity", "state", "queues", "queue", "key", "timer");
        SoftAssertions wrong = new SoftAssertions();
        int next = random.nextInt(Damage.values().length);
        for (Path file : files) {
            Damage one = Damage.values()[next++ % Damage.values().length];
            for (Damage damage : ALL ? Damage.values() : new Damage[] {one}) {
                restore();
                damage(data.resolve(whole.relativize(file)), damage);
                // The blocks of a run are checked when they are read, and no client reads those of the system's topics.
                boolean unread = damage == Damage.FLIPPED && file.toString().endsWith(".run");
                // A folder without the file is one that RocketMQ left.
                boolean unmissed = damage == Damage.DELETED && file.endsWith("identity");
                int least = unread || unmissed ? 0 : 1;
                start(file.getFileName() + " " + damage, file, least, messages, wrong);
            }
        }
        wrong.assertAll();
    }

    private static void fill(Talk broker, String topic) throws IOException {
        broker.topic(topic, QUEUES);
        for (int i = 0; i < MESSAGES; i++) {
            broker.send(topic, i % QUEUES, "KEYS\u0001k" + i + "\u0002", topic + " " + i);
        }
        broker.send(topic, 0, LATER, "later");
    }

    /** Starts on what is damaged, then once more on what that start left. */
    private void start(String what, Path file, int leastLines, List<List<String>> messages, SoftAssertions wrong)
            throws Exception {
        Server server = Server.merlin(folder, data, settings);
        try (server;
                Talk broker = new Talk(server.broker())) {
            for (String topic : TOPICS) {
                assertThat(records(broker, topic)).as(what).isEqualTo(MESSAGES);
                assertThat(broker.find(topic, "k7", false)).as(what).hasSize(1);
            }
            for (int i = 0; i < messages.size(); i++) {
                assertThat(reader.all(server, TOPICS.get(i))).as(what).isEqualTo(messages.get(i));
            }
        }
        String name = Pattern.quote(file.getFileName().toString());
        Server again = Server.merlin(folder, data, settings);
        again.close();
        wrong.assertThat(lines(server, " (WARN|ERROR) .*" + name))
                .as(what + "\n" + server.output())
                .hasSizeBetween(leastLines, 1)
                .allSatisfy(line -> assertThat(line).contains("nothing is lost").doesNotContain("torn"));
        wrong.assertThat(lines(server, "^\\s+at |Exception")).as(what).isEmpty();
        wrong.assertThat(lines(again, " (WARN|ERROR) "))
                .as(what + ", at the second start")
                .isEmpty();
    }

    private static List<String> lines(Server server, String pattern) {
        Pattern found = Pattern.compile(pattern);
        return server.output().lines().filter(found.asPredicate()).toList();
    }

    private static int records(Talk broker, String topic) throws IOException {
        int found = 0;
        for (int queue = 0; queue < QUEUES; queue++) {
            found += broker.read(topic, queue).size();
        }
        return found;
    }

    private List<Path> besideTheLog() throws IOException {
        try (Stream<Path> files = Files.list(whole.resolve("merlin"))) {
            return Stream.concat(files.sorted(), Stream.of(whole.resolve("epochs"), whole.resolve("identity")))
                    .toList();
        }
    }

    /** A file's name without its number. */
    private static String kind(Path file) {
        return file.getFileName().toString().replaceAll("-\\d+\\..*", "");
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
