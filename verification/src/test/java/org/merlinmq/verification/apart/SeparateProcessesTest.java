package org.merlinmq.verification.apart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.verification.clients.SteadyClient;
import org.merlinmq.verification.server.Child;
import org.merlinmq.verification.server.Ports;
import org.merlinmq.verification.server.RawConnection;
import org.merlinmq.verification.server.SharedServer;

/** {@code mqnamesrv}, {@code mqbroker} and {@code mqshutdown} with files in RocketMQ's format. */
@Execution(ExecutionMode.CONCURRENT)
class SeparateProcessesTest {
    private static final int EXIT_SECONDS = 60;
    private static final int ANSWER_MILLIS = 10_000;
    private static final int SOME = 300;
    private static final String ADDRESS = "127.0.0.2";

    private final Path folder = SharedServer.freshFolder("apart-");

    @Test
    void clientsGoOnWhenOneOfTwoNameserversEnds() throws Exception {
        try (Script first = nameserver("namesrv-1");
                Script second = nameserver("namesrv-2");
                Script broker = broker(first, second)) {
            assertThat(clusterInfo(first)).contains("broker-a");
            assertThat(clusterInfo(second)).contains("broker-a");
            String both = first.hostAndPort() + ";" + second.hostAndPort();
            try (SteadyClient client = SteadyClient.start(folder, both, "Before")) {
                client.awaitMore(SOME);
                shutDown("namesrv", first, "namesrv-1-data");
                client.awaitMore(SOME);
                // A topic that nobody asked for yet: its route comes from the nameserver that is left.
                client.turnTo("After");
                client.awaitMore(SOME);
                SteadyClient.Count all = client.end();
                assertThat(all.failed())
                        .as("sends not acknowledged: %s", client.errors())
                        .isZero();
                assertThat(all.missing()).as("acknowledged and never received").isZero();
                assertThat(all.received()).isGreaterThanOrEqualTo(3 * SOME);
            }
            shutDown("broker", broker, "broker-a-store");
            assertThat(clusterInfo(second)).as("after the broker's end").doesNotContain("broker-a");
            shutDown("namesrv", second, "namesrv-2-data");
        }
    }

    @Test
    void anUnknownKeyIsRefusedWithFileLineAndTheNearestKey() throws IOException {
        List<String> properties =
                List.of("# a comment counts as a line", "brokerName=broker-a", "flushDiskTyp=SYNC_FLUSH");
        Files.write(folder.resolve("broker-b.properties"), properties);
        Child refused = Script.run(folder, "refused.out", "mqbroker", "-c", "broker-b.properties");
        assertThat(refused.exitCode(EXIT_SECONDS)).as("exit code").isEqualTo(2);
        assertThat(refused.output().strip())
                .isEqualTo(
                        "merlin: broker-b.properties:3: flushDiskTyp is no known setting; did you mean flushDiskType?");
        assertThat(folder.resolve("data"))
                .as("a folder of a server that never started")
                .doesNotExist();
    }

    /** As {@code mqbroker -p} and {@code -m} of RocketMQ: what holds is printed, and nothing is started. */
    @Test
    void settingsArePrintedInsteadOfStarting() throws IOException {
        Files.write(folder.resolve("p.properties"), List.of("brokerName=broker-p", "fileReservedTime=36"));
        Child all = Script.run(folder, "all.out", "mqbroker", "-c", "p.properties", "-n", "ns1:9876", "-p");
        assertThat(all.exitCode(EXIT_SECONDS)).isZero();
        assertThat(all.output().lines())
                .contains("brokerName=broker-p", "fileReservedTime=36", "namesrvAddr=ns1:9876", "listenPort=10911");
        Child some = Script.run(folder, "some.out", "mqbroker", "-c", "p.properties", "-m");
        assertThat(some.exitCode(EXIT_SECONDS)).isZero();
        assertThat(some.output().lines())
                .contains("brokerName=broker-p", "brokerRole=ASYNC_MASTER")
                .hasSizeLessThan((int) all.output().lines().count() * 2 / 3);
        Child nameserver = Script.run(folder, "ns.out", "mqnamesrv", "-p");
        assertThat(nameserver.exitCode(EXIT_SECONDS)).isZero();
        assertThat(nameserver.output().lines()).contains("listenPort=9876", "scanNotActiveBrokerInterval=5000");
        assertThat(folder.resolve("data")).doesNotExist();
    }

    /** The classic mistake, as an operator sees it: a second machine is started with the first one's file. */
    @Test
    void aSecondMasterOfANameIsRefused() throws Exception {
        try (Script nameserver = nameserver("namesrv-3");
                Script first = broker(nameserver, nameserver)) {
            List<String> lines = new ArrayList<>(Files.readAllLines(folder.resolve("broker-a.properties")));
            lines.replaceAll(line -> line.startsWith("listenPort") ? "listenPort = " + Ports.forBroker() : line);
            lines.replaceAll(line -> line.startsWith("storePathRootDir") ? "storePathRootDir = twin" : line);
            lines.add("broker.start-check = 60s");
            Files.write(folder.resolve("twin.properties"), lines);
            Child second =
                    Script.run(folder, "twin.out", "mqbroker", "-c", "twin.properties", "-n", nameserver.hostAndPort());
            assertThat(second.exitCode(2 * EXIT_SECONDS)).isEqualTo(1);
            assertThat(second.output().lines().filter(line -> line.startsWith("merlin: ")))
                    .singleElement()
                    .asString()
                    .startsWith(
                            "merlin: brokerName=broker-a (twin.properties:2) and brokerId=0 (twin.properties:3) are those"
                                    + " of a broker that runs at " + first.hostAndPort());
        }
    }

    /** Files as RocketMQ's users have them: none names a port of the console, and the nameservers may be away. */
    @Test
    @ResourceLock("port 8080")
    void twoBrokersRunOnOneMachineWithFilesThatNameNoPortOfTheConsole() throws Exception {
        try (Script first = alone("broker-1");
                Script second = alone("broker-2")) {
            assertThat(first.process().output()).contains("console     http://" + ADDRESS + ":8080/\n");
            Matcher other = Pattern.compile("console     (http://" + ADDRESS + ":\\d+/)  "
                            + "\\(port 8080 is in use; choose one with --console-port\\)")
                    .matcher(second.process().output());
            assertThat(other.find()).as(second.process().output()).isTrue();
            assertThat(Files.readAllLines(folder.resolve("broker-2-store/broker.addresses")))
                    .contains("console=" + other.group(1));
            try (HttpClient http = HttpClient.newHttpClient()) {
                URI health = URI.create(other.group(1) + "healthz");
                HttpResponse<String> answer =
                        http.send(HttpRequest.newBuilder(health).build(), HttpResponse.BodyHandlers.ofString());
                assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            }
            Child chosen =
                    Script.run(folder, "chosen.out", "mqbroker", "-c", file("broker-3"), "--set", "console.port=8080");
            assertThat(chosen.exitCode(EXIT_SECONDS)).isEqualTo(1);
            assertThat(chosen.output())
                    .contains("port 8080 of the console, set by console.port=8080 (--set), is in use");
        }
    }

    /** On an address of its own: other tests may need the same ports. */
    private Script alone(String name) throws IOException {
        Child process = Script.run(folder, name + ".out", "mqbroker", "-c", file(name));
        Script started = new Script(process, 0);
        started.awaitReady();
        return started;
    }

    private String file(String name) throws IOException {
        List<String> properties = List.of(
                "brokerClusterName = DefaultCluster",
                "brokerName = " + name,
                "brokerId = 0",
                "brokerIP1 = " + ADDRESS,
                "namesrvAddr = " + ADDRESS + ":1;away.invalid:9876",
                "listenPort = " + Ports.forBroker(),
                "storePathRootDir = " + folder.resolve(name + "-store"),
                "deleteWhen = 04",
                "diskSpaceWarningLevelRatio = 99", // the disk is the machine's and may be fuller than 90 %
                "brokerRole = ASYNC_MASTER",
                "bindAddress = " + ADDRESS);
        Files.write(folder.resolve(name + ".properties"), properties);
        return name + ".properties";
    }

    private Script nameserver(String name) throws IOException {
        int port = Ports.any();
        List<String> properties = List.of("listenPort=" + port, "bindAddress=127.0.0.1");
        return Script.start(folder, name, port, properties, "mqnamesrv", "--data", name + "-data");
    }

    /** The file names one nameserver, {@code -n} both: {@code -n} counts, as it does with RocketMQ. */
    private Script broker(Script first, Script second) throws IOException {
        int port = Ports.forBroker();
        List<String> properties = List.of(
                "brokerClusterName = DefaultCluster",
                "brokerName = broker-a",
                "brokerId = 0",
                "brokerIP1 = 127.0.0.1",
                "namesrvAddr = " + first.hostAndPort(),
                "listenPort = " + port,
                "storePathRootDir = " + folder.resolve("broker-a-store"),
                "deleteWhen = 04",
                "diskSpaceWarningLevelRatio = 99", // the disk is the machine's and may be fuller than 90 %
                "fileReservedTime = 48",
                "brokerRole = ASYNC_MASTER",
                "flushDiskType = SYNC_FLUSH",
                "autoCreateTopicEnable = true",
                "bindAddress = 127.0.0.1",
                "console.port = 0");
        String both = first.hostAndPort() + ";" + second.hostAndPort();
        return Script.start(folder, "broker-a", port, properties, "mqbroker", "-n", both);
    }

    private void shutDown(String what, Script server, String data) {
        Child command = Script.run(folder, "mqshutdown.out", "mqshutdown", what, "--data", data);
        assertThat(command.exitCode(EXIT_SECONDS))
                .as("mqshutdown %s, which printed %s", what, command.output())
                .isZero();
        assertThat(server.process().exitCode(EXIT_SECONDS))
                .as(
                        "the end of the %s, which printed %s",
                        what, server.process().output())
                .isZero();
    }

    private static String clusterInfo(Script nameserver) throws IOException {
        try (RawConnection connection = new RawConnection(nameserver.address(), ANSWER_MILLIS)) {
            Frame reply = connection.call(
                    Frame.request(RequestCode.GET_BROKER_CLUSTER_INFO, null).withFields(Map.of()));
            assertThat(reply.isOk()).as("cluster info: %s", reply.remark()).isTrue();
            return new String(reply.body(), StandardCharsets.UTF_8);
        }
    }
}
