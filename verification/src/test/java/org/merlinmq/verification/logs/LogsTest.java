package org.merlinmq.verification.logs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.merlinmq.verification.server.Repository;
import org.merlinmq.verification.server.Server;
import org.merlinmq.verification.server.SharedServer;

/** Log files in by {@code bin/merlin send}, out through the official client. */
@ExtendWith(SharedServer.class)
class LogsTest {
    private static final Path FOLDER = Path.of(System.getProperty(
            "merlin.logs", Repository.root().resolve("../shared/data/logs").toString()));

    private static final String CLIENT = "5.5.0";
    private static final int BLOCKS_ASKED_FOR = 4;
    private static final int MINUTES = 2;

    private final Path work = SharedServer.freshFolder("logs-");

    /** A message as the client saw it. */
    private record Line(int queue, long offset, String keys, String tag, String body) {}

    @BeforeEach
    void theFilesAreThere() {
        Assumptions.assumeTrue(Files.isDirectory(FOLDER), FOLDER + " is not there; -Dmerlin.logs names the folder");
    }

    @Test
    void blockIdsFindExactlyTheLinesThatNameThem(Server server) throws Exception {
        Pattern block = Pattern.compile("blk_-?\\d+");
        List<String> sent = send(server, "HDFS", "--key", block.pattern());
        assertThat(bodies(all(server, "HDFS", "*"))).containsExactlyInAnyOrderElementsOf(sent);
        Map<String, List<String>> byBlock = new LinkedHashMap<>();
        for (String line : sent) {
            matches(block, line)
                    .forEach(id ->
                            byBlock.computeIfAbsent(id, b -> new ArrayList<>()).add(line));
        }
        List<Map.Entry<String, List<String>>> asked = new ArrayList<>(byBlock.entrySet());
        asked.sort((a, b) -> b.getValue().size() - a.getValue().size());
        for (Map.Entry<String, List<String>> entry : asked.subList(0, BLOCKS_ASKED_FOR)) {
            List<Line> found = dump(
                    server,
                    "HDFS",
                    "key",
                    entry.getKey(),
                    Integer.toString(entry.getValue().size()));
            assertThat(bodies(found))
                    .as("lines of %s", entry.getKey())
                    .containsExactlyInAnyOrderElementsOf(entry.getValue());
        }
    }

    @Test
    void aSessionsLinesKeepTheirOrder(Server server) throws Exception {
        Pattern session = Pattern.compile("sshd\\[(\\d+)\\]");
        List<String> sent = send(server, "OpenSSH", "--order-by", session.pattern());
        List<Line> came = all(server, "OpenSSH", "*");
        assertThat(bodies(came)).containsExactlyInAnyOrderElementsOf(sent);
        Map<String, List<String>> expected = new LinkedHashMap<>();
        sent.forEach(line -> expected.computeIfAbsent(first(session, line), s -> new ArrayList<>())
                .add(line));
        Map<String, List<String>> found = new LinkedHashMap<>();
        Map<String, Set<Integer>> queues = new LinkedHashMap<>();
        for (Line line : came) {
            found.computeIfAbsent(first(session, line.body()), s -> new ArrayList<>())
                    .add(line.body());
            queues.computeIfAbsent(first(session, line.body()), s -> new LinkedHashSet<>())
                    .add(line.queue());
        }
        assertThat(found).isEqualTo(expected);
        assertThat(queues).allSatisfy((id, used) -> assertThat(used).hasSize(1));
    }

    @Test
    void aTagFiltersOneSeverity(Server server) throws Exception {
        Pattern severity = Pattern.compile("\\] \\[(\\w+)\\]");
        List<String> sent = send(server, "Apache", "--tag", severity.pattern());
        assertThat(bodies(all(server, "Apache", "*"))).containsExactlyInAnyOrderElementsOf(sent);
        for (String wanted : List.of("error", "notice")) {
            List<String> expected = sent.stream()
                    .filter(line -> wanted.equals(first(severity, line)))
                    .toList();
            assertThat(expected).isNotEmpty();
            assertThat(bodies(all(server, "Apache", wanted))).containsExactlyInAnyOrderElementsOf(expected);
        }
    }

    @Test
    void everyByteComesThrough(Server server) throws Exception {
        List<String> sent = send(server, "Zookeeper");
        assertThat(bodies(all(server, "Zookeeper", "*"))).containsExactlyInAnyOrderElementsOf(sent);
    }

    // ---- sending and reading ----

    /** Sends a file and gives its lines; bytes are kept as the characters of ISO 8859-1. */
    private List<String> send(Server server, String name, String... options) throws Exception {
        Path file = FOLDER.resolve(name + "_2k.log");
        List<String> command =
                new ArrayList<>(List.of(Repository.root().resolve("bin/merlin").toString(), "send"));
        command.addAll(List.of(name, "--file", file.toString(), "--namesrv", namesrv(server)));
        command.addAll(List.of(options));
        run(command, "send-" + name);
        List<String> lines = new ArrayList<>(
                List.of(Files.readString(file, StandardCharsets.ISO_8859_1).split("\n", -1)));
        if (lines.getLast().isEmpty()) {
            lines.removeLast();
        }
        return lines;
    }

    private List<Line> all(Server server, String topic, String tags) throws Exception {
        return dump(server, topic, "all", tags);
    }

    private List<Line> dump(Server server, String topic, String... what) throws Exception {
        Path folder = Repository.target().resolve("clients").resolve(CLIENT);
        Path file = work.resolve(topic + ".txt");
        List<String> command = new ArrayList<>(List.of(
                Repository.java(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Duser.home=" + work,
                "-cp",
                folder.resolve("classes") + ":" + folder.resolve("lib") + "/*",
                "org.merlinmq.verification.clients.Dump",
                namesrv(server),
                topic,
                file.toString()));
        command.addAll(List.of(what));
        run(command, "dump-" + topic);
        List<Line> lines = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            String[] parts = line.split("\t", -1);
            String body = new String(Base64.getDecoder().decode(parts[4]), StandardCharsets.ISO_8859_1);
            lines.add(new Line(Integer.parseInt(parts[0]), Long.parseLong(parts[1]), parts[2], parts[3], body));
        }
        return lines;
    }

    private void run(List<String> command, String name) throws IOException, InterruptedException {
        Path output = work.resolve(name + ".out");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().put("MERLIN_JAVA_HOME", System.getProperty("java.home"));
        Process process = builder.start();
        boolean ended = process.waitFor(MINUTES, TimeUnit.MINUTES);
        process.destroyForcibly();
        assertThat(ended && process.exitValue() == 0)
                .as("%s\n%s", String.join(" ", command), Files.readString(output))
                .isTrue();
    }

    private static String namesrv(Server server) {
        return "127.0.0.1:" + server.nameserver().getPort();
    }

    private static List<String> bodies(List<Line> lines) {
        return lines.stream().map(Line::body).toList();
    }

    private static String first(Pattern pattern, String line) {
        Matcher matcher = pattern.matcher(line);
        return matcher.find() ? matcher.group(1) : "";
    }

    private static Set<String> matches(Pattern pattern, String line) {
        Set<String> found = new LinkedHashSet<>();
        pattern.matcher(line).results().forEach(result -> found.add(result.group()));
        return found;
    }
}
