package org.merlinmq.verification.differential;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.merlinmq.verification.server.Repository;
import org.merlinmq.verification.server.Server;
import org.merlinmq.verification.server.SharedServer;

/** The answers of the chosen server against those of Apache's, recorded; the package's page says how to record. */
class DifferentialTest {
    private static final Path GOLDEN = Repository.root().resolve("verification/src/test/resources/golden");
    private static final Path REPLIES = GOLDEN.resolve("apache-5.5.0/replies.txt");
    private static final Map<String, String> SETTINGS =
            Map.of("brokerName", "broker-a", "brokerClusterName", "DefaultCluster", "enablePropertyFilter", "false");

    /** What may differ: a step (or {@code *}) and how the line begins that only one server has. */
    private record Allowed(String step, String line) {
        /** With the sign in front, or whichever it is. */
        boolean covers(String name, String difference) {
            return (step.equals("*") || step.equals(name))
                    && (difference.startsWith(line) || difference.startsWith(line, 1));
        }
    }

    @TestFactory
    Stream<DynamicTest> answersAreThoseOfApachesServer() throws IOException {
        List<Step> script = Script.steps();
        Map<String, List<String>> answers;
        try (Server server = Server.start(SharedServer.freshFolder("differential-"), SETTINGS);
                Player player = new Player(server)) {
            answers = player.play(script);
        }
        if (Boolean.getBoolean("verification.record")) {
            record(answers);
        }
        Map<String, List<String>> golden = golden();
        List<Allowed> allowed = allowed();
        Map<String, List<String>> differences = new LinkedHashMap<>();
        for (Step step : script) {
            List<String> apache = golden.getOrDefault(step.name(), List.of("not recorded"));
            differences.put(step.name(), differences(apache, requireNonNull(answers.get(step.name()))));
        }
        Stream<DynamicTest> steps = script.stream()
                .map(step -> DynamicTest.dynamicTest(step.name(), () -> {
                    assertThat(differences.get(step.name()))
                            .as("%s: lines with - are Apache's only, with + ours only", step.name())
                            .allMatch(line -> allowed.stream().anyMatch(one -> one.covers(step.name(), line)));
                }));
        return Server.chosen().equals("merlin")
                ? Stream.concat(steps, Stream.of(everyAllowanceIsNeeded(differences, allowed)))
                : steps;
    }

    private static DynamicTest everyAllowanceIsNeeded(Map<String, List<String>> differences, List<Allowed> allowed) {
        return DynamicTest.dynamicTest("every allowed difference is there", () -> {
            List<Allowed> needless = new ArrayList<>(allowed);
            differences.forEach((step, lines) ->
                    needless.removeIf(one -> lines.stream().anyMatch(line -> one.covers(step, line))));
            assertThat(needless).as("lines of allowed.txt").isEmpty();
        });
    }

    private static List<String> differences(List<String> apache, List<String> ours) {
        List<String> differences = new ArrayList<>();
        for (String line : apache) {
            if (!ours.contains(line)) {
                differences.add("-" + line);
            }
        }
        for (String line : ours) {
            if (!apache.contains(line)) {
                differences.add("+" + line);
            }
        }
        return differences;
    }

    private static void record(Map<String, List<String>> answers) throws IOException {
        StringBuilder text = new StringBuilder();
        answers.forEach((name, lines) -> {
            text.append("== ").append(name).append('\n');
            lines.forEach(line -> text.append(line).append('\n'));
        });
        Files.createDirectories(requireNonNull(REPLIES.getParent()));
        Files.writeString(REPLIES, text);
    }

    private static Map<String, List<String>> golden() throws IOException {
        Map<String, List<String>> golden = new LinkedHashMap<>();
        List<String> lines = new ArrayList<>();
        for (String line : Files.readAllLines(REPLIES)) {
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
                String[] parts = line.split("\\|");
                assertThat(parts).as("step | line | why: %s", line).hasSize(3);
                allowed.add(new Allowed(parts[0].strip(), parts[1].strip()));
            }
        }
        return allowed;
    }
}
