package org.merlinmq.verification.disk;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.verification.server.Server;
import org.merlinmq.verification.server.SharedServer;
import org.merlinmq.verification.server.Talk;

/**
 * A loss of power while topics and groups are made and deleted and messages are sent, on a block device that really loses
 * what was not synced.
 *
 * <p>One administrator does one thing after another. What is left afterwards must be a beginning of that history, without
 * a gap: topics, groups and messages lie in one log. With {@code SYNC_FLUSH} it must reach as far as was acknowledged.
 */
@Isolated("the load would disturb the others, and they it")
class PowerCutTest {
    private static final int DISK_MEGABYTES = 256;
    private static final int CUTS = Integer.getInteger("cuts", 3);

    /** What is done for each number: a topic is made, a message sent to it, a group made, an older topic deleted. */
    private static final int STEPS = 4;

    private static final int TOPIC_MADE = 0;
    private static final int MESSAGE_SENT = 1;
    private static final int GROUP_MADE = 2;
    private static final int TOPIC_DELETED = 3;

    /** A topic is deleted when so many newer ones were made. */
    private static final int KEPT_TOPICS = 5;

    @ParameterizedTest
    @ValueSource(strings = {"SYNC_FLUSH", "ASYNC_FLUSH"})
    void whatIsLeftIsABeginningOfTheHistory(String flush) throws Exception {
        long seed = Long.getLong("merlin.seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        for (int cut = 0; cut < CUTS; cut++) {
            Path folder = SharedServer.freshFolder("power-");
            try {
                cutPower(folder, flush, random.nextInt(1, 2_000));
            } catch (AssertionError | RuntimeException failed) {
                throw new AssertionError(
                        "cut " + cut + " with " + flush + "; repeat with -Dtest=PowerCutTest -Dmerlin.seed=" + seed
                                + "; its data is in " + folder + ": " + failed.getMessage(),
                        failed);
            }
        }
    }

    private static void cutPower(Path folder, String flush, int millis) throws Exception {
        Map<String, String> settings =
                Map.of("flushDiskType", flush, "mappedFileSizeCommitLog", Integer.toString(16 << 20));
        AtomicInteger acknowledged = new AtomicInteger();
        try (SmallDisk disk = SmallDisk.mount("ext4", folder, DISK_MEGABYTES)) {
            try (Server server = Server.merlin(folder, disk.folder().resolve("data"), settings)) {
                Thread administrator = new Thread(() -> administrate(server, acknowledged), "administrator");
                administrator.start();
                Awaitility.await("topics that were made and deleted")
                        .atMost(Duration.ofMinutes(1))
                        .until(() -> acknowledged.get() > STEPS * KEPT_TOPICS || !administrator.isAlive());
                administrator.join(millis);
                int before = acknowledged.get();
                signal(server, "STOP");
                SmallDisk left = SmallDisk.afterPowerCut(disk, folder.resolve("left"));
                signal(server, "CONT");
                server.kill();
                administrator.join();
                assertThat(before).as("steps that were acknowledged").isGreaterThan(STEPS * KEPT_TOPICS);
                int needed = flush.equals("SYNC_FLUSH") ? before : 0;
                try (left;
                        Server again = Server.merlin(
                                folder.resolve("left"), left.folder().resolve("data"), settings)) {
                    assertBeginning(again, needed, acknowledged.get());
                }
            }
        }
    }

    private static void signal(Server server, String name) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(server.pid())).start();
        assertThat(kill.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(kill.exitValue()).as("kill -" + name).isZero();
    }

    private static void administrate(Server server, AtomicInteger acknowledged) {
        try (Talk broker = new Talk(server.broker())) {
            for (int number = 0; ; number++) {
                for (int step = 0; step < STEPS; step++) {
                    take(broker, number, step);
                    acknowledged.incrementAndGet();
                }
            }
        } catch (IOException killed) {
            assert acknowledged.get() >= 0 : "the server is gone: the step that had no answer may be there or not";
        }
    }

    private static void take(Talk broker, int number, int step) throws IOException {
        switch (step) {
            case TOPIC_MADE -> broker.topic(topic(number), 2);
            case MESSAGE_SENT -> broker.send(topic(number), 1, "", "message " + number);
            case GROUP_MADE -> {
                String json = "{\"groupName\":\"" + group(number) + "\",\"consumeEnable\":true,\"retryQueueNums\":1}";
                broker.ask(RequestCode.UPDATE_AND_CREATE_SUBSCRIPTIONGROUP, Map.of(), json.getBytes(UTF_8));
            }
            default -> {
                if (number >= KEPT_TOPICS) {
                    String former = topic(number - KEPT_TOPICS);
                    broker.ask(RequestCode.DELETE_TOPIC_IN_BROKER, Map.of("topic", former), new byte[0]);
                }
            }
        }
    }

    private static String topic(int number) {
        return "Cut" + number;
    }

    private static String group(int number) {
        return "CutGroup" + number;
    }

    /** What a server has after the loss of power, and whether it can come from a beginning of the history. */
    private record Left(Set<String> topics, Set<String> groups, Set<String> withMessage) {
        static Left of(Talk broker) throws IOException {
            Set<String> topics = names(broker, RequestCode.GET_ALL_TOPIC_CONFIG, "topicConfigTable");
            topics.removeIf(topic -> !topic.startsWith("Cut"));
            Set<String> withMessage = new TreeSet<>();
            for (String topic : topics) {
                if (broker.read(topic, 1).size() == 1) {
                    withMessage.add(topic);
                }
            }
            return new Left(
                    topics,
                    names(broker, RequestCode.GET_ALL_SUBSCRIPTIONGROUP_CONFIG, "subscriptionGroupTable"),
                    withMessage);
        }

        private static Set<String> names(Talk broker, RequestCode code, String table) throws IOException {
            Set<String> names = new TreeSet<>();
            for (JsonObject.Member member : broker.table(code, table).members()) {
                names.add(member.name());
            }
            return names;
        }

        /** What there is after the first so many steps, and no more. */
        boolean isAfter(int steps) {
            int numbers = (steps + STEPS - 1) / STEPS;
            Set<String> expectedTopics = new TreeSet<>();
            Set<String> expectedMessages = new TreeSet<>();
            for (int number = 0; number < numbers; number++) {
                boolean deleted = done(number + KEPT_TOPICS, TOPIC_DELETED, steps);
                if (done(number, TOPIC_MADE, steps) && !deleted) {
                    expectedTopics.add(topic(number));
                    if (done(number, MESSAGE_SENT, steps)) {
                        expectedMessages.add(topic(number));
                    }
                }
                if (groups.contains(group(number)) != done(number, GROUP_MADE, steps)) {
                    return false;
                }
            }
            return topics.equals(expectedTopics)
                    && withMessage.equals(expectedMessages)
                    && !groups.contains(group(numbers));
        }

        private static boolean done(int number, int step, int steps) {
            return number * STEPS + step < steps;
        }

        @Override
        public String toString() {
            int group = 0;
            while (groups.contains(group(group))) {
                group++;
            }
            return "topics " + topics + ", of these with their message " + withMessage + ", groups without a gap up to "
                    + (group - 1) + " of " + groups.size();
        }
    }

    private static void assertBeginning(Server server, int needed, int most) throws IOException {
        try (Talk broker = new Talk(server.broker())) {
            Left left = Left.of(broker);
            int found = -1;
            // The step under way when the power went may be there as well.
            for (int steps = most + 1; steps >= 0 && found < 0; steps--) {
                found = left.isAfter(steps) ? steps : -1;
            }
            assertThat(found)
                    .as("steps, of %d and one more, after which there is just what is left: %s", most, left)
                    .isGreaterThanOrEqualTo(needed);
        }
    }
}
