package org.merlinmq.verification.mqadmin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.merlinmq.cli.mqadmin.Mqadmin;
import org.merlinmq.verification.server.Repository;
import org.merlinmq.verification.server.Server;
import org.merlinmq.verification.server.SharedServer;

/**
 * What our own mqadmin prints of our server against what RocketMQ's 5.5.0 prints of Apache's: the lines, the heads of its
 * tables with the widths of their columns, and the options. What may differ is listed with the reason in {@code
 * golden/mqadmin/own-allowed.txt} and {@code own-options-allowed.txt}. A call that fails there has to fail here, in words of ours.
 */
@Execution(ExecutionMode.CONCURRENT)
class OwnMqadminTest {
    private static final Pattern ID = Pattern.compile("\\b[0-9A-F]{32}([0-9A-F]{24})?\\b");
    private static final Pattern EXCEPTION = Pattern.compile("(org\\.apache\\.rocketmq|java)\\.[\\w.]+Exception\\b.*");
    private static final Pattern CAUSE =
            Pattern.compile("(Caused by: |For more information, please |See https://rocketmq).*");
    private static final Pattern BODY_FILE = Pattern.compile("Message Body Path: +(\\S+)");
    private static final Pattern STATE_FILE = Pattern.compile("(?m)^\\d+ +\\S+ +V\\S+ +(\\d{13}/\\S+)$");
    private static final String NO_USE = " has no use here: ";
    private static final long ENDLESS_SECONDS = 4;

    /** The clients are RocketMQ's, so that the broker has the same to say of them. */
    private static final String CLIENTS = "5.5.0";

    private record Allowed(String call, String line, String why) {
        boolean covers(String ofCall, String difference) {
            return call.equals(ofCall) && (difference.startsWith(line) || difference.startsWith(line, 1));
        }
    }

    /** What a call printed, and how it ended. */
    private record Printing(int code, String out, String err) {
        boolean hasNoUse() {
            return code == 1 && err.contains(NO_USE);
        }
    }

    private String key = "";
    private String id = "";
    private String client = "";

    @TestFactory
    Stream<DynamicTest> printsTheSameAsRocketMqsTool() throws Exception {
        Assumptions.assumeTrue(Server.chosen().equals("merlin"), "our tool is compared at our own server");
        List<Allowed> allowed = allowed("own-allowed.txt");
        List<Allowed> needless = new ArrayList<>(allowed);
        Map<String, List<String>> golden = MqadminTest.golden("5.5.0.txt");
        Map<String, List<String>> heads = MqadminTest.golden("5.5.0-heads.txt");
        Map<String, List<String>> written = new LinkedHashMap<>();
        List<DynamicTest> tests = new ArrayList<>();
        play().forEach((call, printing) -> {
            List<String> lines = lines(call, printing);
            written.put(call.name(), lines);
            if (printing.hasNoUse()) {
                return;
            }
            List<String> differences =
                    MqadminTest.differences(failing(golden.getOrDefault(call.name(), List.of("not recorded"))), lines);
            differences.addAll(MqadminTest.differences(
                    heads.getOrDefault(call.name(), List.of()),
                    printing.code == 0 ? Printed.heads(printing.out) : List.of()));
            needless.removeIf(one -> differences.stream().anyMatch(line -> one.covers(call.name(), line)));
            tests.add(DynamicTest.dynamicTest(
                    call.name(),
                    () -> assertThat(differences)
                            .as("%s: lines with - are RocketMQ's only, with + ours only; %s", call.name(), printing.err)
                            .allMatch(line -> allowed.stream().anyMatch(one -> one.covers(call.name(), line)))));
        });
        MqadminTest.write(Repository.target().resolve("mqadmin-own.txt"), written);
        tests.add(DynamicTest.dynamicTest(
                "every allowed difference is there",
                () -> assertThat(needless).as("lines of own-allowed.txt").isEmpty()));
        return tests.stream();
    }

    private static List<String> lines(Command call, Printing printing) {
        List<String> lines = new ArrayList<>(Printed.lines(call, printing.out));
        if (printing.code != 0) {
            lines.add("FAILS");
        }
        return lines;
    }

    /** What a failure is described with as one line that only says so. */
    private static List<String> failing(List<String> lines) {
        if (lines.stream().noneMatch(line -> EXCEPTION.matcher(line).matches())) {
            return lines;
        }
        List<String> plain = new ArrayList<>(lines);
        plain.removeIf(
                line -> EXCEPTION.matcher(line).matches() || CAUSE.matcher(line).matches());
        plain.add("FAILS");
        return plain;
    }

    private Map<Command, Printing> play() throws Exception {
        Path folder = SharedServer.freshFolder("mqadmin-own-");
        Map<Command, Printing> printed = new LinkedHashMap<>();
        try (Server server = Server.start(folder.resolve("server"), MqadminTest.SETTINGS);
                Tool clients = new Tool(CLIENTS, server, folder)) {
            for (Command call : MqadminScript.of("5.5.0")) {
                if (call.command().startsWith("@")) {
                    clients.run(call);
                } else {
                    Printing printing = run(call, clients);
                    assertThat(printing.code)
                            .as("%s: %s", call.name(), printing.err)
                            .isBetween(0, 1);
                    assertThat(printing.err.lines().count())
                            .as("%s: a failure is one sentence: %s", call.name(), printing.err)
                            .isEqualTo(printing.code);
                    printed.put(call, printing);
                }
            }
        }
        return printed;
    }

    private Printing run(Command call, Tool tool) throws Exception {
        String[] arguments = call.arguments().stream()
                .map(argument -> tool.filled(
                        argument.replace("$key", key).replace("$id", id).replace("$client", client)))
                .toArray(String[]::new);
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CompletableFuture<Integer> code = new CompletableFuture<>();
        Thread thread = Thread.ofVirtual()
                .start(() ->
                        code.complete(Mqadmin.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments)));
        boolean endless = call.isEndless();
        if (endless) {
            Awaitility.await("its first line")
                    .atMost(Duration.ofMinutes(1))
                    .until(() -> code.isDone() || out.getBuffer().length() > 0);
        }
        try {
            code.get(endless ? ENDLESS_SECONDS : 60, TimeUnit.SECONDS);
        } catch (TimeoutException late) {
            thread.interrupt();
            code.get(60, TimeUnit.SECONDS);
            out.append("not ended within its time\n");
            if (endless) {
                // Stopped as a user would stop it, perhaps while it waited for an answer.
                return new Printing(0, tool.masked(out.toString()), "");
            }
        }
        note(call, out.toString());
        return new Printing(code.join(), tool.masked(out.toString()), tool.masked(err.toString()));
    }

    /** The ids of a message that was sent or found serve the calls behind; the files that a call left are looked at, and go. */
    private void note(Command call, String printed) throws IOException {
        Matcher found = ID.matcher(printed);
        Matcher member = Tool.CLIENT_ID.matcher(printed);
        if (call.command().equals("sendMessage") && found.find()) {
            key = found.group();
        } else if (call.command().equals("queryMsgByOffset") && found.find()) {
            id = found.group();
        } else if (call.command().equals("consumerConnection") && member.find()) {
            client = member.group();
        }
        Matcher body = BODY_FILE.matcher(printed);
        while (body.find()) {
            assertThat(Path.of(body.group(1))).hasContent("second");
            Files.delete(Path.of(body.group(1)));
        }
        Matcher state = STATE_FILE.matcher(printed);
        while (state.find()) {
            Path file = Path.of(state.group(1));
            assertThat(file).content().contains("#Consumer Properties#", "001 Topic: ", "ProcessQueueInfo [");
            Files.delete(file);
            Files.delete(file.getParent());
        }
    }

    @TestFactory
    Stream<DynamicTest> hasTheCommandsAndOptionsOfRocketMqsTools() throws IOException {
        List<Allowed> allowed = allowed("own-options-allowed.txt");
        List<Allowed> needless = new ArrayList<>(allowed);
        List<DynamicTest> tests = new ArrayList<>();
        for (String version : MqadminTest.VERSIONS) {
            MqadminTest.golden(version + "-options.txt").forEach((command, options) -> {
                Printing help = run("help", command);
                List<String> missing = help.hasNoUse() ? List.of() : missing(options, HelpPage.ours(help.out));
                needless.removeIf(one -> missing.stream().anyMatch(option -> one.covers(command, option)));
                tests.add(DynamicTest.dynamicTest(version + " " + command, () -> {
                    assertThat(help.code).as(help.err).isEqualTo(help.hasNoUse() ? 1 : 0);
                    assertThat(missing)
                            .as("options of %s that ours has not, or otherwise: %s", command, help.out)
                            .allMatch(option -> allowed.stream().anyMatch(one -> one.covers(command, option)));
                }));
            });
        }
        tests.add(DynamicTest.dynamicTest(
                "every allowed difference is there",
                () -> assertThat(needless)
                        .as("lines of own-options-allowed.txt")
                        .isEmpty()));
        return tests.stream();
    }

    /** Ours may have more names, and may do without what RocketMQ's needs. */
    private static List<String> missing(List<String> theirs, List<HelpPage.Option> ours) {
        return theirs.stream()
                .filter(line -> {
                    HelpPage.Option option = HelpPage.Option.of(line);
                    return ours.stream()
                            .noneMatch(one -> one.names().containsAll(option.names())
                                    && (one.argument().equals(option.argument())
                                            || one.argument().equals("[<arg>]"))
                                    && (option.required() || !one.required()));
                })
                .toList();
    }

    private static Printing run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Mqadmin.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
        return new Printing(code, out.toString(), err.toString());
    }

    @Test
    void thePageListsWhatHasNoUseHere() throws IOException {
        TreeSet<String> commands = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        for (String version : MqadminTest.VERSIONS) {
            commands.addAll(MqadminTest.golden(version + "-options.txt").keySet());
        }
        Map<String, List<String>> bySentence = new TreeMap<>();
        for (String command : commands) {
            Printing printing = run(command);
            if (printing.hasNoUse()) {
                String sentence = printing.err.strip().split(NO_USE, 2)[1];
                bySentence.computeIfAbsent(sentence, made -> new ArrayList<>()).add("`" + command + "`");
            }
        }
        assertThat(Files.readAllLines(MqadminTest.TABLE))
                .containsAll(bySentence.entrySet().stream()
                        .map(entry -> "* " + String.join(", ", entry.getValue()) + ": " + entry.getKey() + ".")
                        .collect(Collectors.toList()));
    }

    private static List<Allowed> allowed(String file) throws IOException {
        List<Allowed> allowed = new ArrayList<>();
        for (String line : Files.readAllLines(MqadminTest.GOLDEN.resolve(file))) {
            if (!line.isBlank() && !line.startsWith("#")) {
                String[] parts = line.split(" \\| ?", 3);
                assertThat(parts).as("call | line | why: %s", line).hasSize(3);
                allowed.add(new Allowed(parts[0].strip(), parts[1].strip(), parts[2].strip()));
            }
        }
        return allowed;
    }
}
