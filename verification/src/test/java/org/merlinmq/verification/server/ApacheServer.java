package org.merlinmq.verification.server;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/** Apache's own name server and broker, from the jars that {@code verification/resolve apache} fetched. */
final class ApacheServer implements Server {
    private static final List<String> OPENED = List.of(
            "--add-opens=java.base/java.nio=ALL-UNNAMED",
            "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
            "--add-opens=java.base/java.lang=ALL-UNNAMED",
            "--add-opens=java.base/jdk.internal.ref=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow");

    /** From this share of the disk on the 5 line stores nothing, whatever is set. */
    private static final double MOST_USED = 0.9;

    private final String version;
    private final Path folder;
    private final Map<String, String> settings;
    private final @Nullable InetSocketAddress foreignNameserver;
    private InetSocketAddress nameserver;
    private InetSocketAddress broker;
    private @Nullable Child nameserverProcess;
    private Child brokerProcess;

    ApacheServer(String version, Path folder, Map<String, String> settings) {
        this(version, folder, settings, null);
    }

    ApacheServer(
            String version, Path folder, Map<String, String> settings, @Nullable InetSocketAddress foreignNameserver) {
        this.version = version;
        this.foreignNameserver = foreignNameserver;
        this.folder = folder;
        this.settings = settings;
        assumeThatTheDiskIsNotTooFull();
        startBoth();
        try {
            awaitReady();
        } catch (IllegalStateException ended) {
            close();
            if (!aPortWasTaken()) {
                throw ended;
            }
            startBoth();
            awaitReady();
        }
    }

    private void assumeThatTheDiskIsNotTooFull() {
        File disk = folder.toFile();
        long used = disk.getTotalSpace() - disk.getFreeSpace();
        double share = (double) used / Math.max(1, used + disk.getUsableSpace());
        Assumptions.assumeTrue(
                version.startsWith("4.") || share < MOST_USED,
                () -> "Apache's server " + version + " stores nothing on a disk that is " + Math.round(share * 100)
                        + " % full");
    }

    private void startBoth() {
        nameserver = foreignNameserver != null
                ? foreignNameserver
                : new InetSocketAddress(InetAddress.getLoopbackAddress(), Ports.any());
        broker = new InetSocketAddress(InetAddress.getLoopbackAddress(), Ports.forBroker());
        try {
            writeConfiguration();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        nameserverProcess = foreignNameserver != null ? null : start("namesrv", "namesrv.NamesrvStartup", "192m");
        brokerProcess = start("broker", "broker.BrokerStartup", "512m");
    }

    /** Another process may take a port after it was found free. */
    private boolean aPortWasTaken() {
        String printed = brokerProcess.output() + (nameserverProcess == null ? "" : nameserverProcess.output());
        return printed.contains("Address already in use");
    }

    private void writeConfiguration() throws IOException {
        Files.createDirectories(folder.resolve("conf"));
        for (String process : List.of("namesrv", "broker")) { // the 4 line logs only what it is told to
            Files.writeString(
                    folder.resolve("conf/logback_" + process + ".xml"),
                    "<configuration><appender name=\"F\" class=\"ch.qos.logback.core.FileAppender\"><file>"
                            + folder.resolve(process + ".log")
                            + "</file><encoder><pattern>%d %p %t - %m%n</pattern></encoder></appender>"
                            + "<root level=\"INFO\"><appender-ref ref=\"F\"/></root></configuration>\n");
        }
        Files.writeString(folder.resolve("namesrv.conf"), "listenPort=" + nameserver.getPort() + "\n");
        Map<String, String> all = new LinkedHashMap<>();
        all.put("brokerClusterName", "DefaultCluster");
        all.put("brokerName", "broker-a");
        all.put("brokerId", "0");
        all.put("brokerIP1", "127.0.0.1");
        all.put("brokerIP2", "127.0.0.1");
        all.put("listenPort", Integer.toString(broker.getPort()));
        all.put("haListenPort", Integer.toString(broker.getPort() + 1)); // the 4 line knows no other
        all.put("namesrvAddr", "127.0.0.1:" + nameserver.getPort());
        all.put("storePathRootDir", folder.resolve("store").toString());
        all.put("storePathCommitLog", folder.resolve("store/commitlog").toString());
        all.put("mappedFileSizeCommitLog", Integer.toString(64 << 20));
        all.put("brokerFastFailureEnable", "false"); // on a busy machine it would throw sends away after 200 ms
        all.put("cleanFileForciblyEnable", "false"); // the disk is the machine's and may be fuller than 85 %
        all.putAll(settings);
        all.put("mapedFileSizeCommitLog", all.get("mappedFileSizeCommitLog")); // how 4.4 spells it
        Files.writeString(
                folder.resolve("broker.conf"),
                all.entrySet().stream()
                        .map(entry -> entry.getKey() + "=" + entry.getValue() + "\n")
                        .collect(Collectors.joining()));
    }

    static Path jars(String version) {
        return Repository.target().resolve("apache").resolve(version).resolve("lib");
    }

    private Child start(String process, String mainClass, String heap) {
        Path jars = jars(version);
        if (!Files.isDirectory(jars)) {
            throw new IllegalStateException(jars + " is not there: run verification/resolve apache");
        }
        List<String> command = new ArrayList<>(
                List.of(Repository.java(), "-Xmx" + heap, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        command.add("-XX:MaxDirectMemorySize=512m");
        command.add("-Drocketmq.broker.diskSpaceWarningLevelRatio=0.99"); // which the 5 line takes as 0.9
        command.addAll(OPENED);
        command.addAll(List.of("-Duser.home=" + folder, "-Drocketmq.home.dir=" + folder));
        // It leaves keys, certificates and a native library there, also when it ends in good order.
        command.add("-Djava.io.tmpdir=" + folder);
        command.addAll(List.of("-cp", jars + "/*", "org.apache.rocketmq." + mainClass));
        command.addAll(List.of("-c", folder.resolve(process + ".conf").toString()));
        return new Child(command, folder, Map.of(), folder.resolve(process + ".out"));
    }

    private void awaitReady() {
        if (nameserverProcess != null) {
            nameserverProcess.await("a listening nameserver", () -> Readiness.listens(nameserver));
        }
        brokerProcess.await("readiness", () -> Readiness.of(nameserver, broker));
    }

    @Override
    public String name() {
        return "apache-" + version;
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
    public long pid() {
        return brokerProcess.pid();
    }

    @Override
    public void kill() {
        brokerProcess.kill();
    }

    @Override
    public void startAgain() {
        brokerProcess = start("broker", "broker.BrokerStartup", "512m");
        awaitReady();
    }

    @Override
    public void close() {
        brokerProcess.stop();
        if (nameserverProcess != null) {
            nameserverProcess.stop();
        }
    }
}
