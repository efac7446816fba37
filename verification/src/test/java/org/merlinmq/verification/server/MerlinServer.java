package org.merlinmq.verification.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Our server as users start it: {@code bin/merlin start}, the addresses read from what it prints. */
final class MerlinServer implements Server {
    private static final Pattern READY = Pattern.compile("(?m)^ready in ");

    private final Path folder;
    private final Path data;
    private final Map<String, String> settings;
    private Child process;
    private InetSocketAddress nameserver;
    private InetSocketAddress broker;
    private int starts;

    MerlinServer(Path folder, Path data, Map<String, String> settings) {
        if (!isPackaged()) {
            throw new IllegalStateException("server/target/dist/lib has no jars: ./build packages the server");
        }
        this.folder = folder;
        this.data = data;
        this.settings = settings;
        process = start(0, 0);
        String block = awaitStartBlock();
        nameserver = address(block, "nameserver");
        broker = address(block, "broker");
        process.await("readiness", () -> Readiness.of(nameserver, broker));
    }

    private static boolean isPackaged() {
        Path jars = Repository.root().resolve("server/target/dist/lib");
        if (!Files.isDirectory(jars)) {
            return false;
        }
        try (DirectoryStream<Path> found = Files.newDirectoryStream(jars, "merlinmq-server-*.jar")) {
            return found.iterator().hasNext();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Child start(int nameserverPort, int brokerPort) {
        // Another server may have been started here: its output would be taken for this one's.
        do {
            starts++;
        } while (Files.exists(folder.resolve("out." + starts)));
        List<String> command =
                new ArrayList<>(List.of(Repository.root().resolve("bin/merlin").toString(), "start"));
        command.addAll(List.of("--data", data.toString()));
        command.addAll(List.of("--host", "127.0.0.1", "--console-port", "0"));
        command.addAll(List.of("--namesrv-port", Integer.toString(nameserverPort)));
        command.addAll(List.of("--broker-port", Integer.toString(brokerPort)));
        settings.forEach((name, value) -> command.addAll(List.of("--set", name + "=" + value)));
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Path java = Path.of(System.getProperty("java.home"));
        return new Child(command, folder, Map.of("MERLIN_JAVA_HOME", java.toString()), folder.resolve("out." + starts));
    }

    private String awaitStartBlock() {
        process.await("the start block", () -> READY.matcher(process.output()).find());
        return process.output();
    }

    private static InetSocketAddress address(String block, String part) {
        Matcher line = Pattern.compile("(?m)^\\s*" + part + "\\s+\\S*?:(\\d+)").matcher(block);
        if (!line.find()) {
            throw new IllegalStateException("the start block names no address of the " + part + ":\n" + block);
        }
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(line.group(1)));
    }

    @Override
    public String name() {
        return "merlin";
    }

    @Override
    public InetSocketAddress nameserver() {
        return nameserver;
    }

    @Override
    public InetSocketAddress broker() {
        return broker;
    }

    @Override
    public void kill() {
        process.kill();
    }

    @Override
    public void startAgain() {
        process = start(nameserver.getPort(), broker.getPort());
        awaitStartBlock();
        process.await("readiness", () -> Readiness.of(nameserver, broker));
    }

    @Override
    public void close() {
        process.stop();
    }
}
