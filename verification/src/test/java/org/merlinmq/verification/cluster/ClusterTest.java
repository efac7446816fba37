package org.merlinmq.verification.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.merlinmq.verification.cluster.Cluster.Setup;
import org.merlinmq.verification.cluster.Event.Acknowledged;
import org.merlinmq.verification.cluster.Event.Failed;
import org.merlinmq.verification.cluster.HistoryCheck.Promise;
import org.merlinmq.verification.cluster.HistoryCheck.Span;
import org.merlinmq.verification.server.Repository;
import org.merlinmq.verification.server.SharedServer;

/**
 * What RocketMQ's users set up on several machines, by the files of {@code conf} as they are: two nameservers, two masters and their
 * slaves. By hand: {@code -Dcluster.conf=2m-2s-sync -Dcluster.clients=4.4.0,4.9.8,5.5.0}.
 */
class ClusterTest {
    private static final Setup SETUP = new Setup(System.getProperty("cluster.conf", "2m-2s-async"), false, false);
    private static final String TOPIC = "ClusterTopic";
    private static final int SOME = 100;

    /** Within this time, a slave has what its master acknowledged without waiting for it. */
    private static final Duration LAG = Duration.ofSeconds(2);

    private final Path folder = SharedServer.freshFolder("cluster-");

    @Test
    void clientsGoOnWhenTheirMasterIsKilledAndComesBack() throws Exception {
        try (Cluster cluster = Cluster.start(folder, SETUP, "broker-a", "broker-a-s", "broker-b", "broker-b-s")) {
            for (String version : List.of("4.9.8", "5.5.0")) {
                awaitShown(cluster, version);
            }
            List<Recorder> clients = start(cluster);
            clients.forEach(Recorder::awaitFirst);
            clients.forEach(client -> client.awaitMore("broker-a", SOME));
            long killed = System.nanoTime();
            cluster.member("broker-a").kill();
            // Producers go on with the other master, consumers with the slave.
            clients.forEach(client -> client.awaitMore("broker-b", SOME));
            readFromSlave(cluster, history(clients), killed);
            cluster.member("broker-a").start();
            cluster.member("broker-a").awaitReady();
            clients.forEach(client -> client.awaitMore("broker-a", SOME));
            stop(clients);
            List<Event> history = history(clients);
            List<Span> disturbed = List.of(new Span(killed, Long.MAX_VALUE));
            Verdict verdict = HistoryCheck.judge(
                    history,
                    new Promise(groups(clients, false), groups(clients, true), List.of(), disturbed, disturbed, false));
            Repository.addTotal(
                    SETUP.conf() + ", clients " + Cluster.VERSIONS + ", a master killed: " + verdict.summary());
            assertThat(verdict.violations()).as("%s", cluster.client().folder()).isEmpty();
            assertThat(history)
                    .as("sends that failed before")
                    .noneMatch(event -> event instanceof Failed && event.at() < killed);
        }
    }

    /** By the official mqadmin of a version: id, address and version of both. */
    private static void awaitShown(Cluster cluster, String version) {
        Awaitility.await("clusterList of " + version)
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofSeconds(1))
                .untilAsserted(() -> assertThat(cluster.mqadmin(version, "clusterList")
                                .replaceAll(" +", " ")
                                .lines())
                        .anyMatch(line -> line.startsWith("DefaultCluster broker-a 0 10.77.0.4:10911 "))
                        .anyMatch(line -> line.startsWith("DefaultCluster broker-a 1 10.77.0.5:10911 ")));
    }

    /** Starts one of each version, the first of which makes the topic. */
    private static List<Recorder> start(Cluster cluster) throws IOException {
        List<Recorder> clients = new ArrayList<>();
        for (String version : Cluster.VERSIONS) {
            List<String> roles = new ArrayList<>(List.of("send", "send-ordered", "push", "orderly", "pull"));
            if (clients.isEmpty()) {
                roles.addFirst("create");
            }
            clients.add(cluster.record(version, TOPIC, "c" + digits(version), roles.toArray(String[]::new)));
            clients.getFirst().awaitFirst();
        }
        return clients;
    }

    /** New groups get what the slave of the killed master has: under sync all, else what is older than the lag. */
    private static void readFromSlave(Cluster cluster, List<Event> history, long killed) throws IOException {
        long known = SETUP.sync() ? killed : killed - LAG.toNanos();
        List<Acknowledged> copied = Recorder.acknowledged(history).stream()
                .filter(ok -> ok.at() < known && ok.place().queue().broker().equals("broker-a"))
                .toList();
        assertThat(copied).isNotEmpty();
        List<Recorder> late = new ArrayList<>();
        for (String version : Cluster.VERSIONS) {
            late.add(cluster.record(version, TOPIC, "late" + digits(version), "push", "pull"));
        }
        for (Recorder each : late) {
            each.mustReceive(copied);
            each.close();
        }
    }

    /** Ends the sending, and waits until each group has received all. */
    private static void stop(List<Recorder> clients) throws IOException {
        for (Recorder client : clients) {
            client.stopSending();
        }
        List<Acknowledged> all = Recorder.acknowledged(history(clients));
        clients.forEach(client -> client.mustReceive(all));
    }

    private static List<Event> history(List<Recorder> clients) {
        List<Event> all = new ArrayList<>();
        clients.forEach(client -> all.addAll(client.events()));
        return all;
    }

    private static Set<String> groups(List<Recorder> clients, boolean ordered) {
        Set<String> all = new HashSet<>();
        clients.forEach(client -> all.addAll(ordered ? client.ordered() : client.groups()));
        return all;
    }

    /** As part of a group's name, which takes no dots. */
    private static String digits(String version) {
        return version.replace(".", "");
    }
}
