package org.merlinmq.verification.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.merlinmq.verification.clients.SteadyClient;
import org.merlinmq.verification.server.Ports;
import org.merlinmq.verification.server.Repository;
import org.merlinmq.verification.server.Server;
import org.merlinmq.verification.server.SharedServer;
import org.merlinmq.verification.server.Talk;

/**
 * An operator types the commands of docs/operate/migrate.md, section by section, while an official client sends and consumes: to
 * MerlinMQ and back. CI plays it with one version, {@code -Dverification.replication=all} with both.
 */
@Execution(ExecutionMode.CONCURRENT)
class MigrateTest {
    private static final boolean ALL =
            System.getProperty("verification.replication", "").equals("all");
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final String TOPIC = "Orders";

    private static final String PAGES_MASTER = "10.0.0.5:10911";
    private static final String PAGES_OURS = "10.0.0.6:10911";
    private static final String PAGES_NAMESERVERS = "10.0.0.1:9876;10.0.0.2:9876";
    private static final String PAGES_DATA = "/var/lib/merlinmq";

    private static final String SEGMENT_SIZE = "mappedFileSizeCommitLog";
    private static final String SEGMENT = Integer.toString(1 << 20);

    /** Of a row of {@code cluster status}: broker, id, address, role, epoch, end of the log. */
    private static final Pattern END = Pattern.compile("(?m)^broker-a +\\d+ +\\S+ +\\S+ +\\S+ +(\\d+) ");

    private final Path folder = SharedServer.freshFolder("migrate-");
    private final List<Fence> page;
    private final int port = Ports.forBroker();

    MigrateTest() throws IOException {
        page = Fence.of(Repository.root().resolve("docs/operate/migrate.md"));
    }

    static List<String> versions() {
        return ALL ? List.of("4.9.7", "5.5.0") : List.of("4.9.7");
    }

    @ParameterizedTest
    @MethodSource("versions")
    void nothingIsLostOnTheWayToMerlinMqAndBack(String version) throws Exception {
        Assumptions.assumeTrue(Server.hasApache(version), "Apache's server is not there: verification/resolve apache");
        Files.createSymbolicLink(folder.resolve("bin"), Repository.root().resolve("bin"));
        try (Server apache = Server.apache(version, folder.resolve("apache"), role("ASYNC_MASTER", 0));
                Shell shell = new Shell(folder, List.of(), System.getProperty("java.home"))) {
            try {
                migrate(shell, apache, version);
            } finally {
                shell.run("[ ! -f broker-a/merlin.pid ] || kill $(cat broker-a/merlin.pid)", LIMIT);
            }
        }
    }

    private void migrate(Shell shell, Server apache, String version) throws Exception {
        try (Talk talk = new Talk(apache.broker())) {
            talk.topic(TOPIC, 2);
        }
        String nameserver = text(apache.nameserver());
        shell.run("NS='" + nameserver + "'", LIMIT);
        try (SteadyClient client = SteadyClient.start(folder, nameserver, TOPIC)) {
            client.awaitMore(1000);
            type(shell, "1. Join as a slave", apache);
            awaitSameEnd(shell, "2. Wait until it has everything");
            client.awaitMore(1000);
            type(shell, "3. Stop the sends", apache);
            awaitSameEnd(shell, "3. Stop the sends");
            shell.run("kill " + apache.pid(), LIMIT);
            apache.kill(); // which waits for its end
            type(shell, "5. Take its place", apache);
            client.awaitMore(1000);

            Server back = Server.apacheBroker(version, folder.resolve("apache"), role("SLAVE", 7), apache.nameserver());
            try {
                awaitSameEnd(shell, "6. Keep RocketMQ's broker as a slave");
                client.awaitMore(1000);
                type(shell, "The way back", apache);
            } finally {
                back.close();
            }
            try (Server again = Server.apacheBroker(
                    version, folder.resolve("apache"), role("ASYNC_MASTER", 0), apache.nameserver())) {
                client.awaitMore(1000);
                SteadyClient.Count last = client.end();
                assertThat(last.missing())
                        .as("acknowledged, and not received; see %s", again.name())
                        .isZero();
                assertThat(last.acknowledged()).isGreaterThanOrEqualTo(5000);
            }
        }
    }

    private static Map<String, String> role(String role, int id) {
        return Map.of(
                "brokerRole", role, "brokerId", Integer.toString(id), "slaveReadEnable", "true", SEGMENT_SIZE, SEGMENT);
    }

    private void type(Shell shell, String section, Server apache) throws IOException {
        for (Fence fence : fences(section)) {
            if (fence.language().equals("properties")) {
                Files.write(folder.resolve("broker-a.properties"), ownFile(fence, apache));
            }
            for (String command : fence.language().equals("sh") ? fence.commands() : List.<String>of()) {
                if (command.startsWith("bin/mqshutdown") && section.equals("The way back")) {
                    awaitSameEnd(shell, section);
                }
                run(shell, fence, command, apache);
            }
        }
    }

    private List<Fence> fences(String section) {
        List<Fence> found =
                page.stream().filter(each -> each.section().equals(section)).toList();
        assertThat(found).as("blocks of the section \"%s\"", section).isNotEmpty();
        return found;
    }

    private String run(Shell shell, Fence fence, String command, Server apache) {
        String own = command.replace(PAGES_MASTER, text(apache.broker()))
                .replace(PAGES_OURS, "127.0.0.1:" + port)
                .replace(PAGES_DATA, folder.toString());
        Shell.Result result = shell.run(own, LIMIT);
        assertThat(result.exitCode())
                .as("migrate.md, block at line %d: %s; it printed%n%s", fence.line(), own, result.output())
                .isZero();
        return result.output();
    }

    /** The page's, with the addresses, folders and sizes of this test. */
    private List<String> ownFile(Fence fence, Server apache) {
        List<String> lines = new ArrayList<>();
        for (String line : fence.text().lines().toList()) {
            lines.add(line.replace(PAGES_NAMESERVERS, text(apache.nameserver()))
                    .replace(PAGES_DATA, folder.toString())
                    .replace("listenPort=10911", "listenPort=" + port)
                    .replaceAll("^" + SEGMENT_SIZE + "=.*", SEGMENT_SIZE + "=" + SEGMENT));
        }
        lines.addAll(List.of(
                "brokerIP1=127.0.0.1",
                "bindAddress=127.0.0.1",
                "console.port=0",
                "diskMaxUsedSpaceRatio=99", // the disk is the machine's
                "diskSpaceCleanForciblyRatio=99",
                "diskSpaceWarningLevelRatio=99"));
        return lines;
    }

    /** By the command with which the page has the reader look. */
    private void awaitSameEnd(Shell shell, String section) {
        Fence fence = fences(section).getLast();
        String look = fence.commands().stream()
                .filter(each -> each.startsWith("bin/merlin cluster status"))
                .findFirst()
                .orElseThrow();
        Awaitility.await("one end of the log in " + section)
                .atMost(LIMIT)
                .pollInterval(Duration.ofMillis(500))
                .untilAsserted(() -> {
                    Shell.Result shown = shell.run(look, LIMIT);
                    List<Long> ends = END.matcher(shown.output())
                            .results()
                            .map(MatchResult::group)
                            .map(row -> Long.valueOf(Objects.requireNonNull(row.replaceAll(".* (\\d+) $", "$1"))))
                            .toList();
                    assertThat(ends).as(shown.output()).hasSize(2);
                    // While the client sends, the two are asked one after the other.
                    assertThat(Math.abs(ends.get(0) - ends.get(1)))
                            .as(shown.output())
                            .isLessThan(near(section));
                });
    }

    private static long near(String section) {
        return section.startsWith("2") || section.startsWith("6") ? 100_000 : 1;
    }

    private static String text(InetSocketAddress address) {
        return InetAddress.getLoopbackAddress().getHostAddress() + ":" + address.getPort();
    }
}
