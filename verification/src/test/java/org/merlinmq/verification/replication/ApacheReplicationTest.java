package org.merlinmq.verification.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.merlinmq.verification.replication.GroupTraffic.HELD;
import static org.merlinmq.verification.replication.GroupTraffic.QUEUES;
import static org.merlinmq.verification.replication.GroupTraffic.TOPIC;
import static org.merlinmq.verification.replication.GroupTraffic.await;
import static org.merlinmq.verification.replication.GroupTraffic.awaitCommitted;
import static org.merlinmq.verification.replication.GroupTraffic.awaitSame;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.verification.clients.ClientRun;
import org.merlinmq.verification.server.Server;
import org.merlinmq.verification.server.SharedServer;
import org.merlinmq.verification.server.Talk;

/**
 * A slave holds its master's records byte for byte, and serves them; one of the two is Apache's. Its servers take long to start:
 * each version has one of the two parts, and both with {@code -Dverification.replication=all}.
 */
@Execution(ExecutionMode.CONCURRENT)
class ApacheReplicationTest {
    private static final boolean ALL =
            System.getProperty("verification.replication", "").equals("all");
    private static final int SEGMENT = 1 << 20;
    private static final String LATER = "MadeLater";
    private static final byte[] NO_BODY = {};

    private static final Map<String, String> MASTER = Map.of(
            "brokerName",
            "broker-a",
            "brokerClusterName",
            "DefaultCluster",
            "brokerRole",
            "ASYNC_MASTER",
            "mappedFileSizeCommitLog",
            Integer.toString(SEGMENT));

    private static final Map<String, String> APACHE_SLAVE = Map.of(
            "brokerId",
            "1",
            "brokerRole",
            "SLAVE",
            "slaveReadEnable",
            "true",
            "mappedFileSizeCommitLog",
            Integer.toString(SEGMENT));

    private final Path folder = SharedServer.freshFolder("replication-");
    private final GroupTraffic traffic = new GroupTraffic();

    static List<String> masters() {
        return ALL ? List.of("4.9.7", "5.5.0") : List.of("5.5.0");
    }

    static List<String> slaves() {
        return ALL ? List.of("4.9.7", "5.5.0") : List.of("4.9.7");
    }

    @ParameterizedTest
    @MethodSource("masters")
    void ourSlaveHoldsAndServesWhatApachesMasterHasAndTakesItsPlace(String version) throws Exception {
        Assumptions.assumeTrue(Server.hasApache(version), "Apache's server is not there: verification/resolve apache");
        try (Server apache = Server.apache(version, folder.resolve("apache"), MASTER);
                Talk master = new Talk(apache.broker())) {
            master.topic(TOPIC, QUEUES);
            // Several segments: a new slave gets all of them.
            traffic.send(master, TOPIC, 2400);
            GroupTraffic.commit(master, 7);
            try (OurBroker ours = ours("SLAVE", apache);
                    Talk slave = new Talk(ours.address())) {
                awaitSame(master, slave, TOPIC);
                assertThat(ours.output()).contains("replica-follows").doesNotContain("replica-not-connected");
                master.topic(HELD, 1);
                master.send(HELD, 0, "DELAY\u00011\u0002", "delivered there");
                // Into the next segment, with a filler before it.
                traffic.send(master, TOPIC, 800);
                master.topic(LATER, 1);
                traffic.send(master, LATER, 20);
                GroupTraffic.commit(master, 11);
                awaitSame(master, slave, TOPIC);
                awaitSame(master, slave, LATER);
                awaitCommitted(slave, 11);
                master.ask(RequestCode.DELETE_TOPIC_IN_BROKER, Map.of("topic", LATER), NO_BODY);
                await("the topic that was deleted there")
                        .untilAsserted(
                                () -> assertThat(GroupTraffic.topics(slave)).doesNotContain(LATER));
                ours.kill();
            }
            try (OurBroker ours = ours("SLAVE", apache);
                    Talk slave = new Talk(ours.address())) {
                traffic.send(master, TOPIC, 50);
                awaitSame(master, slave, TOPIC);
                awaitSame(master, slave, HELD);
                awaitCommitted(slave, 11);
                GroupTraffic.commit(master, 13);
                awaitCommitted(slave, 13);
                master.send(HELD, 0, "DELAY\u00013\u0002", "pending");
                await("the delayed record").until(() -> slave.maxOffset("SCHEDULE_TOPIC_XXXX", 2) == 1);
                apache.kill();
                assertThat(consumed("5.5.0", apache, "FromTheSlave")).isEqualTo(traffic.bodies());
            }
            try (OurBroker ours = ours("ASYNC_MASTER", apache);
                    Talk promoted = new Talk(ours.address())) {
                assertThat(GroupTraffic.committed(promoted)).isEqualTo(13);
                // On a slow machine Apache's master may have delivered it as well, a moment before it was killed.
                await("what was pending")
                        .untilAsserted(() -> assertThat(GroupTraffic.texts(promoted, HELD, 0))
                                .startsWith("delivered there", "pending")
                                .containsOnlyOnce("delivered there"));
                traffic.send(promoted, TOPIC, 4);
                assertThat(consumed("4.9.8", apache, "OfTheMaster")).isEqualTo(traffic.bodies());
            }
        }
    }

    private OurBroker ours(String role, Server nameserver) throws IOException {
        return new OurBroker(role, folder.resolve("ours"), nameserver.nameserver(), SEGMENT);
    }

    private List<String> consumed(String client, Server group, String consumer) throws Exception {
        return ClientRun.consume(
                client, group.nameserver(), TOPIC, consumer, folder.resolve(consumer), traffic.sentTo(TOPIC));
    }

    @ParameterizedTest
    @MethodSource("slaves")
    void apachesSlaveHoldsAndServesWhatOurMasterHas(String version) throws Exception {
        Assumptions.assumeTrue(Server.hasApache(version), "Apache's server is not there: verification/resolve apache");
        boolean copiesTablesSoon = version.startsWith("4.");
        if (!copiesTablesSoon) {
            haveTopics();
        }
        try (Server ours = Server.merlin(folder.resolve("ours"), folder.resolve("ours/data"), MASTER);
                Talk master = new Talk(ours.broker())) {
            master.topic(TOPIC, QUEUES);
            master.topic(HELD, 1);
            traffic.send(master, TOPIC, 100);
            GroupTraffic.commit(master, 7);
            try (Server apache =
                            Server.apacheBroker(version, folder.resolve("apache"), APACHE_SLAVE, ours.nameserver());
                    Talk slave = new Talk(apache.broker())) {
                awaitSame(master, slave, TOPIC);
                traffic.send(master, TOPIC, 1500);
                GroupTraffic.delays(master);
                GroupTraffic.transaction(master);
                awaitSame(master, slave, TOPIC);
                awaitSame(master, slave, HELD);
                if (copiesTablesSoon) {
                    awaitCommitted(slave, 7);
                }
                ours.kill();
                ours.startAgain();
                try (Talk again = new Talk(ours.broker())) {
                    again.send(HELD, 0, "DELAY\u00013\u0002", "due in ten seconds");
                    traffic.send(again, TOPIC, 50);
                    awaitSame(again, slave, TOPIC);
                    ours.kill();
                }
            }
        }
        // The way back: Apache's broker goes on with what it has as a slave.
        try (Server promoted = Server.apache(version, folder.resolve("apache"), MASTER);
                Talk talk = new Talk(promoted.broker())) {
            await("what was pending")
                    .untilAsserted(() -> assertThat(GroupTraffic.texts(talk, HELD, 0))
                            .contains("of a level", "of a time of its own", "committed", "due in ten seconds")
                            .doesNotContain("pending"));
            traffic.send(talk, TOPIC, 4);
            assertThat(consumed("5.5.0", promoted, "OfApachesMaster")).isEqualTo(traffic.bodies());
        }
    }

    /** A slave of the 5 line asks for its master's tables a minute after its start. Here it has the topics already. */
    private void haveTopics() throws IOException {
        Path config = Files.createDirectories(folder.resolve("apache/store/config"));
        String topics = topic(TOPIC, QUEUES) + ',' + topic(HELD, 1);
        Files.writeString(
                config.resolve("topics.json"),
                "{\"dataVersion\":{\"counter\":1,\"timestamp\":1},\"topicConfigTable\":{" + topics + "}}");
    }

    private static String topic(String name, int queues) {
        return '"' + name + "\":{\"topicName\":\"" + name + "\",\"perm\":6,\"readQueueNums\":" + queues
                + ",\"writeQueueNums\":" + queues + '}';
    }
}
