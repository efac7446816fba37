package org.merlinmq.verification.clients;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.merlinmq.protocol.body.ConsumeFromWhere;
import org.merlinmq.protocol.body.ConsumeType;
import org.merlinmq.protocol.body.ConsumerEntry;
import org.merlinmq.protocol.body.HeartbeatBody;
import org.merlinmq.protocol.body.MessageModel;
import org.merlinmq.protocol.body.SubscriptionEntry;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.verification.server.Repository;
import org.merlinmq.verification.server.Server;
import org.merlinmq.verification.server.SharedServer;
import org.merlinmq.verification.server.Talk;

/** What an administrator sees of a group whose clients subscribe differently: in the log, on the command line, in the metrics. */
@ExtendWith(SharedServer.class)
class DifferingSubscriptionsTest {
    private static final String GROUP = "Differing_" + Long.toString(System.currentTimeMillis(), 36);
    private static final String METRIC = "merlinmq_differing_subscriptions{";

    @Test
    void clientsThatSubscribeDifferentlyAreNamedAsLongAsBothAreThere(Server server) throws Exception {
        Assumptions.assumeTrue(server.name().equals("merlin"), "RocketMQ keeps one subscription of a group");
        try (Talk former = new Talk(server.broker())) {
            beat(former, "former@1", "A || B", 1);
            try (Talk next = new Talk(server.broker())) {
                beat(next, "next@2", "A || C", 2);
                beat(former, "former@1", "A || B", 1);
                assertThat(server.output().lines().filter(line -> line.contains("subscriptions-differ group=" + GROUP)))
                        .singleElement()
                        .asString()
                        .contains("client=next@2 TAG=\"A || C\" other=former@1 TAG=\"A || B\"");
                assertThat(metrics(server)).anyMatch(DifferingSubscriptionsTest::countsOne);
                assertThat(groupShow(server))
                        .contains("clients subscribe to T_" + GROUP
                                + " differently: next@2 by TAG A || C, former@1 by TAG A || B");
            }
            assertThat(awaitAlike(server)).isTrue();
        }
    }

    private static boolean countsOne(String line) {
        return line.startsWith(METRIC) && line.contains("\"" + GROUP + "\"") && line.endsWith(" 1");
    }

    private static void beat(Talk client, String clientId, String tags, long version) throws IOException {
        SubscriptionEntry subscription =
                new SubscriptionEntry(false, List.of(), "TAG", tags, version, List.of(), "T_" + GROUP);
        ConsumerEntry consumer = new ConsumerEntry(
                ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET,
                ConsumeType.CONSUME_PASSIVELY,
                GROUP,
                MessageModel.CLUSTERING,
                List.of(subscription),
                false);
        byte[] body = new HeartbeatBody(clientId, List.of(consumer), 0, List.of(), false).write();
        client.ask(RequestCode.HEART_BEAT, Map.of(), body);
    }

    private static List<String> metrics(Server server) throws IOException {
        URI page = URI.create("http://127.0.0.1:" + server.console().getPort() + "/metrics");
        try (var in = page.toURL().openStream()) {
            return new String(in.readAllBytes(), UTF_8).lines().toList();
        }
    }

    private static String groupShow(Server server) throws IOException, InterruptedException {
        String nameserver = "127.0.0.1:" + server.nameserver().getPort();
        ProcessBuilder command = new ProcessBuilder(
                        Repository.root().resolve("bin/merlin").toString(),
                        "group",
                        "show",
                        GROUP,
                        "--namesrv",
                        nameserver)
                .redirectErrorStream(true);
        command.environment().put("MERLIN_JAVA_HOME", System.getProperty("java.home"));
        Process process = command.start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return output;
    }

    /** The server hears of a connection that ended a little later. */
    private static boolean awaitAlike(Server server) throws IOException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (System.nanoTime() < end) {
            if (metrics(server).stream().noneMatch(DifferingSubscriptionsTest::countsOne)) {
                return true;
            }
        }
        return false;
    }
}
