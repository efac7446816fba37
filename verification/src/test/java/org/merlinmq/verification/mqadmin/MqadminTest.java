package org.merlinmq.verification.mqadmin;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.merlinmq.verification.server.Repository;
import org.merlinmq.verification.server.Server;
import org.merlinmq.verification.server.SharedServer;

/** What the official mqadmin prints of the chosen server against what it prints of Apache's; the package's page says how to record. */
@Execution(ExecutionMode.CONCURRENT)
class MqadminTest {
    static final List<String> VERSIONS = List.of("4.9.8", "5.5.0");
    static final Path GOLDEN = Repository.root().resolve("verification/src/test/resources/golden/mqadmin");
    private static final Pattern LISTED = Pattern.compile("^ {3}(\\w+) +\\S.*");
    static final Path TABLE = Repository.root().resolve("docs/mqadmin.md");
    static final Map<String, String> SETTINGS =
            Map.of("brokerName", "broker-a", "brokerClusterName", "DefaultCluster", "traceTopicEnable", "true");

    /** What may differ: versions, a command (all its calls, or one by its whole name), how the line begins, and why. */
    private record Allowed(String version, String command, String line, String why) {
        boolean covers(String ofVersion, Command call, String difference) {
            return isOf(ofVersion, call) && (difference.startsWith(line) || difference.startsWith(line, 1));
        }

        boolean isOf(String ofVersion, Command call) {
            return (version.equals("*") || version.equals(ofVersion))
                    && (command.equals("*") || command.equals(call.name()) || command.equals(call.command()));
        }
    }

    @TestFactory
    Stream<DynamicTest> printsTheSameAsOfApachesServer() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        List<Allowed> allowed = allowed();
        List<Allowed> needless = new ArrayList<>(allowed);
        // Both at once: most of a command's second is the tool's own start and end. Not in the common pool, which
        // has one thread where there are two cores.
        Map<String, CompletableFuture<Played>> played = new LinkedHashMap<>();
        VERSIONS.forEach(version -> played.put(
                version,
                CompletableFuture.supplyAsync(
                        () -> play(version), each -> new Thread(each, "play-" + version).start())));
        for (String version : VERSIONS) {
            List<Command> script = MqadminScript.of(version);
            Played play = requireNonNull(played.get(version)).join();
            Map<String, List<String>> printed = play.lines;
            write(Repository.target().resolve("mqadmin-" + version + ".txt"), printed);
            if (Boolean.getBoolean("verification.record")) {
                write(GOLDEN.resolve(version + ".txt"), printed);
                write(GOLDEN.resolve(version + "-heads.txt"), play.heads);
                write(GOLDEN.resolve(version + "-options.txt"), play.options);
            }
            Map<String, List<String>> golden = golden(version + ".txt");
            Map<String, List<String>> heads = golden(version + "-heads.txt");
            Map<String, List<String>> options = golden(version + "-options.txt");
            tests.add(DynamicTest.dynamicTest(
                    version + " has the heads of tables that are recorded",
                    () -> assertThat(play.heads).isEqualTo(heads)));
            tests.add(DynamicTest.dynamicTest(
                    version + " has the options that are recorded",
                    () -> assertThat(play.options).isEqualTo(options)));
            for (Command call : script) {
                List<String> differences = differences(
                        golden.getOrDefault(call.name(), List.of("not recorded")),
                        requireNonNull(printed.get(call.name())));
                needless.removeIf(one -> differences.stream().anyMatch(line -> one.covers(version, call, line)));
                tests.add(DynamicTest.dynamicTest(
                        version + " " + call.name(),
                        () -> assertThat(differences)
                                .as("%s: lines with - are Apache's only, with + ours only", call.name())
                                .allMatch(line -> allowed.stream().anyMatch(one -> one.covers(version, call, line)))));
            }
        }
        if (Server.chosen().equals("merlin")) {
            tests.add(DynamicTest.dynamicTest(
                    "every allowed difference is there",
                    () -> assertThat(needless).as("lines of allowed.txt").isEmpty()));
        }
        return tests.stream();
    }

    /** The compared lines and the heads of tables by call, the options by command. */
    private record Played(
            Map<String, List<String>> lines, Map<String, List<String>> heads, Map<String, List<String>> options) {}

    /** A server for each version: what one run leaves behind must not be seen by the other. */
    private static Played play(String version) {
        Path folder = SharedServer.freshFolder("mqadmin-");
        try (Server server = Server.start(folder.resolve("server"), SETTINGS);
                Tool tool = new Tool(version, server, folder)) {
            Map<String, List<String>> lines = tool.play(MqadminScript.of(version));
            Map<String, List<String>> options = new LinkedHashMap<>();
            for (String command : commands(version)) {
                Command help = new Command("help " + command, List.of("help", command), Command.View.LINES);
                options.put(
                        command,
                        HelpPage.theirs(tool.run(help)).stream()
                                .map(Object::toString)
                                .toList());
            }
            return new Played(lines, tool.heads(), options);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void theTableIsThatOfTheRecordedDifferences() throws IOException {
        Assumptions.assumeTrue(Server.chosen().equals("merlin"), "the table is about our own server");
        List<String> rows = rows(allowed());
        if (Boolean.getBoolean("verification.table")) {
            writeTable(rows);
        }
        assertThat(Files.readAllLines(TABLE).stream().filter(MqadminTest::isRow))
                .as("rows of %s; -Dverification.table=true writes them", TABLE)
                .isEqualTo(rows);
    }

    private static boolean isRow(String line) {
        return line.startsWith("| `");
    }

    private static List<String> rows(List<Allowed> allowed) {
        Map<String, Map<String, String>> cells = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String version : VERSIONS) {
            Map<String, Set<String>> reasons = new TreeMap<>();
            for (Command call : MqadminScript.of(version)) {
                if (call.command().startsWith("@")) {
                    continue;
                }
                Set<String> why = reasons.computeIfAbsent(call.command(), made -> new TreeSet<>());
                allowed.stream()
                        .filter(one -> !one.command.equals("*") && one.isOf(version, call))
                        .forEach(one -> why.add(one.why));
            }
            reasons.forEach((command, why) -> cells.computeIfAbsent(command, made -> new LinkedHashMap<>())
                    .put(version, why.isEmpty() ? "same" : String.join("; ", why)));
        }
        List<String> rows = new ArrayList<>();
        cells.forEach((command, of) -> rows.add("| `" + command + "` | " + of.getOrDefault(VERSIONS.get(0), "–") + " | "
                + of.getOrDefault(VERSIONS.get(1), "–") + " |"));
        return rows;
    }

    private static void writeTable(List<String> rows) throws IOException {
        List<String> lines = new ArrayList<>();
        boolean written = false;
        for (String line : Files.readAllLines(TABLE)) {
            if (!isRow(line)) {
                lines.add(line);
            }
            if (!written && line.startsWith("|---")) {
                lines.addAll(rows);
                written = true;
            }
        }
        Files.write(TABLE, lines);
    }

    @Test
    void everyCommandOfTheToolsIsPlayed() throws IOException {
        for (String version : VERSIONS) {
            Set<String> missing = commands(version);
            assertThat(missing).as("commands of %s", version).hasSizeGreaterThan(50);
            MqadminScript.of(version).forEach(call -> missing.remove(call.command()));
            assertThat(missing)
                    .as("commands of %s that are not played", version)
                    .isEmpty();
        }
    }

    /** The commands that a version of the tool lists. */
    private static Set<String> commands(String version) throws IOException {
        Set<String> commands = new TreeSet<>();
        for (String line : Files.readAllLines(GOLDEN.resolve(version + "-commands.txt"))) {
            Matcher name = LISTED.matcher(line);
            if (name.matches()) {
                commands.add(name.group(1));
            }
        }
        return commands;
    }

    static List<String> differences(List<String> apache, List<String> ours) {
        List<String> differences = new ArrayList<>();
        apache.stream().filter(line -> !ours.contains(line)).forEach(line -> differences.add("-" + line));
        ours.stream().filter(line -> !apache.contains(line)).forEach(line -> differences.add("+" + line));
        return differences;
    }

    static void write(Path file, Map<String, List<String>> printed) throws IOException {
        StringBuilder text = new StringBuilder();
        printed.forEach((name, lines) -> {
            text.append("== ").append(name).append('\n');
            lines.forEach(line -> text.append(line).append('\n'));
        });
        Files.writeString(file, text);
    }

    static Map<String, List<String>> golden(String file) throws IOException {
        Map<String, List<String>> golden = new LinkedHashMap<>();
        List<String> lines = new ArrayList<>();
        for (String line : Files.readAllLines(GOLDEN.resolve(file))) {
            if (line.startsWith("== ")) {
                lines = new ArrayList<>();
                golden.put(line.substring(3), lines);
            } else {
                lines.add(line);
            }
        }
        return golden;
    }

    private static List<Allowed> allowed() throws IOException {
        List<Allowed> allowed = new ArrayList<>();
        for (String line : Files.readAllLines(GOLDEN.resolve("allowed.txt"))) {
            if (!line.isBlank() && !line.startsWith("#")) {
                String[] parts = line.split(" \\| ?", 4);
                assertThat(parts).as("version | command | line | why: %s", line).hasSize(4);
                allowed.add(new Allowed(parts[0].strip(), parts[1].strip(), parts[2].strip(), parts[3].strip()));
            }
        }
        return allowed;
    }
}
