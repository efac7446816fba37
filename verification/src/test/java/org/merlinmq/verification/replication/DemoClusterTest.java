package org.merlinmq.verification.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.merlinmq.verification.replication.GroupTraffic.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.merlinmq.client.Admin;
import org.merlinmq.client.ClientConfig;
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

    @Test
    void twoMastersAndTwoSlavesRunUntilItIsStopped() throws Exception {
        Path folder = Files.createDirectories(SharedServer.freshFolder("demo-"));
        int names = portsFrom(2);
        int brokers = portsFrom(40);
        String script = Repository.root().resolve("bin/merlin").toString();
        Child demo = new Child(
                List.of(
                        script,
                        "cluster",
                        "demo",
                        "--data",
                        "all",
                        "--namesrv-port",
                        Integer.toString(names),
                        "--broker-port",
                        Integer.toString(brokers)),
                folder,
                Map.of("MERLIN_JAVA_HOME", System.getProperty("java.home")),
                folder.resolve("out"));
        List<ProcessHandle> servers;
        try (Admin admin = Admin.open(ClientConfig.of("127.0.0.1:" + names + ";127.0.0.1:" + (names + 1)))) {
            demo.await("what to try", () -> demo.output().contains("Ctrl-C stops all of them."));
            servers = SERVER.matcher(demo.output())
                    .results()
                    .map(line -> ProcessHandle.of(Long.parseLong(line.group(1))).orElseThrow())
                    .toList();
            assertThat(servers).hasSize(6);
            Map<String, BrokerAddresses> groups = admin.cluster().brokerAddrTable();
            assertThat(groups).containsOnlyKeys("broker-a", "broker-b");
            for (BrokerAddresses group : groups.values()) {
                assertThat(group.brokerAddrs()).containsOnlyKeys(0L, 1L);
                String master = group.brokerAddrs().firstEntry().getValue();
                await("a copy in sync").until(() -> {
                    ReplicationStatus status = admin.replication(master);
                    return status != null
                            && status.role().equals(ReplicationStatus.MASTER)
                            && status.replicas().size() == 1
                            && status.replicas().getFirst().lagBytes() == 0;
                });
            }
        } finally {
            demo.stop();
        }
        await("the end of all").until(() -> servers.stream().noneMatch(ProcessHandle::isAlive));
    }
}
