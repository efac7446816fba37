package org.merlinmq.verification.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.merlinmq.protocol.json.JsonException;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.verification.server.Repository;
import org.merlinmq.verification.server.Server;

/** One client process that plays all scenarios, each of whose results becomes a test; or one scenario alone. */
public final class ClientRun {
    /** Plays only these scenarios, separated by commas. */
    private static final String ONLY = System.getProperty("verification.only", "");

    /** Has scenarios repeat so often what goes wrong only now and then, and measure instead of look. */
    private static final String ROUNDS = System.getProperty("verification.rounds", "");

    static final Duration LONGEST = Duration.ofMinutes(6);

    private final Path output;
    private final Process process;
    private final Map<String, CompletableFuture<JsonObject>> results = new LinkedHashMap<>();
    private final CompletableFuture<List<String>> names = new CompletableFuture<>();

    private ClientRun(String client, List<String> command, Server server, String only) throws IOException {
        Path folder = Files.createDirectories(Repository.target().resolve("runs"));
        output = folder.resolve(client + ".out");
        List<String> whole = new ArrayList<>(command);
        whole.addAll(options(client, server));
        if (!only.isEmpty()) {
            whole.addAll(List.of("--only", only));
        }
        if (!ROUNDS.isEmpty()) {
            whole.addAll(List.of("--rounds", ROUNDS));
        }
        process = new ProcessBuilder(whole)
                .directory(folder.toFile())
                .redirectError(folder.resolve(client + ".err").toFile())
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        Thread reader = new Thread(this::readReport, "report-" + client);
        reader.setDaemon(true);
        reader.start();
    }

    /** A run of the Java client of a version, as tests. */
    static Stream<DynamicTest> java(String version, Server server) throws Exception {
        return new ClientRun(version, javaClient(version, "Main"), server, ONLY).tests();
    }

    /** Chosen scenarios, separated by commas, of a run of the Java client of a version, on a server that others do not use. */
    static Stream<DynamicTest> java(String version, Server server, String scenarios) throws Exception {
        String client = version + "-" + server.name();
        return new ClientRun(client, javaClient(version, "Main"), server, scenarios)
                .tests()
                .map(test -> DynamicTest.dynamicTest(client + " " + test.getDisplayName(), test.getExecutable()));
    }

    /** What each run is given: the server, and a name that no other run has. */
    static List<String> options(String client, Server server) {
        String run = client.replace('.', '_') + "_" + Long.toString(System.currentTimeMillis(), 36);
        String nameserver = "127.0.0.1:" + server.nameserver().getPort();
        return List.of("--namesrv", nameserver, "--server", server.name(), "--run", run);
    }

    /**
     * The bodies that a push consumer of a version gets of a topic, sorted; also where only a slave is up.
     *
     * @param version of the Java client
     * @param nameserver that it asks
     * @param topic the topic
     * @param group of the consumer
     * @param file where the lines go; it is overwritten
     * @param count how many it waits for
     */
    public static List<String> consume(
            String version, InetSocketAddress nameserver, String topic, String group, Path file, int count)
            throws IOException, InterruptedException {
        return consume(version, nameserver, topic, group, file, Integer.toString(count));
    }

    /** As {@link #consume}; the consumer commits what it consumed, and stops. */
    public static List<String> consumeAndCommit(
            String version, InetSocketAddress nameserver, String topic, String group, Path file, int count)
            throws IOException, InterruptedException {
        return consume(version, nameserver, topic, group, file, Integer.toString(count), "commit");
    }

    private static List<String> consume(
            String version, InetSocketAddress nameserver, String topic, String group, Path file, String... how)
            throws IOException, InterruptedException {
        List<String> arguments =
                new ArrayList<>(List.of("127.0.0.1:" + nameserver.getPort(), topic, group, file.toString()));
        arguments.addAll(List.of(how));
        toItsEnd(javaClient(version, "Consume", arguments.toArray(String[]::new)), "consuming " + topic, file);
        return Files.readAllLines(file);
    }

    /** Runs a program that writes a file; what else it says goes beside that. */
    private static void toItsEnd(List<String> command, String what, Path file)
            throws IOException, InterruptedException {
        Path output = file.resolveSibling(file.getFileName() + ".out");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        boolean ended = process.waitFor(2, TimeUnit.MINUTES);
        process.destroyForcibly();
        assertThat(ended && process.exitValue() == 0)
                .as(() -> what + ", see " + output)
                .isTrue();
    }

    /** The command that runs a program of verification/clients on the Java client of a version. */
    public static List<String> javaClient(String version, String program, String... arguments) throws IOException {
        Path folder = Repository.target().resolve("clients").resolve(version);
        assertThat(folder.resolve("lib"))
                .withFailMessage("%s is not there: run verification/resolve", folder.resolve("lib"))
                .isDirectory();
        Path home = Files.createDirectories(Repository.target().resolve("runs/home-" + version));
        List<String> command = new ArrayList<>(List.of(
                Repository.java(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                // for the Netty 4.0 of client 4.4.0
                "--add-opens=java.base/java.nio=ALL-UNNAMED",
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Duser.home=" + home,
                "-Drocketmq.client.logRoot=" + home,
                "-Drocketmq.client.logLevel=WARN",
                "-Drocketmq.client.localOffsetStoreDir=" + home.resolve("offsets"),
                "-cp",
                folder.resolve("classes") + ":" + folder.resolve("lib") + "/*",
                "org.merlinmq.verification.clients." + program));
        command.addAll(List.of(arguments));
        return command;
    }

    /** A run of the npm client, as tests; skipped where there is no Node. */
    static Stream<DynamicTest> node(Server server) throws Exception {
        Path modules = Repository.target().resolve("node/node_modules");
        Assumptions.assumeTrue(Files.isDirectory(modules), modules + " is not there: verification/resolve needs npm");
        Path program = Repository.root().resolve("verification/clients/node/scenarios.js");
        List<String> command = List.of("node", program.toString(), "--modules", modules.toString());
        return new ClientRun("node", command, server, ONLY).tests();
    }

    private Stream<DynamicTest> tests() throws Exception {
        List<String> scenarios = names.get(60, TimeUnit.SECONDS);
        assertThat(scenarios).isNotEmpty();
        return scenarios.stream().map(name -> DynamicTest.dynamicTest(name, () -> mustPass(name)));
    }

    private void mustPass(String name) throws InterruptedException, ExecutionException {
        CompletableFuture<JsonObject> result;
        synchronized (results) {
            result = results.computeIfAbsent(name, key -> new CompletableFuture<>());
        }
        try {
            JsonObject report = result.get(LONGEST.toSeconds(), TimeUnit.SECONDS);
            if (!report.requiredText("result").equals("passed")) {
                fail(name + ": " + report.requiredText("sentence") + " (all facts: " + output + ")");
            }
        } catch (TimeoutException late) {
            process.destroyForcibly();
            fail(name + ": no result within " + LONGEST + " (facts so far: " + output + ")");
        }
    }

    private void readReport() {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
                var copy = Files.newBufferedWriter(output)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                copy.write(line + "\n");
                copy.flush();
                take(line);
            }
            end("the client ended with exit code " + process.waitFor() + " before this scenario did");
        } catch (IOException | JsonException e) {
            end("the client's report could not be read: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void take(String line) {
        JsonObject report = JsonReader.readObject(line.getBytes(StandardCharsets.UTF_8));
        String list = report.text("scenarios");
        if (list != null) {
            names.complete(List.of(list.split(" ")));
        } else if (report.text("result") != null) {
            synchronized (results) {
                results.computeIfAbsent(report.requiredText("scenario"), key -> new CompletableFuture<>())
                        .complete(report);
            }
        }
    }

    private void end(String sentence) {
        names.completeExceptionally(new IllegalStateException(sentence));
        List<String> all = names.isCompletedExceptionally() ? List.of() : names.join();
        synchronized (results) {
            for (String name : all) {
                results.computeIfAbsent(name, key -> new CompletableFuture<>())
                        .completeExceptionally(new IllegalStateException(sentence));
            }
        }
    }
}
