package org.merlinmq.verification.mqadmin;

import static java.util.Objects.requireNonNull;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.merlinmq.verification.server.Repository;
import org.merlinmq.verification.server.Server;

/** The official {@code mqadmin} of a version, in a process of its own that runs one command after another. */
final class Tool implements AutoCloseable {
    /** The id of the client that {@code @clients} starts, as {@code consumerConnection} lists it. */
    static final Pattern CLIENT_ID = Pattern.compile("(?m)^\\S+@steady\\S*");

    private static final Pattern SENT_ID = Pattern.compile("\\b[0-9A-F]{32}([0-9A-F]{24})?\\b");

    private final Server server;
    private final Path folder;
    private final Path home;
    private final String version;
    private Process process;
    private DataInputStream out;
    private Writer in;
    private final Map<String, List<String>> heads = new LinkedHashMap<>();
    private String lastKey = "";
    private String lastId = "";
    private String client = "";

    /** Starts it; its home, and what commands write, lie in the folder. */
    Tool(String version, Server server, Path folder) throws IOException {
        this.version = version;
        this.server = server;
        this.folder = folder;
        home = Files.createDirectories(folder.resolve("home-" + version));
        Files.createDirectories(home.resolve("conf"));
        for (String name : List.of("logback_tools.xml", "rmq.tools.logback.xml")) {
            Files.writeString(home.resolve("conf").resolve(name), "<configuration/>\n");
        }
        Files.writeString(folder.resolve("topics.json"), """
                [{"topicName":"AdminListed","readQueueNums":2,"writeQueueNums":2,"perm":6,"topicFilterType":"SINGLE_TAG"}]
                """);
        Files.writeString(folder.resolve("groups.json"), "[{\"groupName\":\"AdminListed\",\"retryMaxTimes\":3}]\n");
        launch();
    }

    private void launch() throws IOException {
        Path jars = Repository.target().resolve("tools").resolve(version);
        if (!Files.isDirectory(jars.resolve("lib"))) {
            throw new IllegalStateException(jars + " is not there: run verification/resolve");
        }
        List<String> command = new ArrayList<>(List.of(
                Repository.java(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--sun-misc-unsafe-memory-access=allow",
                "--add-opens=java.base/java.nio=ALL-UNNAMED",
                "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "-Duser.home=" + home,
                "-Drocketmq.home.dir=" + home,
                "-Drocketmq.client.logRoot=" + home,
                "-Drocketmq.namesrv.addr=" + namesrv()));
        command.addAll(List.of("-cp", jars.resolve("classes") + ":" + jars.resolve("lib") + "/*"));
        command.addAll(List.of("org.merlinmq.verification.tools.Commands", namesrv()));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(home.toFile())
                .redirectError(home.resolve("tool.err").toFile());
        builder.environment().put("ROCKETMQ_HOME", home.toString());
        process = builder.start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        out = new DataInputStream(process.getInputStream());
        in = process.outputWriter(StandardCharsets.UTF_8);
    }

    private String namesrv() {
        return "127.0.0.1:" + server.nameserver().getPort();
    }

    private String broker() {
        return "127.0.0.1:" + server.broker().getPort();
    }

    /** What each command printed, as lines that hold nothing of the day, by the commands' names. */
    Map<String, List<String>> play(List<Command> script) throws IOException {
        Map<String, List<String>> printed = new LinkedHashMap<>();
        for (Command command : script) {
            String text = masked(run(command));
            printed.put(command.name(), Printed.lines(command, text));
            List<String> found = Printed.heads(text);
            if (!found.isEmpty()) {
                heads.put(command.name(), found);
            }
        }
        return printed;
    }

    /** The heads of the tables that the commands printed, by the commands' names. */
    Map<String, List<String>> heads() {
        return heads;
    }

    /** Runs a command; returns what it printed. */
    String run(Command command) throws IOException {
        List<String> arguments = command.arguments().stream().map(this::filled).toList();
        in.write(String.join("\t", arguments) + "\n");
        in.flush();
        String head = line(out);
        if (head == null) {
            // A command that cannot read its arguments ends the process.
            launch();
            return "the process ended\n";
        }
        String text = new String(
                out.readNBytes(Integer.parseInt(head.substring(head.indexOf(' ') + 1))), StandardCharsets.UTF_8);
        note(command, text);
        if (head.startsWith("late")) {
            launch();
            return text + "not ended within its time\n";
        }
        return text;
    }

    private static @Nullable String line(InputStream from) throws IOException {
        StringBuilder text = new StringBuilder();
        for (int c = from.read(); c != '\n'; c = from.read()) {
            if (c < 0) {
                return null;
            }
            text.append((char) c);
        }
        return text.toString();
    }

    /** The ids of a message that was sent or found serve the commands behind. */
    private void note(Command command, String text) {
        if (command.command().equals("sendMessage") || command.command().equals("@traced")) {
            Matcher id = SENT_ID.matcher(text);
            if (id.find()) {
                lastKey = id.group();
            }
        } else if (command.command().equals("consumerConnection")) {
            Matcher id = CLIENT_ID.matcher(text);
            if (id.find()) {
                client = id.group();
            }
        } else if (command.command().equals("queryMsgByOffset")) {
            for (String line : text.lines().toList()) {
                Matcher id = SENT_ID.matcher(line);
                if (line.startsWith("OffsetID") && id.find()) {
                    lastId = id.group();
                }
            }
        }
    }

    /** The argument with what stands for addresses and the like filled in. */
    String filled(String argument) {
        if ((argument.equals("$key") && lastKey.isEmpty()) || (argument.equals("$id") && lastId.isEmpty())) {
            throw new IllegalStateException("no command before has printed a message's " + argument);
        }
        if (argument.equals("$client") && client.isEmpty()) {
            throw new IllegalStateException("consumerConnection has listed no client");
        }
        return argument.replace("$ns", namesrv())
                .replace("$client", client)
                .replace("$broker", broker())
                .replace("$key", lastKey)
                .replace("$id", lastId)
                .replace("$folder", folder.toString());
    }

    /** The text without what is another at each run. */
    String masked(String text) {
        return text.replace(namesrv(), "NAMESRV")
                .replace(broker(), "BROKER")
                .replace(folder.toString(), "FOLDER")
                .replace(requireNonNull(home.getFileName()).toString(), "HOME");
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
