package org.merlinmq.verification.apart;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.merlinmq.verification.server.Child;
import org.merlinmq.verification.server.Repository;

/**
 * One of the scripts of {@code bin}, as a process; what it prints lies beside its configuration.
 *
 * @param process what was started
 * @param port where it listens, or 0
 */
record Script(Child process, int port) implements AutoCloseable {
    private static final Pattern READY = Pattern.compile("(?m)^ready in ");

    /** Starts a script in a folder; its output goes to {@code outputName} there. */
    static Child run(Path folder, String outputName, String script, String... arguments) {
        List<String> command = new ArrayList<>(
                List.of(Repository.root().resolve("bin").resolve(script).toString()));
        command.addAll(List.of(arguments));
        Map<String, String> environment = Map.of("MERLIN_JAVA_HOME", System.getProperty("java.home"));
        return new Child(command, folder, environment, folder.resolve(outputName));
    }

    /** Starts a server with a {@code .properties} file of these lines, and waits until it is ready. */
    static Script start(Path folder, String name, int port, List<String> properties, String... command)
            throws IOException {
        Path file = folder.resolve(name + ".properties");
        Files.write(file, properties);
        List<String> arguments = new ArrayList<>(List.of(command).subList(1, command.length));
        arguments.addAll(List.of("-c", file.getFileName().toString()));
        Child process = run(folder, name + ".out", command[0], arguments.toArray(String[]::new));
        Script started = new Script(process, port);
        started.awaitReady();
        return started;
    }

    /** Waits for the lines that a server prints when it is ready. */
    void awaitReady() {
        process.await("the start block", () -> READY.matcher(process.output()).find());
    }

    InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    /** As a client's or a broker's configuration has it. */
    String hostAndPort() {
        return "127.0.0.1:" + port;
    }

    @Override
    public void close() {
        process.stop();
    }
}
