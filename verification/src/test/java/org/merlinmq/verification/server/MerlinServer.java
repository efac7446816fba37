package org.merlinmq.verification.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Our server as users start it: {@code bin/merlin start}, the addresses read from what it prints.
 *
 * <p>{@code -Dverification.heap=64m} bounds its heap, and {@code -Dverification.cgroup=FOLDER} puts it into a control
 * group that is there already; {@code verification/small-memory} uses both.
 */
final class MerlinServer implements Server {
    private static final String HEAP = System.getProperty("verification.heap", "");
    private static final String CGROUP = System.getProperty("verification.cgroup", "");
    private static final String ENTER = "echo $$ >\"$0/cgroup.procs\" && exec \"$@\"";
    /** The disk is the machine's: it may be fuller than the defaults allow, and old messages are not to go. */
    private static final Map<String, String> ANY_DISK =
            Map.of("storage.disk-max-used", "99", "storage.disk-force", "99", "storage.disk-refuse", "99");

    private static final Pattern READY = Pattern.compile("(?m)^ready in ");

    private final Path folder;
    private final Path data;
    private final Map<String, String> settings;
    private final String javaOptions;
    private Child process;
    private InetSocketAddress nameserver;
    private InetSocketAddress broker;
    private InetSocketAddress console;
    private int starts;

    MerlinServer(Path folder, Path data, Map<String, String> settings) {
        this(folder, data, settings, HEAP.isEmpty() ? "" : "-Xmx" + HEAP);
    }

    MerlinServer(Path folder, Path data, Map<String, String> settings, String javaOptions) {
        if (!isPackaged()) {
            throw new IllegalStateException("server/target/dist/lib has no jars: ./build packages the server");
        }
        this.folder = folder;
        this.data = data;
        this.settings = new LinkedHashMap<>(ANY_DISK);
        this.settings.putAll(settings);
        this.javaOptions = javaOptions;
        process = start(0, 0);
        String block = awaitStartBlock();
        nameserver = address(block, "nameserver");
        broker = address(block, "broker");
        console = address(block, "console");
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
        List<String> command = new ArrayList<>();
        if (!CGROUP.isEmpty()) {
            command.addAll(List.of("sh", "-c", ENTER, CGROUP));
        }
        command.addAll(List.of(Repository.root().resolve("bin/merlin").toString(), "start"));
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
        Map<String, String> environment = new HashMap<>(Map.of("MERLIN_JAVA_HOME", java.toString()));
        if (!javaOptions.isEmpty()) {
            environment.put("MERLIN_JAVA_OPTS", javaOptions);
        }
        return new Child(command, folder, environment, folder.resolve("out." + starts));
    }

    private String awaitStartBlock() {
        process.await("the start block", () -> READY.matcher(process.output()).find());
        return process.output();
    }

    private static InetSocketAddress address(String block, String part) {
        Matcher line = Pattern.compile("(?m)^\\s*" + part + "\\s+\\S*:(\\d+)").matcher(block);
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
    public InetSocketAddress console() {
        return console;
    }

    @Override
    public long pid() {
        return process.pid();
    }

    @Override
    public String output() {
        return process.output();
    }

    @Override
    public void kill() {
        process.kill();
    }

    @Override
    public void startAgain() {
        process = start(nameserver.getPort(), broker.getPort());
        console = address(awaitStartBlock(), "console");
        process.await("readiness", () -> Readiness.of(nameserver, broker));
    }

    @Override
    public void close() {
        process.stop();
    }
}
