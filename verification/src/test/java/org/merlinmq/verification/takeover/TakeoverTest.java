package org.merlinmq.verification.takeover;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.verification.server.Server;
import org.merlinmq.verification.server.SharedServer;
import org.merlinmq.verification.server.Talk;

/**
 * A store that Apache's server wrote is opened in place, and serves what that server served.
 *
 * <p>Segments have 1 MB, so that there are several, each with a filler at its end.
 */
@Execution(ExecutionMode.CONCURRENT)
class TakeoverTest {
    static final Map<String, String> SETTINGS = Map.of(
            "brokerName",
            "broker-a",
            "brokerClusterName",
            "DefaultCluster",
            "mappedFileSizeCommitLog",
            Integer.toString(1 << 20),
            "flushConsumerOffsetInterval",
            "500",
            "flushDelayOffsetInterval",
            "500");

    private final Path folder = SharedServer.freshFolder("takeover-");
    private final Path store = folder.resolve("store");
    private Map<String, String> openHalf = Map.of();

    @ParameterizedTest
    @CsvSource({"5.5.0, true", "5.5.0, false", "4.9.7, true", "4.9.7, false", "4.4.0, true", "4.4.0, false"})
    void everyMessageOfApachesStoreIsServedByOurs(String version, boolean stoppedInGoodOrder) throws IOException {
        Assumptions.assumeTrue(Server.hasApache(version), "Apache's server is not there: verification/resolve apache");
        boolean timers = version.startsWith("5");
        Served apaches = fill(version, timers, stoppedInGoodOrder);
        assertThat(segments()).as("segments of the log").hasSizeGreaterThan(3);
        assertThat(Files.exists(store.resolve("abort")))
                .as("Apache's mark of a broker that was not stopped")
                .isEqualTo(!stoppedInGoodOrder);
        Map<String, byte[]> foreign = foreignFiles();

        Served ours;
        try (Server server = Server.merlin(folder, store, SETTINGS);
                Talk broker = new Talk(server.broker())) {
            ours = Served.by(broker);
            compare(apaches, ours);
            goOn(broker, ours);
            awaitDelivered(broker, timers);
            ours = Served.by(broker);
        }
        compare(apaches, ours);
        eachOnce(ours, timers);

        try (Server server = Server.merlin(folder, store, SETTINGS);
                Talk broker = new Talk(server.broker())) {
            Served again = Served.by(broker);
            compare(ours, again);
            assertThat(again.count()).as("messages after a second start").isEqualTo(ours.count());
            broker.ask(RequestCode.END_TRANSACTION, openHalf, new byte[0]);
            assertThat(Served.by(broker).bodies(Filling.TRANSACTIONS))
                    .as("the transaction that Apache's server left open is committed")
                    .containsExactly("ends as 8", "ends as 4");
        }
        foreign.forEach((name, bytes) ->
                assertThat(store.resolve(name)).as("a file of Apache's").hasBinaryContent(bytes));
    }

    private Served fill(String version, boolean timers, boolean inGoodOrder) throws IOException {
        long seed = Long.getLong("merlin.seed", 4711);
        try (Server server = Server.apache(version, folder, SETTINGS);
                Talk broker = new Talk(server.broker())) {
            Filling filling = new Filling(broker, seed, timers);
            filling.fill();
            openHalf = filling.openHalf();
            if (version.startsWith("4.4")) {
                filling.letDeadLettersBeRead();
            }
            // The 4.4 line writes this file every ten seconds and not when it stops.
            awaitSettled(broker, timers, inGoodOrder, !inGoodOrder || version.startsWith("4.4"));
            Served served = Served.by(broker);
            filling.delayMore();
            if (!inGoodOrder) {
                server.kill();
            }
            return served;
        }
    }

    /** Until what is due early was delivered, and, before a kill, until that stands in files. */
    private void awaitSettled(Talk broker, boolean timers, boolean inGoodOrder, boolean delaysFirst) {
        await("delivery by Apache's server").until(() -> earlyDelivered(broker, timers));
        await("the key index")
                .until(() -> !broker.find(Filling.MANY, "batch9", false).isEmpty());
        if (delaysFirst) {
            await("delivered delays in a file")
                    .until(() -> text("config/delayOffset.json")
                            .replaceAll("\\s", "")
                            .contains("1:" + Filling.earlyOfLevel1()));
        }
        if (!inGoodOrder) {
            await("committed offsets in a file")
                    .until(() -> text("config/consumerOffset.json").contains("TakeMany@TakeGroup"));
            if (timers) {
                long now = System.currentTimeMillis();
                await("delivered timers in a file").until(() -> timersReadMillis() > now);
            }
        }
    }

    private static boolean earlyDelivered(Talk broker, boolean timers) throws IOException {
        return broker.maxOffset(Filling.DELAYED, 0) == 2
                && broker.maxOffset(Filling.DELAYED, 1) == 1
                && broker.maxOffset(Filling.RETRIES, 0) == 1
                && (!timers || broker.maxOffset(Filling.TIMED, 0) == 3);
    }

    private static org.awaitility.core.ConditionFactory await(String what) {
        return Awaitility.await(what).atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(100));
    }

    private String text(String file) throws IOException {
        Path path = store.resolve(file);
        return Files.exists(path) ? Files.readString(path) : "";
    }

    private long timersReadMillis() throws IOException {
        Path path = store.resolve("config/timercheck");
        return Files.exists(path) ? ByteBuffer.wrap(Files.readAllBytes(path)).getLong() : 0;
    }

    private List<Path> segments() throws IOException {
        try (Stream<Path> files = Files.list(store.resolve("commitlog"))) {
            return files.toList();
        }
    }

    /** All that lies in the store and is not the log, with its content. */
    private Map<String, byte[]> foreignFiles() throws IOException {
        Map<String, byte[]> content = new HashMap<>();
        try (Stream<Path> files = Files.walk(store)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String name = store.relativize(file).toString();
                // The lock file is everybody's; index files are 400 MB of mostly nothing.
                if (!name.startsWith("commitlog") && !name.startsWith("index") && !name.equals("lock")) {
                    content.put(name, Files.readAllBytes(file));
                }
            }
        }
        assertThat(content).containsKeys("config/topics.json", "config/delayOffset.json", "checkpoint");
        return content;
    }

    private static void compare(Served expected, Served actual) {
        assertThat(actual.topics()).containsAllEntriesOf(expected.topics());
        assertThat(actual.groups()).containsAllEntriesOf(expected.groups());
        assertThat(actual.committed()).containsAllEntriesOf(expected.committed());
        assertThat(actual.begins()).containsAllEntriesOf(expected.begins());
        expected.queues().forEach((name, records) -> {
            List<byte[]> found = actual.queues().getOrDefault(name, List.of());
            assertThat(found).as("messages of %s", name).hasSizeGreaterThanOrEqualTo(records.size());
            for (int i = 0; i < records.size(); i++) {
                assertThat(found.get(i)).as("record %d of %s", i, name).isEqualTo(records.get(i));
            }
        });
        expected.found()
                .forEach((key, offsets) -> assertThat(actual.found().get(key))
                        .as("where messages lie that have the topic and key: %s", key)
                        .isEqualTo(offsets));
    }

    /** New messages follow the old ones, and single old ones are found by their ids. */
    private static void goOn(Talk broker, Served before) throws IOException {
        for (int queueId = 0; queueId < Filling.QUEUES; queueId++) {
            List<byte[]> records = before.queues().getOrDefault(Filling.MANY + "/" + queueId, List.of());
            Frame reply = broker.send(Filling.MANY, queueId, "KEYS\u0001after\u0002", "after the takeover");
            assertThat(reply.requiredLong("queueOffset")).isEqualTo(records.size());
            byte[] last = records.getLast();
            assertThat(broker.view(Served.record(last).logOffset())).isEqualTo(last);
        }
        assertThat(broker.find(Filling.MANY, "after", false)).hasSize(Filling.QUEUES);
    }

    private static void awaitDelivered(Talk broker, boolean timers) {
        await("delivery of what was pending")
                .until(() -> broker.maxOffset(Filling.DELAYED, 0) + broker.maxOffset(Filling.DELAYED, 1) >= 6
                        && broker.maxOffset(Filling.RETRIES, 0) >= 2
                        && (!timers || broker.maxOffset(Filling.TIMED, 0) >= 6));
    }

    private static void eachOnce(Served served, boolean timers) {
        String[] due = {"early 0", "early 1", "early 2", "pending 0", "pending 1", "pending 2"};
        assertThat(served.bodies(Filling.DELAYED)).containsExactlyInAnyOrder(due);
        if (timers) {
            assertThat(served.bodies(Filling.TIMED)).containsExactlyInAnyOrder(due);
        }
        assertThat(served.bodies(Filling.TRANSACTIONS)).containsExactly("ends as 8");
        assertThat(served.queues().getOrDefault(Filling.RETRIES + "/0", List.of()))
                .hasSize(2);
        assertThat(served.queues().getOrDefault("%DLQ%" + Filling.GROUP + "/0", List.of()))
                .hasSize(1);
    }
}
