package org.merlinmq.verification.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.merlinmq.verification.replication.GroupTraffic.HELD;
import static org.merlinmq.verification.replication.GroupTraffic.QUEUES;
import static org.merlinmq.verification.replication.GroupTraffic.TOPIC;
import static org.merlinmq.verification.replication.GroupTraffic.await;
import static org.merlinmq.verification.replication.GroupTraffic.awaitCommitted;
import static org.merlinmq.verification.replication.GroupTraffic.awaitRole;
import static org.merlinmq.verification.replication.GroupTraffic.awaitSame;
import static org.merlinmq.verification.replication.GroupTraffic.status;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.merlinmq.client.Admin;
import org.merlinmq.client.ClientConfig;
import org.merlinmq.client.ClientException;
import org.merlinmq.protocol.body.ReplicationStatus;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.testkit.TestCertificates;
import org.merlinmq.verification.clients.ClientRun;
import org.merlinmq.verification.server.Child;
import org.merlinmq.verification.server.Ports;
import org.merlinmq.verification.server.Repository;
import org.merlinmq.verification.server.SharedServer;
import org.merlinmq.verification.server.Talk;

/**
 * A master and a slave that are a group: the slave is its master as of a position, and takes over by command. What they send each
 * other is encrypted.
 */
@Execution(ExecutionMode.CONCURRENT)
class GroupPairTest {
    /** A group that consumes while the master is away, and goes on when it is back. */
    private static final String AT_THE_SLAVE = "FromTheSlave";

    private final Path folder = SharedServer.freshFolder("group-");
    private final InetSocketAddress nameserver = new InetSocketAddress(InetAddress.getLoopbackAddress(), Ports.any());
    private final int[] ports = {Ports.forBroker(), Ports.forBroker()};
    private final GroupTraffic traffic = new GroupTraffic();
    private final TestCertificates certificates = new TestCertificates(folder);

    @BeforeEach
    void makeCertificates() throws Exception {
        Files.createDirectories(folder);
        certificates.makeAuthority("authority");
        certificates.make("member-0", "authority", List.of());
        certificates.make("member-1", "authority", List.of());
    }

    @Test
    void theSlaveTakesOverByCommandAndTheFormerMasterFollowsIt() throws Exception {
        Child names = nameserver();
        Child first = member(0);
        Child second = member(1);
        try (Admin admin = Admin.open(ClientConfig.of("127.0.0.1:" + nameserver.getPort()))) {
            awaitRole(admin, address(0), ReplicationStatus.MASTER);
            awaitRole(admin, address(1), ReplicationStatus.SLAVE);
            try (Talk master = new Talk(address(0));
                    Talk slave = new Talk(address(1))) {
                master.topic(TOPIC, QUEUES);
                // The slave's copies count when it was admitted.
                await("a send that has a copy").until(() -> sent(master));
                traffic.send(master, TOPIC, 200);
                GroupTraffic.commit(master, 7);
                awaitSame(master, slave, TOPIC);
                awaitCommitted(slave, 7);
            }
            assertThat(Files.readString(log(1))).contains("replica-encrypted").contains("subject=\"CN=member-0\"");
            int epoch = status(admin, address(0)).epoch();
            first.kill();
            admin.promote("127.0.0.1:" + ports[1], false);
            awaitRole(admin, address(1), ReplicationStatus.MASTER);
            await("a later epoch").until(() -> epoch(admin, address(1)) > epoch);
            first = member(0);
            awaitRole(admin, address(0), ReplicationStatus.SLAVE);
            try (Talk master = new Talk(address(1));
                    Talk slave = new Talk(address(0))) {
                assertThat(GroupTraffic.committed(master)).isEqualTo(7);
                // With a copy required nothing is acknowledged before the former master is back.
                await("a send that has a copy").until(() -> sent(master));
                awaitSame(master, slave, TOPIC);
            }
        } finally {
            second.stop();
            first.stop();
            names.stop();
        }
    }

    @Test
    void consumersGetWhatTheSlaveHasConfirmedAndNothingElse() throws Exception {
        Child names = nameserver();
        Child first = member(0);
        Child second = member(1);
        try (Admin admin = Admin.open(ClientConfig.of("127.0.0.1:" + nameserver.getPort()))) {
            awaitRole(admin, address(0), ReplicationStatus.MASTER);
            awaitRole(admin, address(1), ReplicationStatus.SLAVE);
            try (Talk master = new Talk(address(0))) {
                master.topic(TOPIC, QUEUES);
                await("a send that has a copy").until(() -> sent(master));
                long confirmed = master.maxOffset(TOPIC, 0);
                second.kill();
                await("a send that has no copy").until(() -> !sent(master));
                assertThat(master.maxOffset(TOPIC, 0)).isGreaterThanOrEqualTo(confirmed);
                long shown = master.maxOffset(TOPIC, 0);
                assertThat(sent(master)).isFalse();
                assertThat(master.maxOffset(TOPIC, 0)).isEqualTo(shown);
                assertThat(master.read(TOPIC, 0)).hasSize((int) shown);
                assertThat(master.call(RequestCode.PULL_MESSAGE, Talk.pullFields(TOPIC, 0, shown), new byte[0])
                                .isOk())
                        .as("a pull where the message lies")
                        .isFalse();
                second = member(1);
                await("all that was stored").until(() -> master.maxOffset(TOPIC, 0) > shown + 1);
                assertThat(master.read(TOPIC, 0)).hasSize((int) master.maxOffset(TOPIC, 0));
            }
        } finally {
            second.stop();
            first.stop();
            names.stop();
        }
    }

    private Path log(int member) throws IOException {
        try (Stream<Path> logs = Files.list(folder.resolve("member-" + member + "/store/logs"))) {
            return logs.findFirst().orElseThrow();
        }
    }

    @Test
    void whatConsumersDoAtTheSlaveCountsWhenTheMasterIsBack() throws Exception {
        Child names = nameserver();
        Child first = member(0);
        Child second = member(1);
        List<GivingBack> unable = new ArrayList<>();
        try (Admin admin = Admin.open(ClientConfig.of("127.0.0.1:" + nameserver.getPort()))) {
            awaitRole(admin, address(0), ReplicationStatus.MASTER);
            awaitRole(admin, address(1), ReplicationStatus.SLAVE);
            try (Talk master = new Talk(address(0));
                    Talk slave = new Talk(address(1))) {
                master.topic(TOPIC, QUEUES);
                master.topic(HELD, 1);
                await("a send that has a copy").until(() -> sent(master, HELD));
                traffic.send(master, TOPIC, 40);
                awaitSame(master, slave, TOPIC);
                awaitSame(master, slave, HELD);
            }
            first.kill();
            for (String version : List.of("4.9.8", "5.5.0")) {
                unable.add(new GivingBack(version));
            }
            assertThat(consumedByTheGroup(traffic.sentTo(TOPIC))).isEqualTo(traffic.bodies());
            unable.forEach(each -> each.await("later "));
            first = member(0);
            awaitRole(admin, address(0), ReplicationStatus.MASTER);
            // It leads a moment before its ports are those of a master.
            await("a send that has a copy").until(() -> sent(address(0), HELD));
            try (Talk master = new Talk(address(0));
                    Talk slave = new Talk(address(1))) {
                // What is given back too often is not given out again.
                for (GivingBack each : unable) {
                    each.take();
                }
                for (int queueId = 0; queueId < QUEUES; queueId++) {
                    int queue = queueId;
                    await("the offset of queue " + queue)
                            .until(() -> master.committed(AT_THE_SLAVE, TOPIC, queue) == slave.maxOffset(TOPIC, queue));
                }
                unable.forEach(each -> each.await("done "));
                List<String> before = traffic.bodies();
                traffic.send(master, TOPIC, 20);
                List<String> since = traffic.bodies();
                since.removeAll(before);
                assertThat(consumedByTheGroup(since.size()))
                        .as("nothing that was committed at the slave comes again")
                        .isEqualTo(since);
            }
        } finally {
            unable.forEach(GivingBack::close);
            second.stop();
            first.stop();
            names.stop();
        }
    }

    private List<String> consumedByTheGroup(int count) throws Exception {
        Path file = folder.resolve(AT_THE_SLAVE + count);
        return ClientRun.consumeAndCommit("4.9.8", nameserver, TOPIC, AT_THE_SLAVE, file, count);
    }

    /** A consumer of all that was sent to {@link GroupTraffic#TOPIC} so far, which gives it back. */
    private final class GivingBack implements AutoCloseable {
        private final List<String> expected = traffic.bodies();
        private final String version;
        private final Path file;
        private final Process process;

        GivingBack(String version) throws IOException {
            this.version = version;
            file = folder.resolve("given-back-" + version);
            Files.createFile(file);
            String group = "Unable" + version.replace('.', '_');
            process = new ProcessBuilder(ClientRun.javaClient(
                            version, "GiveBack", "127.0.0.1:" + nameserver.getPort(), TOPIC, group, file.toString()))
                    .redirectErrorStream(true)
                    .redirectOutput(
                            file.resolveSibling(file.getFileName() + ".out").toFile())
                    .start();
            Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        }

        /** Waits until it has received each message so. */
        void await(String how) {
            GroupTraffic.await(how + "of " + version).until(() -> {
                Set<String> have = new HashSet<>(Files.readAllLines(file));
                return expected.stream().allMatch(body -> have.contains(how + body));
            });
        }

        /** From now on it consumes what it receives. */
        void take() throws IOException {
            process.getOutputStream().write('\n');
            process.getOutputStream().flush();
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }

    private static boolean sent(InetSocketAddress address, String topic) {
        try (Talk master = new Talk(address)) {
            return sent(master, topic);
        } catch (IOException away) {
            return false;
        }
    }

    private static boolean sent(Talk master, String topic) throws IOException {
        return master.call(RequestCode.SEND_MESSAGE_V2, Talk.sendFields(topic, 0, ""), new byte[] {1})
                .isOk();
    }

    private static boolean sent(Talk master) throws IOException {
        return sent(master, TOPIC);
    }

    /** Of a member that leads, its ports may still be about to close for a moment; -1 then. */
    private static int epoch(Admin admin, InetSocketAddress member) {
        try {
            return status(admin, member).epoch();
        } catch (ClientException away) {
            return -1;
        }
    }

    private InetSocketAddress address(int member) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), ports[member]);
    }

    private Child nameserver() throws IOException {
        Files.createDirectories(folder);
        Files.write(
                folder.resolve("namesrv.properties"),
                List.of("listenPort=" + nameserver.getPort(), "bindAddress=127.0.0.1"));
        return started(List.of("bin/mqnamesrv", "-c", "namesrv.properties", "--data", "names"), folder);
    }

    private Child member(int number) throws IOException {
        Path own = Files.createDirectories(folder.resolve("member-" + number));
        Files.write(
                own.resolve("broker.properties"),
                List.of(
                        "brokerClusterName=DefaultCluster",
                        "brokerName=broker-a",
                        "brokerId=" + number,
                        "brokerRole=" + (number == 0 ? "SYNC_MASTER" : "SLAVE"),
                        "inSyncReplicas=2",
                        "broker.members=0@127.0.0.1:" + (ports[0] + 1) + ";1@127.0.0.1:" + (ports[1] + 1),
                        "broker.members-certificate=" + certificates.certificate("member-" + number),
                        "broker.members-key=" + certificates.key("member-" + number),
                        "broker.members-trust=" + certificates.certificate("authority"),
                        "brokerIP1=127.0.0.1",
                        "namesrvAddr=127.0.0.1:" + nameserver.getPort(),
                        "listenPort=" + ports[number],
                        "haListenPort=" + (ports[number] + 1),
                        "storePathRootDir=" + own.resolve("store"),
                        "mappedFileSizeCommitLog=1048576",
                        "diskMaxUsedSpaceRatio=99", // the disk is the machine's
                        "diskSpaceCleanForciblyRatio=99",
                        "diskSpaceWarningLevelRatio=99",
                        "bindAddress=127.0.0.1",
                        "console.enabled=false"));
        return started(List.of("bin/mqbroker", "-c", "broker.properties"), own);
    }

    private static Child started(List<String> command, Path where) {
        Path out = where.resolve("out");
        for (int starts = 1; Files.exists(out); starts++) {
            out = where.resolve("out." + starts);
        }
        List<String> whole = new ArrayList<>(command);
        whole.set(0, Repository.root().resolve(command.getFirst()).toString());
        Child child = new Child(whole, where, Map.of("MERLIN_JAVA_HOME", System.getProperty("java.home")), out);
        child.await(
                "the start block", () -> OurBroker.READY.matcher(child.output()).find());
        return child;
    }
}
