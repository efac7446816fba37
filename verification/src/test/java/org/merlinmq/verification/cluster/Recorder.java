package org.merlinmq.verification.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.merlinmq.verification.clients.ClientRun;
import org.merlinmq.verification.cluster.Event.Acknowledged;
import org.merlinmq.verification.cluster.Event.Received;

/** Official clients of a version in a process on a machine, which write down what they do and see. Threading: any thread. */
final class Recorder implements AutoCloseable {
    /** Clients of the 4 line leave a pull that is not answered to its time, 30 s. */
    private static final Duration LIMIT = Duration.ofSeconds(90);

    private final Set<String> groups = new TreeSet<>();
    private final Set<String> ordered = new TreeSet<>();
    private final Process process;
    private final Writer in;
    private final BufferedReader out;
    private final Path file;
    private final Path errors;
    private final List<Event> events = new ArrayList<>();
    private long read;

    /** Starts them; the roles are those of {@code RecordingClient}, {@code name} is part of the names of their groups. */
    Recorder(Host host, String version, String namesrv, String topic, String name, String... roles) throws IOException {
        file = host.folder().resolve(name + ".history");
        errors = host.folder().resolve(name + ".err");
        Files.createFile(file);
        List<String> command = new ArrayList<>(
                ClientRun.javaClient(version, "RecordingClient", namesrv, topic, name, file.toString()));
        command.addAll(List.of(roles));
        process = new ProcessBuilder(host.inside(command))
                .redirectError(errors.toFile())
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        in = process.outputWriter(StandardCharsets.UTF_8);
        out = process.inputReader(StandardCharsets.UTF_8);
        for (String role : roles) {
            switch (role) {
                case "push" -> groups.add(role + "-" + name);
                case "orderly", "pull" -> {
                    groups.add(role + "-" + name);
                    ordered.add(role + "-" + name);
                }
                default -> {}
            }
        }
    }

    /** Its consumers' groups. */
    Set<String> groups() {
        return groups;
    }

    /** Those of its groups that take each queue in its order. */
    Set<String> ordered() {
        return ordered;
    }

    /** All that it has written down so far. */
    synchronized List<Event> events() {
        if (!process.isAlive()) {
            throw new AssertionError("the client ended with " + process.exitValue() + "; it printed to " + errors);
        }
        try (SeekableByteChannel channel = Files.newByteChannel(file)) {
            channel.position(read);
            byte[] bytes = Channels.newInputStream(channel).readAllBytes();
            int whole = bytes.length;
            while (whole > 0 && bytes[whole - 1] != '\n') {
                whole--;
            }
            events.addAll(Event.parseAll(new String(bytes, 0, whole, StandardCharsets.UTF_8)));
            read += whole;
            return List.copyOf(events);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The acknowledgements among events. */
    static List<Acknowledged> acknowledged(List<Event> events) {
        List<Acknowledged> found = new ArrayList<>();
        for (Event event : events) {
            if (event instanceof Acknowledged ok) {
                found.add(ok);
            }
        }
        return found;
    }

    /** How many of these messages its groups have not received yet, over all groups. */
    int missing(List<Acknowledged> expected) {
        Set<List<Object>> received = new HashSet<>();
        for (Event event : events()) {
            if (event instanceof Received receipt) {
                received.add(List.of(receipt.group(), receipt.message()));
            }
        }
        int missing = 0;
        for (String group : groups) {
            for (Acknowledged ok : expected) {
                missing += received.contains(List.<Object>of(group, ok.message())) ? 0 : 1;
            }
        }
        return missing;
    }

    /** Waits until each of its groups has received something. */
    void awaitFirst() {
        await("the first message of " + groups).until(() -> {
            Set<String> have = new HashSet<>();
            for (Event event : events()) {
                if (event instanceof Received receipt) {
                    have.add(receipt.group());
                }
            }
            return have.containsAll(groups);
        });
    }

    /** Waits until each of its groups has received all of these messages. */
    void mustReceive(List<Acknowledged> expected) {
        await("the receipt of " + expected.size() + " messages by " + groups)
                .untilAsserted(() -> assertThat(missing(expected)).as("missing").isZero());
    }

    /** Waits until so many more messages than now are acknowledged in queues of a broker group. */
    void awaitMore(String broker, int count) {
        long before = acknowledgedIn(broker);
        await(count + " more messages acknowledged by " + broker).until(() -> acknowledgedIn(broker) >= before + count);
    }

    private long acknowledgedIn(String broker) {
        return acknowledged(events()).stream()
                .filter(ok -> ok.place().queue().broker().equals(broker))
                .count();
    }

    private static ConditionFactory await(String what) {
        return Awaitility.await(what).atMost(LIMIT).pollInterval(Duration.ofMillis(200));
    }

    /** Ends the sending; waits until the last send is answered. */
    void stopSending() throws IOException {
        in.write("stop\n");
        in.flush();
        if (!"stopped".equals(out.readLine())) {
            throw new AssertionError("the client ended; it printed to " + errors);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
