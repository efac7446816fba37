package org.merlinmq.verification.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.merlinmq.verification.server.Repository;

/**
 * Two nameservers and some brokers, each on a machine of its own, set up by the files of a folder of {@code conf}; and a machine
 * for the clients. Threading: one thread.
 */
final class Cluster implements AutoCloseable {
    /** As the brokers and the clients have them. */
    static final String NAMESERVERS = "ns1:9876;ns2:9876";

    /** The versions of the official clients: those that each build can pay for, or others. */
    static final List<String> VERSIONS =
            List.of(System.getProperty("cluster.clients", "4.9.8,5.5.0").split(",", -1));

    private static final String CLIENT = "client";
    private static final String SLAVE = "-s";
    private static final int SMALL_DISK_MB = 160;
    private static final int SMALL_LOG_BYTES = 4 << 20;

    private final Network network;
    private final Setup setup;
    private final Map<String, Member> members = new LinkedHashMap<>();
    private final List<Recorder> recorders = new ArrayList<>();

    /**
     * How the brokers are set up.
     *
     * @param conf a folder of {@code conf}; its files are used as they are, if the rest is false
     * @param small files of a few megabytes for the log, and for each slave a disk that can be filled
     * @param members master and slave are members of a group, and take over from each other by command
     */
    record Setup(String conf, boolean small, boolean members) {
        /** Whether a send is answered when a slave has the message as well. */
        boolean sync() {
            return conf.endsWith("-sync");
        }

        /** What is added to the file of a broker. */
        private List<String> moreLines(String broker) {
            List<String> lines = new ArrayList<>();
            if (small) {
                lines.add("mappedFileSizeCommitLog=" + SMALL_LOG_BYTES);
            }
            if (members) {
                String master = master(broker);
                lines.add("broker.members=0@" + master + ":10912;1@" + master + SLAVE + ":10912");
                lines.add("inSyncReplicas=" + (sync() ? 2 : 1));
            }
            return lines;
        }
    }

    private Cluster(Network network, Setup setup) {
        this.network = network;
        this.setup = setup;
    }

    /**
     * Starts a cluster and waits until all its servers are ready. Skips the test where there can be no network namespaces.
     *
     * @param folder an empty folder, for all files of the cluster
     * @param brokers the names of their files, without the ending; slaves' names end with {@code -s}
     */
    static Cluster start(Path folder, Setup setup, String... brokers) throws IOException {
        String[] names = Stream.concat(Stream.of("ns1", "ns2", CLIENT), Stream.of(brokers))
                .toArray(String[]::new);
        Cluster cluster = new Cluster(Network.of(folder, names), setup);
        try {
            for (String name : List.of("ns1", "ns2")) {
                cluster.add(name, new Member(cluster.network.host(name), "mqnamesrv", List.of()));
            }
            cluster.members.values().forEach(Member::awaitReady);
            for (String broker : brokers) {
                cluster.addBroker(broker);
            }
            for (String broker : brokers) {
                cluster.member(broker).awaitReady();
            }
            return cluster;
        } catch (IOException | RuntimeException | AssertionError e) {
            cluster.close();
            throw e;
        }
    }

    private void addBroker(String name) throws IOException {
        Path file = Repository.root().resolve("conf").resolve(setup.conf()).resolve(name + ".properties");
        Host host = network.host(name);
        List<String> more = setup.moreLines(name);
        if (!more.isEmpty()) {
            List<String> lines = new ArrayList<>(Files.readAllLines(file));
            lines.addAll(more);
            file = Files.write(host.folder().resolve(name + ".properties"), lines);
        }
        if (setup.small() && name.endsWith(SLAVE)) {
            host.mountMemory(host.folder().resolve("data"), SMALL_DISK_MB);
        }
        add(name, new Member(host, "mqbroker", List.of("-c", file.toString(), "-n", NAMESERVERS)));
    }

    /** The name of a broker's group, which is that of the file of its first master. */
    static String master(String broker) {
        return broker.endsWith(SLAVE) ? broker.substring(0, broker.length() - SLAVE.length()) : broker;
    }

    private void add(String name, Member member) {
        members.put(name, member);
        member.start();
    }

    Network network() {
        return network;
    }

    Setup setup() {
        return setup;
    }

    /** The machine of the clients. */
    Host client() {
        return network.host(CLIENT);
    }

    Member member(String name) {
        Member member = members.get(name);
        if (member == null) {
            throw new IllegalArgumentException("no " + name + " in " + members.keySet());
        }
        return member;
    }

    /** Starts clients that record; they end with the cluster. */
    Recorder record(String version, String topic, String name, String... roles) throws IOException {
        Recorder recorder = new Recorder(client(), version, NAMESERVERS, topic, name, roles);
        recorders.add(recorder);
        return recorder;
    }

    /** What a command of a version of the official mqadmin prints on the clients' machine. */
    String mqadmin(String version, String command) throws IOException {
        Path jars = Repository.target().resolve("tools").resolve(version);
        Path home = client().folder().resolve("home-" + version);
        Path conf = Files.createDirectories(home.resolve("conf"));
        for (String name : List.of("logback_tools.xml", "rmq.tools.logback.xml")) {
            Files.writeString(conf.resolve(name), "<configuration/>\n");
        }
        List<String> java = List.of(
                "env",
                "ROCKETMQ_HOME=" + home,
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
                "-Drocketmq.namesrv.addr=" + NAMESERVERS,
                "-cp",
                jars.resolve("classes") + ":" + jars.resolve("lib") + "/*",
                "org.merlinmq.verification.tools.Commands",
                NAMESERVERS);
        Process process = new ProcessBuilder(client().inside(java))
                .redirectError(home.resolve("tool.err").toFile())
                .start();
        try (var in = process.outputWriter(StandardCharsets.UTF_8)) {
            in.write(command.replace(' ', '\t') + "\n");
        }
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        recorders.forEach(Recorder::close);
        // killed, since a server that is paused does not stop in order
        members.values().forEach(Member::kill);
        network.close();
    }
}
