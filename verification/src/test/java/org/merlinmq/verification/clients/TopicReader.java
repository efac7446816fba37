package org.merlinmq.verification.clients;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.merlinmq.verification.server.Server;

/** The Java client of a version, which reads whole topics of one server after another. Threading: one thread. */
public final class TopicReader implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final ClientProcess process;
    private final Path file;

    private TopicReader(ClientProcess process, Path file) {
        this.process = process;
        this.file = file;
    }

    /** Starts it; what it writes lies in the folder. */
    public static TopicReader start(String version, Path folder) throws IOException {
        ClientProcess process = new ClientProcess(ClientRun.javaClient(version, "Dump"), folder, "reader");
        return new TopicReader(process, folder.resolve("reader.txt"));
    }

    /** What the server's topic holds: a line for each message, sorted. */
    public List<String> all(Server server, String topic) throws IOException, InterruptedException {
        String nameserver = "127.0.0.1:" + server.nameserver().getPort();
        String request = String.join("\t", nameserver, topic, file.toString(), "all", "*");
        assertThat(process.ask(request, line -> true, LIMIT))
                .as("reading %s, see %s", topic, process.output())
                .isEqualTo("done");
        List<String> lines = new ArrayList<>(Files.readAllLines(file));
        lines.sort(null);
        return lines;
    }

    @Override
    public void close() {
        process.close();
    }
}
