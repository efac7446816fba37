package org.merlinmq.verification.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.merlinmq.verification.replication.GroupTraffic.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.merlinmq.client.Admin;
import org.merlinmq.client.ClientConfig;
import org.merlinmq.client.ClientException;
import org.merlinmq.protocol.body.BrokerAddresses;
import org.merlinmq.protocol.body.ReplicationStatus;
import org.merlinmq.verification.server.Child;
import org.merlinmq.verification.server.Ports;
import org.merlinmq.verification.server.Repository;
import org.merlinmq.verification.server.SharedServer;

/** {@code bin/merlin cluster demo}. */
@Execution(ExecutionMode.CONCURRENT)
class DemoClusterTest {
    private static final Pattern SERVER = Pattern.compile("(?m)^(?:nameserver|broker)-\\S+ .* (\\d+)$");

    /** Far enough from other tests' ports, with room for all of its own. */
    private static int portsFrom(int count) {
        for (int from = Ports.any(); ; from = Ports.any()) {
            if (Ports.areFree(from - 2, from + count)) {
                return from;
            }
        }
    }

    private static Child child(Path folder, String name, String script, String... arguments) {
        List<String> command =
                new ArrayList<>(List.of(Repository.root().resolve(script).toString()));
        command.addAll(List.of(arguments));
        return new Child(
                command,
                folder,
                Map.of("MERLIN_JAVA_HOME", System.getProperty("java.home")),
                folder.resolve(name + ".out"));
    }

    private static long pid(String output, String server) {
        Matcher line = Pattern.compile("(?m)^" + server + " .* (\\d+)$").matcher(output);
        assertThat(line.find()).as(server).isTrue();
        return Long.parseLong(line.group(1));
    }

    /** Null while it is away: its ports are closed for a moment when it takes a role. */
    private static @Nullable ReplicationStatus status(Admin admin, String address) {
        try {
            return admin.replication(address);
        } catch (ClientException away) {
            return null;
        }
    }

    /** Kills the first master, makes its slave the master, and starts it again. */
    private static void promote(Path folder, Child demo, Admin admin, String nameservers, int brokers)
            throws Exception {
        ProcessHandle.of(pid(demo.output(), "broker-a")).orElseThrow().destroyForcibly();
        Child promotion = child(
                folder,
                "promotion",
                "bin/merlin",
                "cluster",
                "promote",
                "broker-a",
                "--force",
                "--namesrv",
                nameservers);
        assertThat(promotion.exitCode(60)).as(promotion.output()).isZero();
        assertThat(promotion.output()).contains("broker-a is led by 127.0.0.1:" + (brokers + 20));
        Child former = child(folder, "former", "bin/mqbroker", "-c", "all/broker-a/broker-a.properties");
        try {
            await("the former master as a slave").until(() -> {
                ReplicationStatus status = status(admin, "127.0.0.1:" + brokers);
                return status != null && status.role().equals(ReplicationStatus.SLAVE);
            });
        } finally {
            former.stop();
        }
    }

    @Test
    void twoMastersAndTwoSlavesRunAndChangeRolesUntilItIsStopped() throws Exception {
        Path folder = Files.createDirectories(SharedServer.freshFolder("demo-"));
        int names = portsFrom(2);
        int brokers = portsFrom(40);
        String nameservers = "127.0.0.1:" + names + ";127.0.0.1:" + (names + 1);
        Child demo = child(
                folder,
                "demo",
                "bin/merlin",
                "cluster",
                "demo",
                "--data",
                "all",
                "--namesrv-port",
                Integer.toString(names),
                "--broker-port",
                Integer.toString(brokers));
        List<ProcessHandle> servers;
        try (Admin admin = Admin.open(ClientConfig.of(nameservers))) {
            demo.await("what to try", () -> demo.output().contains("Ctrl-C stops all of them."));
            servers = SERVER.matcher(demo.output())
                    .results()
                    .map(line -> ProcessHandle.of(Long.parseLong(line.group(1))).orElseThrow())
                    .toList();
            assertThat(servers).hasSize(6);
            for (int i = 0; i < 2; i++) {
                String name = i == 0 ? "broker-a" : "broker-b";
                String master = "127.0.0.1:" + (brokers + 10 * i);
                Map<Long, String> both = Map.of(0L, master, 1L, "127.0.0.1:" + (brokers + 10 * i + 20));
                await("the route to " + name).until(() -> {
                    BrokerAddresses group = admin.cluster().brokerAddrTable().get(name);
                    return group != null && group.brokerAddrs().equals(both);
                });
                await("a copy in sync").until(() -> {
                    ReplicationStatus status = status(admin, master);
                    return status != null
                            && status.role().equals(ReplicationStatus.MASTER)
                            && status.replicas().size() == 1
                            && status.replicas().getFirst().lagBytes() == 0;
                });
            }
            promote(folder, demo, admin, nameservers, brokers);
        } finally {
            demo.stop();
        }
        await("the end of all").until(() -> servers.stream().noneMatch(ProcessHandle::isAlive));
    }
}
