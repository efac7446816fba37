package org.merlinmq.verification.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.merlinmq.verification.server.Child;

/**
 * A machine: a network, a host name, a table of host names and mounts of its own, in one process that holds them. They are gone
 * when it ends, which it does by itself when the tests end, whatever way.
 */
final class Host implements AutoCloseable {
    private static final int SECONDS = 30;

    /** Holds the namespaces until the end of its input, which is that of the tests. */
    private static final String HOLD =
            "hostname \"$1\" && mount --bind \"$2\" /etc/hosts && ip link set lo up && echo held && exec cat >/dev/null";

    private final String name;
    private final List<Integer> address;
    private final Path folder;
    private final Process holder;
    private final Map<List<Integer>, Integer> dropped = new LinkedHashMap<>();

    /** Makes one; an {@link IOException} says why there can be none here. */
    Host(String name, List<Integer> address, Path folder, Path hosts) throws IOException {
        this.name = name;
        this.address = address;
        this.folder = Files.createDirectories(folder);
        holder = new ProcessBuilder(
                        "unshare", "--net", "--mount", "--uts", "sh", "-c", HOLD, "hold", name, hosts.toString())
                .redirectErrorStream(true)
                .start();
        String first = holder.inputReader(UTF_8).readLine();
        if (!"held".equals(first)) {
            holder.destroyForcibly();
            throw new IOException("unshare: " + first);
        }
    }

    String name() {
        return name;
    }

    List<Integer> address() {
        return address;
    }

    /** Where its processes are started, and what is theirs lies. */
    Path folder() {
        return folder;
    }

    long holder() {
        return holder.pid();
    }

    /** The command that runs another one here, in the folder; the process is then that command's. */
    List<String> inside(List<String> command) {
        List<String> whole = new ArrayList<>(List.of(
                "nsenter",
                "--target=" + holder.pid(),
                "--net",
                "--mount",
                "--uts",
                "sh",
                "-c",
                "cd \"$0\" && exec \"$@\"",
                folder.toString()));
        whole.addAll(command);
        return whole;
    }

    /** Starts a process here; its output goes to a file of the folder. */
    Child start(List<String> command, Map<String, String> environment, String output) {
        return new Child(inside(command), folder, environment, folder.resolve(output));
    }

    /** Runs a command here, its words between blanks; returns what it printed. */
    String run(String command) throws IOException {
        return run(words(command));
    }

    /** Runs a command here; returns what it printed. */
    String run(List<String> words) throws IOException {
        List<String> command = inside(words);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String printed = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
        try {
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IOException(String.join(" ", words) + ": " + printed);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
        return printed;
    }

    private static List<String> words(String command) {
        return List.of(command.split(" ", -1));
    }

    /** Mounts a disk of its own in memory over a folder, which is made. */
    void mountMemory(Path at, int megabytes) throws IOException {
        Files.createDirectories(at);
        run(List.of("mount", "-t", "tmpfs", "-o", "size=" + megabytes + "m", "merlin-test", at.toString()));
    }

    /** A file of this machine, as others reach it that see other mounts. */
    Path seenFromOutside(Path file) {
        return Path.of("/proc/" + holder.pid() + "/root")
                .resolve(file.toString().substring(1));
    }

    /** Drops so many of 1,000 packets that come from another machine; 0: none. */
    void drop(Host from, int perMille) throws IOException {
        if (perMille == 0) {
            dropped.remove(from.address());
        } else {
            dropped.put(from.address(), perMille);
        }
        filter();
    }

    /** Gives the kernel the filter of what is dropped; an {@link IOException} says why it does not take it. */
    void filter() throws IOException {
        List<String> command = new ArrayList<>(
                words("tc filter replace dev eth0 ingress protocol all prio 1 handle 1 bpf direct-action bytecode"));
        command.add(PacketFilter.program(dropped));
        run(command);
    }

    /**
     * Delays each packet that goes out, as far as the kernel can: by a time if it has netem, else by a narrow line, on which
     * packets wait for each other.
     */
    void slow(int millis, int kilobits) throws IOException {
        try {
            run("tc qdisc replace dev eth0 root netem delay " + millis + "ms " + millis / 2 + "ms");
        } catch (IOException noNetem) {
            run("tc qdisc replace dev eth0 root tbf rate " + kilobits + "kbit burst 8kb latency 2s");
        }
    }

    /** Ends what {@link #slow} began. */
    void quick() throws IOException {
        run("tc qdisc del dev eth0 root");
    }

    @Override
    public void close() {
        holder.destroyForcibly();
    }
}
