package org.merlinmq.verification.replication;

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
import org.merlinmq.verification.server.Ports;
import org.merlinmq.verification.server.Repository;

/** {@code bin/mqbroker} as a member of the broker group broker-a, set up by a file as RocketMQ's users have it. */
final class OurBroker implements AutoCloseable {
    private static final String FILE = "broker.properties";
    /** What a server prints that has started. */
    static final Pattern READY = Pattern.compile("(?m)^ready in ");

    private final Path folder;
    private final int port;
    private final Child process;

    /** Starts it in a role, and waits until it has printed that it is ready. */
    OurBroker(String role, Path folder, InetSocketAddress nameserver, int segmentBytes) throws IOException {
        this(role, folder, nameserver, segmentBytes, Ports.forBroker(), List.of());
    }

    /** The same on a port, with more lines in its file. */
    OurBroker(String role, Path folder, InetSocketAddress nameserver, int segmentBytes, int port, List<String> more)
            throws IOException {
        this.folder = folder;
        this.port = port;
        Files.createDirectories(folder);
        List<String> lines = new ArrayList<>(List.of(
                "brokerClusterName=DefaultCluster",
                "brokerName=broker-a",
                "brokerId=" + (role.equals("SLAVE") ? 1 : 0),
                "brokerRole=" + role,
                "brokerIP1=127.0.0.1",
                "namesrvAddr=127.0.0.1:" + nameserver.getPort(),
                "listenPort=" + port,
                "storePathRootDir=" + folder.resolve("store"),
                "mappedFileSizeCommitLog=" + segmentBytes,
                "diskMaxUsedSpaceRatio=99", // the disk is the machine's
                "diskSpaceCleanForciblyRatio=99",
                "diskSpaceWarningLevelRatio=99",
                "bindAddress=127.0.0.1",
                "console.port=0"));
        lines.addAll(more);
        Files.write(folder.resolve(FILE), lines);
        process = start(role);
    }

    private Child start(String role) {
        // Another one may have been started here: its output would be taken for this one's.
        Path out = folder.resolve("out");
        for (int starts = 1; Files.exists(out); starts++) {
            out = folder.resolve("out." + starts);
        }
        String script = Repository.root().resolve("bin/mqbroker").toString();
        List<String> command = new ArrayList<>(List.of(script, "-c", FILE));
        if (!role.equals("SLAVE")) {
            command.add("--adopt"); // the folder may be that of a slave
        }
        Child started = new Child(command, folder, Map.of("MERLIN_JAVA_HOME", System.getProperty("java.home")), out);
        started.await("the start block", () -> READY.matcher(started.output()).find());
        return started;
    }

    InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    /** What it printed since its last start. */
    String output() {
        return process.output();
    }

    /** SIGKILL. */
    void kill() {
        process.kill();
    }

    @Override
    public void close() {
        process.stop();
    }
}
