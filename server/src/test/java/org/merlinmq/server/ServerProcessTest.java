package org.merlinmq.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.merlinmq.cli.Merlin;
import org.merlinmq.client.Admin;
import org.merlinmq.client.ClientConfig;
import org.merlinmq.protocol.body.TopicConfig;

/** The server as operators meet it: a process with arguments, output, signals and an exit code. */
class ServerProcessTest {
    private static final long PATIENCE_SECONDS = 60;

    private final List<Process> started = new ArrayList<>();

    @TempDir
    Path temp;

    @AfterEach
    void endWhatIsLeft() {
        started.forEach(Process::destroyForcibly);
    }

    @Test
    void startsOnFreePortsServesAndEndsWithZeroOnSigterm() throws Exception {
        Process server = start("--data", temp.toString());
        List<String> block = untilReady(server);
        assertThat(block.getFirst()).startsWith("MerlinMQ ");
        assertThat(String.join("\n", block))
                .contains("  data        " + temp)
                .contains("broker.port=0")
                .doesNotContain("WARNING");
        String nameserver = address("nameserver");
        assertThat(Merlin.run("send", "Greetings", "hello", "--namesrv", nameserver))
                .isZero();
        assertThat(Merlin.run("message", "by-id", "nonsense", "--namesrv", nameserver))
                .isEqualTo(2);
        try (InputStream in = URI.create(address("console") + "healthz").toURL().openStream()) {
            assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("ok\n");
        }
        assertThat(run("--data", temp.toString()))
                .isEqualTo("1 merlin: the data folder " + temp + " is in use by another process (" + server.pid()
                        + "); stop that one (bin/merlin stop --data " + temp
                        + "), or choose another folder with --data");
        server.destroy();
        assertThat(server.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(server.exitValue()).isZero();
        assertThat(temp.resolve("merlin.pid")).doesNotExist();
    }

    @Test
    void portInUseIsToldWithItsCure() throws Exception {
        Process server = start("--data", temp.resolve("a").toString());
        untilReady(server);
        String port = Files.readString(temp.resolve("a/merlin.addresses"))
                .replaceAll("(?s).*nameserver=[^:]*:(\\d+).*", "$1");
        assertThat(run("--data", temp.resolve("b").toString(), "--namesrv-port", port))
                .startsWith("1 merlin: port " + port + " of the nameserver, set by nameserver.port=" + port
                        + " (--namesrv-port), is in use; stop what holds it, or choose another with --namesrv-port");
    }

    /** A server that runs goes on without its log, and without nameservers. */
    @Test
    void itStartsWhereNoLogCanBeWrittenAndNoNameserverAnswers() throws Exception {
        Files.writeString(temp.resolve("logs"), "a file where the folder should be");
        Process server =
                start("--data", temp.toString(), "--background", "--set", "namesrvAddr=127.0.0.1:1;away.invalid:9876");
        List<String> block = untilReady(server);
        assertThat(String.join("\n", block))
                .contains("merlin: no log is kept: " + temp.resolve("logs/merlin.log"))
                .contains("merlin: the nameserver 127.0.0.1:1 is not reached (")
                .contains("merlin: the nameserver away.invalid:9876 is not reached (");
        assertThat(Merlin.run("send", "Greetings", "hello", "--namesrv", address("nameserver")))
                .isZero();
    }

    @Test
    void theLogIsInFilesToo() throws Exception {
        Path logs = temp.resolve("elsewhere");
        Process server = start("--data", temp.toString(), "--set", "rocketmq.log.root=" + logs);
        untilReady(server);
        server.destroy();
        assertThat(server.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(Files.readString(logs.resolve("merlin.log")))
                .contains(" INFO  main - nameserver-started ", " - stopped");
        assertThat(temp.resolve("logs")).doesNotExist();
    }

    /** The port that is named is the one that is taken, not the broker's own. */
    @Test
    void theBrokersSecondPortInUseIsNamed() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String own = String.valueOf(taken.getLocalPort() + 2);
            assertThat(run("--data", temp.resolve("c").toString(), "--broker-port", own))
                    .startsWith("1 merlin: port " + taken.getLocalPort() + " of the broker for clients of 4.4")
                    .contains("broker.vip-port=false");
        }
    }

    @Test
    void wrongSettingsAndOptionsAreTwo() throws Exception {
        assertThat(run("--set", "brokerNmae=a"))
                .isEqualTo("2 merlin: --set: brokerNmae is no known setting; did you mean" + " brokerName?");
        assertThat(run("--nonsense")).startsWith("2 merlin: unknown option --nonsense");
    }

    @Test
    void aDamagedFileIsNamedInOneLineWithoutAStack() throws Exception {
        Path topics = Files.createDirectories(temp.resolve("config")).resolve("topics.json");
        Files.writeString(topics, "{\"topicConfigTable\":");
        Process process = start("--data", temp.toString());
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(1);
        assertThat(output.lines().filter(line -> !line.contains(" INFO ")))
                .singleElement()
                .asString()
                .startsWith("merlin: " + topics + " is damaged (not JSON at byte 20:")
                .endsWith("; put a whole version of it in its place, or move it away to go on without its content");
    }

    @Test
    void statusTellsWhereTheServerOfADataFolderListens() throws Exception {
        Path data = temp.resolve("a/data");
        Process server = start("--data", data.toString());
        untilReady(server);
        List<String> addresses = Files.readAllLines(data.resolve("merlin.addresses"));
        assertThat(addresses).hasSize(3);
        for (String told : List.of(merlin(temp, "status", "--data", "a/data"), merlin(temp.resolve("a"), "status"))) {
            assertThat(told).startsWith("0 merlin runs as process " + server.pid() + " since 0 d 0 h ");
            assertThat(told.lines()).contains("  data        " + data);
            addresses.forEach(line -> assertThat(told.lines()).contains("  " + aligned(line)));
        }
        assertThat(merlin(temp.resolve("a"), "status", "--json"))
                .startsWith("0 {\"nameserver\":\"127.0.0.1:")
                .contains("\"data\":\"" + data + "\",\"pid\":" + server.pid() + ",\"upSeconds\":")
                .hasLineCount(1);
        assertThat(merlin(temp, "status", "--data", "b"))
                .isEqualTo("1 merlin: no server runs on the data folder " + temp.resolve("b"));
        assertThat(merlin(temp, "status"))
                .as("none runs on the default folder, so all are listed")
                .startsWith("0 ")
                .contains("  data        " + data);
    }

    private static String aligned(String address) {
        String[] parts = address.split("=", 2);
        return String.format(Locale.ROOT, "%-11s %s", parts[0], parts[1]);
    }

    @Test
    void stopWithoutADataFolderLeavesServersOnOthersAlone() throws Exception {
        Path data = temp.resolve("a/data");
        Process server = start("--data", data.toString());
        untilReady(server);
        assertThat(merlin(temp, "stop"))
                .startsWith("1 merlin: no server runs on the data folder " + temp.resolve("data") + "; ")
                .contains("merlin " + server.pid() + " runs on another: merlin stop --data " + data);
        assertThat(server.isAlive()).isTrue();
        assertThat(merlin(temp.resolve("a"), "stop")).isEqualTo("0 stopped merlin (process " + server.pid() + ")");
        // It has ended; this process may hear of it a moment later.
        assertThat(server.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(server.exitValue()).isZero();
    }

    @Test
    void linesSentInBatchesAreFoundByTheirOffsets() throws Exception {
        untilReady(start("--data", temp.toString()));
        String namesrv = "--namesrv=" + address("nameserver");
        assertThat(merlin(temp, "topic", "create", "Batches", "--queues", "1", namesrv))
                .startsWith("0 ");
        List<String> lines = IntStream.range(0, 250)
                .mapToObj(number -> "line " + number + " ü")
                .toList();
        Path file = Files.write(temp.resolve("lines.txt"), lines);
        assertThat(merlin(temp, "send", "Batches", "--batch=100", "--file=" + file, "--key=\\d+", "--json", namesrv))
                .startsWith("0 {")
                .contains("\"failed\":0,", "\"sent\":250}");
        assertThat(merlin(temp, "consume", "Batches", "--from", "first", namesrv))
                .isEqualTo("0 " + String.join("\n", lines));
        assertThat(merlin(temp, "message", "by-key", "Batches", "117", namesrv)).isEqualTo("0 line 117 ü");
        assertThat(merlin(temp, "message", "by-offset", "Batches", "0", "117", namesrv))
                .isEqualTo("0 line 117 ü");
        assertThat(merlin(temp, "message", "by-offset", "Batches", "0", "249", "--json", namesrv))
                .startsWith("0 {\"body\":\"line 249 ü\"")
                .contains("\"queueOffset\":249");
        assertThat(merlin(temp, "message", "by-offset", "Batches", "0", "250", namesrv))
                .startsWith("1 merlin: there is no message at the offset 250; Batches ")
                .endsWith(":0 has those from 0 to 249");
        assertThat(merlin(temp, "message", "by-offset", "Batches", "1", "0", namesrv))
                .isEqualTo("1 merlin: the topic Batches has no queue 1; merlin topic show Batches lists them");
        assertThat(merlin(
                        temp, "message", "by-time", "Batches", "--from=2020-01-01", "--to=2100-01-01T00:00Z", namesrv))
                .isEqualTo("0 " + String.join("\n", lines));
        assertThat(merlin(temp, "message", "by-time", "Batches", "--from=2020-01-01", "--to=2020-01-02", namesrv))
                .isEqualTo("1 merlin: the topic Batches has no message stored in that time");
        tracesOfAMessageAreFoundByItsId(namesrv);
    }

    private void tracesOfAMessageAreFoundByItsId(String namesrv) throws Exception {
        String sent = String.join(
                "\u0001",
                "Pub",
                "1795422421583",
                "R",
                "PG",
                "Batches",
                "M117",
                "",
                "",
                "h:1",
                "2",
                "188",
                "0",
                "O",
                "true");
        String consumed =
                String.join("\u0001", "SubAfter", "Q1", "M117", "30", "false", "", "4", "1795422421783", "CG");
        assertThat(merlin(
                        temp, "send", Admin.TRACE_TOPIC, sent + "\u0002" + consumed + "\u0002", "--key=M\\d+", namesrv))
                .startsWith("0 ");
        assertThat(merlin(temp, "trace", "M117", namesrv).lines())
                .hasSize(3)
                .anyMatch(line -> line.matches("2026-11-23T\\S+Z +sent +PG +127.0.0.1:\\d+ +188 +ok"))
                .anyMatch(line -> line.matches("2026-11-23T\\S+Z +consumed +CG +127.0.0.1:\\d+ +30 +failed"));
        assertThat(merlin(temp, "trace", "M117", "--json", namesrv))
                .contains("\"event\":\"sent\"", "\"costMillis\":188", "\"offsetMessageId\":\"O\"");
        assertThat(merlin(temp, "trace", "M118", namesrv))
                .startsWith("1 merlin: the topic RMQ_SYS_TRACE_TOPIC has no trace of a message with the id M118");
    }

    @Test
    void whatATopicsUpdateDoesNotNameStays() throws Exception {
        untilReady(start("--data", temp.toString()));
        String namesrv = "--namesrv=" + address("nameserver");
        try (Admin admin = Admin.open(ClientConfig.of(address("nameserver")))) {
            admin.createTopic(new TopicConfig(
                    "Uneven", 6, 4, 6, TopicConfig.SINGLE_TAG, 0, true, Map.of("message.type", "NORMAL")));
            assertThat(merlin(temp, "topic", "update", "Uneven", "--perm", "r", namesrv))
                    .startsWith("0 updated topic Uneven\n")
                    .containsPattern(address("broker") + " +6 +4  r$");
            TopicConfig now = admin.topicConfigs(address("broker")).get("Uneven");
            assertThat(now)
                    .isEqualTo(new TopicConfig(
                            "Uneven", 6, 4, 4, TopicConfig.SINGLE_TAG, 0, true, Map.of("message.type", "NORMAL")));
            assertThat(merlin(temp, "topic", "update", "Uneven", "--dedup-window", "10m", namesrv))
                    .startsWith("0 updated topic Uneven\n");
            assertThat(admin.topicConfigs(address("broker")).get("Uneven"))
                    .isEqualTo(new TopicConfig(
                            "Uneven",
                            6,
                            4,
                            4,
                            TopicConfig.SINGLE_TAG,
                            0,
                            true,
                            Map.of("message.type", "NORMAL", "dedup.window", "600000")));
        }
        assertThat(merlin(temp, "topic", "list", namesrv)).containsPattern("Uneven +4 +r +yes +600s");
        assertThat(merlin(temp, "topic", "show", "Uneven", namesrv))
                .containsPattern("BROKER +DEDUP WINDOW +COVERED\n" + address("broker") + " +600s +600s$");
        assertThat(merlin(temp, "topic", "show", "Uneven", "--json", namesrv))
                .contains("\"dedupCoveredMillis\":600000,\"dedupWindowMillis\":600000,");
        assertThat(merlin(temp, "topic", "update", "Uneven", "--dedup-window", "25h", namesrv))
                .startsWith("1 merlin: ")
                .contains("dedup.window");
        assertThat(merlin(temp, "topic", "update", "Uneven", namesrv)).startsWith("2 merlin: nothing to change");
        assertThat(merlin(temp, "topic", "update", "Missing", "--queues", "2", namesrv))
                .isEqualTo("1 merlin: there is no topic Missing; merlin topic list lists them");
        assertThat(merlin(temp, "cluster", "--json", namesrv))
                .startsWith("0 [{\"address\":\"" + address("broker") + "\",\"broker\":")
                .contains("\"cluster\":\"DefaultCluster\",\"id\":0,");
    }

    /** The exit code and the output of a command that is given in a folder. */
    private String merlin(Path folder, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                "org.merlinmq.cli.Merlin"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        started.add(process);
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        return process.exitValue() + " " + output.strip();
    }

    /** Acknowledged, such a message would be in its queue only until the queue is made anew from the log. */
    @Test
    void whatItsBitsCallHalfOrRolledBackIsRefused() throws Exception {
        untilReady(start("--data", temp.toString()));
        String address = address("broker");
        int port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
        assertThat(sent(port, 0x4)).as("half by its bits alone").contains("\"code\":13", "TRAN_MSG=true");
        for (int sysFlag : new int[] {0xC, -1}) {
            assertThat(sent(port, sysFlag)).as("sysFlag " + sysFlag).contains("\"code\":13", "cannot be a rollback");
        }
        assertThat(sent(port, 0x8)).contains("\"code\":0", "\"queueOffset\":\"0\"");
    }

    /** The header of the answer to one send. */
    private static String sent(int port, int sysFlag) throws IOException {
        byte[] header = ("{\"code\":310,\"language\":\"JAVA\",\"version\":479,\"opaque\":1,\"flag\":0,\"extFields\":{"
                        + "\"a\":\"P\",\"b\":\"Bits\",\"c\":\"TBW102\",\"d\":\"1\",\"e\":\"0\",\"f\":\"" + sysFlag
                        + "\"}}")
                .getBytes(StandardCharsets.UTF_8);
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            out.writeInt(4 + header.length + 1);
            out.writeInt(header.length);
            out.write(header);
            out.write('x');
            DataInputStream in = new DataInputStream(socket.getInputStream());
            return new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
        }
    }

    private Process start(String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                "org.merlinmq.server.Main",
                "start",
                "--namesrv-port=0",
                "--broker-port=0",
                "--console-port=0",
                "--set",
                "bind=127.0.0.1",
                "--set",
                "storage.segment=4m",
                "--set",
                "storage.disk-force=99", // the disk is the machine's and may be fuller than the defaults allow
                "--set",
                "storage.disk-refuse=99"));
        command.addAll(List.of(options));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        started.add(process);
        return process;
    }

    /** The exit code and the output of a process that is not to start. */
    private String run(String... options) throws IOException, InterruptedException {
        Process process = start(options);
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        return process.exitValue() + " "
                + output.lines()
                        .filter(line -> line.startsWith("merlin: "))
                        .findFirst()
                        .orElse(output);
    }

    private static List<String> untilReady(Process server) throws IOException {
        List<String> block = new ArrayList<>();
        BufferedReader reader = server.inputReader();
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            if (!line.contains(" INFO ")) {
                block.add(line);
            }
            if (line.startsWith("ready in ")) {
                return block;
            }
        }
        throw new AssertionError("the server did not become ready: " + block);
    }

    private String address(String name) throws IOException {
        return Files.readAllLines(temp.resolve("merlin.addresses")).stream()
                .filter(line -> line.startsWith(name + "="))
                .map(line -> line.substring(name.length() + 1))
                .findFirst()
                .orElseThrow();
    }
}
