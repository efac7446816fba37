package org.merlinmq.verification.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.merlinmq.verification.server.Repository;

/**
 * Some machines and the switch between them. Nothing of it is in the network of the machine that runs the tests, so that two
 * tests may have the same addresses.
 */
final class Network implements AutoCloseable {
    private final Map<String, Host> hosts = new LinkedHashMap<>();
    private final List<Host> made = new ArrayList<>();

    private Network() {}

    /** Makes one of these names; skips the test with a sentence where that is not permitted. */
    static Network of(Path folder, String... names) {
        Network network = new Network();
        try {
            network.build(folder, names);
        } catch (IOException e) {
            network.close();
            skip(folder, e);
        }
        return network;
    }

    private static void skip(Path folder, IOException reason) {
        String sentence = "no network namespaces here, which take root on Linux: " + reason.getMessage();
        try {
            Repository.addTotal(folder.getFileName() + ": SKIPPED, " + sentence);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Assumptions.abort(sentence);
    }

    private void build(Path folder, String... names) throws IOException {
        Files.createDirectories(folder);
        Path table = folder.resolve("hosts");
        List<String> lines = new ArrayList<>(List.of("127.0.0.1 localhost"));
        for (int i = 0; i < names.length; i++) {
            lines.add(text(address(i)) + " " + names[i]);
        }
        Files.write(table, lines);
        Host between = new Host("switch", address(253), folder.resolve("switch"), table);
        made.add(between);
        between.run("ip link add br0 type bridge");
        between.run("ip link set br0 up");
        for (int i = 0; i < names.length; i++) {
            Host host = new Host(names[i], address(i), folder.resolve(names[i]), table);
            made.add(host);
            hosts.put(names[i], host);
            String port = "port" + i;
            between.run("ip link add " + port + " type veth peer name eth0 netns " + host.holder());
            between.run("ip link set " + port + " master br0");
            between.run("ip link set " + port + " up");
            host.run("ip addr add " + text(address(i)) + "/24 dev eth0");
            host.run("ip link set eth0 up");
            host.run("tc qdisc add dev eth0 clsact");
            host.filter();
        }
    }

    private static List<Integer> address(int index) {
        return List.of(10, 77, 0, index + 1);
    }

    private static String text(List<Integer> address) {
        return String.join(".", address.stream().map(String::valueOf).toList());
    }

    Host host(String name) {
        Host host = hosts.get(name);
        if (host == null) {
            throw new IllegalArgumentException("no host " + name + " in " + hosts.keySet());
        }
        return host;
    }

    @Override
    public void close() {
        for (Host each : made.reversed()) {
            each.close();
        }
    }
}
