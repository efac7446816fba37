package org.merlinmq.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.merlinmq.client.Admin;
import org.merlinmq.client.ClientConfig;
import org.merlinmq.client.ClientException;
import org.merlinmq.protocol.body.ReplicationStatus;

/**
 * A cluster to try: two nameservers, two masters and a slave of each, processes of this machine that only it can reach.
 *
 * <p>Threading: one thread, and the one that ends the program.
 */
final class DemoCluster {
    private static final Pattern READY = Pattern.compile("(?m)^ready in ");
    private static final long LOOK_MILLIS = 50;
    private static final long START_SECONDS = 60;
    private static final long STOP_SECONDS = 20;
    private static final int PORTS_OF_A_BROKER = 10;
    private static final List<String> GROUPS = List.of("broker-a", "broker-b");

    private final Path folder;
    private final int nameserverPort;
    private final int brokerPort;
    private final boolean sync;
    private final Path scripts = scripts();

    /** Guarded by this. */
    private final List<Server> servers = new ArrayList<>();

    private boolean stopping;

    private record Server(String name, int port, Path output, Process process) {}

    DemoCluster(Path folder, int nameserverPort, int brokerPort, boolean sync) {
        this.folder = folder;
        this.nameserverPort = nameserverPort;
        this.brokerPort = brokerPort;
        this.sync = sync;
    }

    /** Where bin/launch found itself. */
    private static Path scripts() {
        String home = System.getProperty("merlin.home");
        if (home == null) {
            throw new CommandFailure("the demo starts servers by the scripts; start it as bin/merlin cluster demo");
        }
        return Path.of(home, "bin");
    }

    /** Starts all, prints what there is to try, and returns when all have ended. */
    void run() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "demo-stop"));
        try {
            for (int i = 0; i < 2; i++) {
                start("mqnamesrv", "nameserver-" + (i + 1), nameserverPort + i, List.of());
            }
            for (int id = 0; id < 2; id++) {
                for (int group = 0; group < GROUPS.size(); group++) {
                    broker(group, id);
                }
            }
            awaitAll();
            print(awaitMasters());
            for (Server server : started()) {
                server.process.waitFor();
            }
        } catch (IOException failed) {
            throw new UncheckedIOException("the demo cannot be set up in " + folder, failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } finally {
            stop();
        }
    }

    private void broker(int group, int id) throws IOException {
        String name = GROUPS.get(group);
        int port = port(group, id);
        String master = sync ? "SYNC_MASTER" : "ASYNC_MASTER";
        start(
                "mqbroker",
                id == 0 ? name : name + "-s",
                port,
                List.of(
                        "brokerClusterName=DemoCluster",
                        "brokerName=" + name,
                        "brokerId=" + id,
                        "brokerRole=" + (id == 0 ? master : "SLAVE"),
                        "broker.members=" + member(group, 0) + ";" + member(group, 1),
                        "inSyncReplicas=" + (sync ? 2 : 1),
                        "haListenPort=" + (port + 1),
                        "namesrvAddr=" + nameservers(),
                        "brokerIP1=127.0.0.1",
                        "mappedFileSizeCommitLog=67108864",
                        "console.enabled=false"));
    }

    private int port(int group, int id) {
        return brokerPort + PORTS_OF_A_BROKER * (group + GROUPS.size() * id);
    }

    private String member(int group, int id) {
        return id + "@127.0.0.1:" + (port(group, id) + 1);
    }

    private String nameservers() {
        return "127.0.0.1:" + nameserverPort + ";127.0.0.1:" + (nameserverPort + 1);
    }

    private void start(String script, String name, int port, List<String> settings) throws IOException {
        Path own = folder.resolve(name);
        Files.createDirectories(own);
        List<String> lines = new ArrayList<>(List.of(
                "# Written by merlin cluster demo at each start.",
                "listenPort=" + port,
                "bindAddress=127.0.0.1",
                "storePathRootDir=" + own.resolve("store")));
        lines.addAll(settings);
        Path file = own.resolve(name + ".properties");
        Files.write(file, lines);
        Path output = own.resolve("out");
        ProcessBuilder builder = new ProcessBuilder(scripts.resolve(script).toString(), "-c", file.toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        // Six of them at once: small ones, and none trains for a faster start.
        builder.environment().put("MERLIN_AOT", "off");
        builder.environment().put("MERLIN_JAVA_OPTS", "-Xmx192m");
        synchronized (this) {
            if (!stopping) {
                servers.add(new Server(name, port, output, builder.start()));
            }
        }
    }

    private synchronized List<Server> started() {
        return List.copyOf(servers);
    }

    private void awaitAll() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        for (Server server : started()) {
            while (!READY.matcher(Files.readString(server.output)).find()) {
                if (!server.process.isAlive() || System.nanoTime() - deadline > 0) {
                    throw new CommandFailure(
                            server.name + " did not start; it printed:\n" + Files.readString(server.output));
                }
                Thread.sleep(LOOK_MILLIS);
            }
        }
    }

    /** Returns the ports of the masters. A new group has one when all of it are there; one that ran before, whoever led last. */
    private Set<Integer> awaitMasters() throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        Set<Integer> masters = new HashSet<>();
        try (Admin admin = Admin.open(ClientConfig.of(nameservers()))) {
            while (masters.size() < GROUPS.size()) {
                if (System.nanoTime() - deadline > 0) {
                    throw new CommandFailure(
                            "there are not " + GROUPS.size() + " masters after " + START_SECONDS + " s");
                }
                Thread.sleep(LOOK_MILLIS);
                for (int group = 0; group < GROUPS.size(); group++) {
                    for (int id = 0; id < 2; id++) {
                        if (leads(admin, "127.0.0.1:" + port(group, id))) {
                            masters.add(port(group, id));
                        }
                    }
                }
            }
        }
        return masters;
    }

    /** Its ports are closed for a moment when it takes the role. */
    private static boolean leads(Admin admin, String address) {
        try {
            ReplicationStatus status = admin.replication(address);
            return status != null && status.role().equals(ReplicationStatus.MASTER);
        } catch (ClientException away) {
            return false;
        }
    }

    private void print(Set<Integer> masters) {
        Table table = new Table("SERVER", "ROLE", "ADDRESS", "PROCESS");
        Server master = started().getFirst();
        for (Server server : started()) {
            boolean leads = masters.contains(server.port);
            String role = server.name.startsWith("nameserver") ? "nameserver" : leads ? "master" : "slave";
            table.row(server.name, role, "127.0.0.1:" + server.port, server.process.pid());
            master = leads && server.name.startsWith(GROUPS.getFirst()) ? server : master;
        }
        table.print(System.out);
        String merlin = scripts.resolve("merlin").toString();
        String promote = sync ? "" : " --force   # it may lack what was sent last";
        System.out.println("""

                All of it lies in %1$s.
                Try, in another window:
                  export NAMESRV_ADDR='%2$s'
                  %3$s cluster status
                  %3$s topic create Try --queues 4
                  seq 1000 | %3$s send Try --file -
                  kill -9 %4$d        # the master of broker-a: its slave goes on serving what was sent
                  %3$s consume Try --from first --count 1000
                  %3$s cluster promote broker-a%5$s
                  %6$s -c %7$s   # the former master: it follows now
                Ctrl-C stops all of them.""".formatted(
                        folder,
                        nameservers(),
                        merlin,
                        master.process.pid(),
                        promote,
                        scripts.resolve("mqbroker"),
                        folder.resolve(master.name).resolve(master.name + ".properties")));
        System.out.flush();
    }

    /** Asks all to stop, brokers first, and ends those that do not. */
    private void stop() {
        List<Server> all;
        synchronized (this) {
            stopping = true;
            all = List.copyOf(servers).reversed();
        }
        all.forEach(server -> server.process.destroy());
        for (Server server : all) {
            try {
                if (!server.process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                    server.process.destroyForcibly();
                }
            } catch (InterruptedException interrupted) {
                server.process.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
    }
}
