package org.merlinmq.verification.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.merlinmq.verification.replication.GroupTraffic.HELD;
import static org.merlinmq.verification.replication.GroupTraffic.QUEUES;
import static org.merlinmq.verification.replication.GroupTraffic.TOPIC;
import static org.merlinmq.verification.replication.GroupTraffic.await;
import static org.merlinmq.verification.replication.GroupTraffic.awaitCommitted;
import static org.merlinmq.verification.replication.GroupTraffic.awaitSame;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.merlinmq.client.Admin;
import org.merlinmq.client.ClientConfig;
import org.merlinmq.protocol.body.HaConnection;
import org.merlinmq.protocol.body.HaStatus;
import org.merlinmq.protocol.body.ReplicationStatus;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.verification.clients.ClientRun;
import org.merlinmq.verification.server.Child;
import org.merlinmq.verification.server.Ports;
import org.merlinmq.verification.server.Repository;
import org.merlinmq.verification.server.SharedServer;
import org.merlinmq.verification.server.Talk;

/** A master and a slave of ours, set up by the files that RocketMQ's users have. */
@Execution(ExecutionMode.CONCURRENT)
class OurPairTest {
    private static final int SEGMENT = 1 << 20;

    /** A group that consumes while the master is away, and goes on when it is back. */
    private static final String AT_THE_SLAVE = "FromTheSlave";

    private final Path folder = SharedServer.freshFolder("pair-");
    private final InetSocketAddress nameserver = new InetSocketAddress(InetAddress.getLoopbackAddress(), Ports.any());
    private final GroupTraffic traffic = new GroupTraffic();

    @Test
    void theSlaveServesReadsWhileItsMasterIsAwayAndTakesItsPlace() throws Exception {
        Child names = startNameserver();
        try (OurBroker first = broker("ASYNC_MASTER", "first", SEGMENT);
                Talk master = new Talk(first.address())) {
            master.topic(TOPIC, QUEUES);
            master.topic(HELD, 1);
            // Several segments: a new slave gets all of them.
            traffic.send(master, TOPIC, 2400);
            GroupTraffic.commit(master, 7);
            assertThatThrownBy(() -> broker("SLAVE", "second", 2 * SEGMENT))
                    .hasMessageContaining("set mappedFileSizeCommitLog=" + SEGMENT);
            try (OurBroker second = broker("SLAVE", "second", SEGMENT);
                    Talk slave = new Talk(second.address())) {
                traffic.send(master, TOPIC, 200);
                GroupTraffic.delays(master);
                GroupTraffic.transaction(master);
                awaitSame(master, slave, TOPIC);
                awaitSame(master, slave, HELD);
                awaitCommitted(slave, 7);
                awaitShown(master);
                first.kill();
                assertThat(consumedByTheGroup(traffic.sentTo(TOPIC))).isEqualTo(traffic.bodies());
                awaitHandedOver(slave);
            }
            try (OurBroker back = broker("ASYNC_MASTER", "first", SEGMENT);
                    Talk returned = new Talk(back.address());
                    OurBroker second = broker("SLAVE", "second", SEGMENT);
                    Talk slave = new Talk(second.address())) {
                List<String> before = traffic.bodies();
                traffic.send(returned, TOPIC, 50);
                List<String> since = traffic.bodies();
                since.removeAll(before);
                assertThat(consumedByTheGroup(50))
                        .as("nothing that was committed at the slave comes again")
                        .isEqualTo(since);
                returned.send(HELD, 0, "DELAY\u00013\u0002", "due in ten seconds");
                awaitSame(returned, slave, TOPIC);
                await("the delayed record").until(() -> slave.maxOffset("SCHEDULE_TOPIC_XXXX", 2) == 1);
                back.kill();
            }
            try (OurBroker promoted = broker("ASYNC_MASTER", "second", SEGMENT);
                    Talk talk = new Talk(promoted.address())) {
                assertThat(GroupTraffic.committed(talk)).isEqualTo(7);
                await("what was pending").until(() -> talk.maxOffset(HELD, 0) >= 4);
                assertThat(GroupTraffic.texts(talk, HELD, 0))
                        .containsExactlyInAnyOrder(
                                "of a level", "of a time of its own", "committed", "due in ten seconds");
                traffic.send(talk, TOPIC, 4);
                assertThat(consumed("4.9.8", "FromTheNewMaster")).isEqualTo(traffic.bodies());
            }
        } finally {
            names.stop();
        }
    }

    @Test
    void aSyncMasterAnswersWhenItsSlaveHasTheMessageAndSaysWhereItHasNone() throws Exception {
        Child names = startNameserver();
        try (OurBroker first = broker("SYNC_MASTER", "first", SEGMENT);
                Talk master = new Talk(first.address())) {
            master.topic(TOPIC, QUEUES);
            Frame alone = send(master);
            assertThat(alone.code()).isEqualTo(ResponseCode.SLAVE_NOT_AVAILABLE.number());
            assertThat(alone.requiredText("msgId")).as("stored all the same").isNotEmpty();
            try (OurBroker second = broker("SLAVE", "second", SEGMENT);
                    Talk slave = new Talk(second.address())) {
                await("the slave").until(() -> send(master).isOk());
                await("its topic").until(() -> GroupTraffic.topics(slave).contains(TOPIC));
                for (int i = 0; i < 20; i++) {
                    long offset = send(master).requiredLong("queueOffset");
                    assertThat(slave.maxOffset(TOPIC, 0)).as("message %d", i).isGreaterThan(offset);
                }
                second.kill();
            }
            await("the loss of the slave")
                    .until(() -> send(master).code() == ResponseCode.SLAVE_NOT_AVAILABLE.number());
        } finally {
            names.stop();
        }
    }

    @Test
    void whatASyncMasterAcknowledgedIsAtItsSlaveWhenItsFolderIsLost() throws Exception {
        Child names = startNameserver();
        List<String> acknowledged = Collections.synchronizedList(new ArrayList<>());
        try {
            try (OurBroker first = broker("SYNC_MASTER", "first", SEGMENT);
                    OurBroker second = broker("SLAVE", "second", SEGMENT);
                    Talk master = new Talk(first.address());
                    Talk slave = new Talk(second.address())) {
                master.topic(TOPIC, 1);
                await("the slave").until(() -> send(master).isOk());
                await("its topic").until(() -> GroupTraffic.topics(slave).contains(TOPIC));
                Thread sends = Thread.ofVirtual().start(() -> sendUntilItIsGone(master, acknowledged));
                await("some messages").until(() -> acknowledged.size() > 300);
                first.kill();
                sends.join();
            }
            delete(folder.resolve("first"));
            try (OurBroker promoted = broker("ASYNC_MASTER", "second", SEGMENT);
                    Talk talk = new Talk(promoted.address())) {
                assertThat(GroupTraffic.texts(talk, TOPIC, 0)).containsAll(acknowledged);
                talk.send(TOPIC, 0, "", "after the loss");
            }
        } finally {
            names.stop();
        }
    }

    private static void sendUntilItIsGone(Talk master, List<String> acknowledged) {
        try {
            for (int i = 0; ; i++) {
                String body = "message " + i;
                Map<String, String> fields = Talk.sendFields(TOPIC, 0, "");
                if (master.call(RequestCode.SEND_MESSAGE_V2, fields, body.getBytes(StandardCharsets.UTF_8))
                        .isOk()) {
                    acknowledged.add(body);
                }
            }
        } catch (IOException killed) {
            assertThat(acknowledged).isNotEmpty();
        }
    }

    private static void delete(Path root) throws IOException {
        List<Path> all;
        try (Stream<Path> found = Files.walk(root)) {
            all = found.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path each : all) {
            Files.delete(each);
        }
    }

    /** As docs/operate/cluster.md describes it. */
    @Test
    void aPairBecomesAGroup() throws Exception {
        Child names = startNameserver();
        int[] ports = {Ports.forBroker(), Ports.forBroker()};
        List<String> none = List.of();
        List<String> lines = List.of(
                "broker.members=0@127.0.0.1:" + (ports[0] + 1) + ";1@127.0.0.1:" + (ports[1] + 1), "inSyncReplicas=2");
        try (Admin admin = Admin.open(ClientConfig.of("127.0.0.1:" + nameserver.getPort()))) {
            try (OurBroker first = broker("SYNC_MASTER", "first", ports[0], none);
                    OurBroker second = broker("SLAVE", "second", ports[1], none);
                    Talk master = new Talk(first.address());
                    Talk slave = new Talk(second.address())) {
                master.topic(TOPIC, QUEUES);
                await("the slave").until(() -> send(master).isOk());
                traffic.send(master, TOPIC, 200);
                GroupTraffic.commit(master, 7);
                awaitSame(master, slave, TOPIC);
            }
            Files.move(folder.resolve("second/store"), folder.resolve("second/store.before"));
            try (OurBroker first = broker("SYNC_MASTER", "first", ports[0], lines);
                    OurBroker second = broker("SLAVE", "second", ports[1], lines)) {
                GroupTraffic.awaitRole(admin, first.address(), ReplicationStatus.MASTER);
                GroupTraffic.awaitRole(admin, second.address(), ReplicationStatus.SLAVE);
                try (Talk master = new Talk(first.address());
                        Talk slave = new Talk(second.address())) {
                    await("a send that has a copy").until(() -> send(master).isOk());
                    traffic.send(master, TOPIC, 200);
                    awaitSame(master, slave, TOPIC);
                    awaitCommitted(slave, 7);
                }
            }
        } finally {
            names.stop();
        }
    }

    private OurBroker broker(String role, String name, int port, List<String> more) throws IOException {
        return new OurBroker(role, folder.resolve(name), nameserver, SEGMENT, port, more);
    }

    private static Frame send(Talk master) throws IOException {
        return master.call(RequestCode.SEND_MESSAGE_V2, Talk.sendFields(TOPIC, 0, ""), new byte[] {1});
    }

    private List<String> consumedByTheGroup(int count) throws Exception {
        Path file = folder.resolve(AT_THE_SLAVE + count);
        return ClientRun.consumeAndCommit("4.9.8", nameserver, TOPIC, AT_THE_SLAVE, file, count);
    }

    /** Starts the master again for as long as the slave needs to give it what was committed at the slave meanwhile. */
    private void awaitHandedOver(Talk slave) throws IOException {
        try (OurBroker back = broker("ASYNC_MASTER", "first", SEGMENT);
                Talk returned = new Talk(back.address())) {
            for (int queueId = 0; queueId < QUEUES; queueId++) {
                int queue = queueId;
                await("the offset of queue " + queue)
                        .until(() -> returned.committed(AT_THE_SLAVE, TOPIC, queue) == slave.maxOffset(TOPIC, queue));
            }
            assertThat(GroupTraffic.committed(returned)).isEqualTo(7);
        }
    }

    /** As an administrator sees it: request 907. */
    private static void awaitShown(Talk master) {
        await("a slave in sync").until(() -> {
            HaStatus status = HaStatus.read(master.ask(RequestCode.GET_BROKER_HA_STATUS, Map.of(), new byte[0])
                    .body());
            List<HaConnection> slaves = status.connections();
            return status.master()
                    && slaves.size() == 1
                    && status.inSyncSlaveNums() == 1
                    && slaves.getFirst().slaveAckOffset() == status.masterCommitLogMaxOffset();
        });
    }

    private Child startNameserver() throws IOException {
        Files.createDirectories(folder);
        Files.write(
                folder.resolve("namesrv.properties"),
                List.of("listenPort=" + nameserver.getPort(), "bindAddress=127.0.0.1"));
        String script = Repository.root().resolve("bin/mqnamesrv").toString();
        Child names = new Child(
                List.of(script, "-c", "namesrv.properties", "--data", "names"),
                folder,
                Map.of("MERLIN_JAVA_HOME", System.getProperty("java.home")),
                folder.resolve("names.out"));
        names.await(
                "the start block", () -> OurBroker.READY.matcher(names.output()).find());
        return names;
    }

    private OurBroker broker(String role, String name, int segmentBytes) throws IOException {
        return new OurBroker(role, folder.resolve(name), nameserver, segmentBytes);
    }

    private List<String> consumed(String client, String group) throws Exception {
        return ClientRun.consume(client, nameserver, TOPIC, group, folder.resolve(group), traffic.sentTo(TOPIC));
    }
}
