package org.merlinmq.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

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

    private final Path folder;
    private final int nameserverPort;
    private final int brokerPort;
    private final boolean sync;
    private final Path scripts = scripts();

    /** Guarded by this. */
    private final List<Server> servers = new ArrayList<>();

    private boolean stopping;

    private record Server(String name, String role, int port, Path output, Process process) {}

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
                start("mqnamesrv", "nameserver-" + (i + 1), "nameserver", nameserverPort + i, List.of());
            }
            broker("broker-a", 0, 0);
            broker("broker-b", 0, 1);
            // A slave begins when its master is there.
            awaitAll();
            broker("broker-a", 1, 2);
            broker("broker-b", 1, 3);
            awaitAll();
            print();
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

    private void broker(String name, int id, int number) throws IOException {
        int port = brokerPort + PORTS_OF_A_BROKER * number;
        String master = sync ? "SYNC_MASTER" : "ASYNC_MASTER";
        start(
                "mqbroker",
                id == 0 ? name : name + "-s",
                id == 0 ? "master" : "slave",
                port,
                List.of(
                        "brokerClusterName=DemoCluster",
                        "brokerName=" + name,
                        "brokerId=" + id,
                        "brokerRole=" + (id == 0 ? master : "SLAVE"),
                        "namesrvAddr=" + nameservers(),
                        "brokerIP1=127.0.0.1",
                        "mappedFileSizeCommitLog=67108864",
                        "console.enabled=false"));
    }

    private String nameservers() {
        return "127.0.0.1:" + nameserverPort + ";127.0.0.1:" + (nameserverPort + 1);
    }

    private void start(String script, String name, String role, int port, List<String> settings) throws IOException {
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
                servers.add(new Server(name, role, port, output, builder.start()));
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

    private void print() {
        Table table = new Table("SERVER", "ROLE", "ADDRESS", "PROCESS");
        Server master = started().getFirst();
        for (Server server : started()) {
            table.row(server.name, server.role, "127.0.0.1:" + server.port, server.process.pid());
            master = server.name.equals("broker-a") ? server : master;
        }
        table.print(System.out);
        String merlin = scripts.resolve("merlin").toString();
        System.out.println("""

                All of it lies in %s.
                Try, in another window:
                  export NAMESRV_ADDR='%s'
                  %s cluster status
                  %s topic create Try --queues 4
                  seq 1000 | %s send Try --file -
                  kill -9 %d        # the master of broker-a: its slave goes on serving what was sent
                  %s consume Try --from first --count 1000
                Ctrl-C stops all of them.""".formatted(folder, nameservers(), merlin, merlin, merlin, master.process.pid(), merlin));
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
