package org.merlinmq.verification.clients;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/**
 * The official client 5.5.0 in a process of its own, sending and consuming without a pause while a test does things to
 * the server. Threading: one thread.
 */
public final class SteadyClient implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(90);

    private final Process process;
    private final Writer in;
    private final BufferedReader out;
    private final Path errors;

    /**
     * How far it is.
     *
     * @param acknowledged sends that were acknowledged
     * @param failed sends that were not; none is tried twice
     * @param received different messages received
     * @param missing messages sent and not yet received
     */
    public record Count(int acknowledged, int failed, int received, int missing) {}

    private SteadyClient(Process process, Path errors) {
        this.process = process;
        this.errors = errors;
        in = process.outputWriter(StandardCharsets.UTF_8);
        out = process.inputReader(StandardCharsets.UTF_8);
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    }

    /** Starts it; {@code namesrv} is what an application would set: addresses separated by semicolons. */
    public static SteadyClient start(Path folder, String namesrv, String topic) throws IOException {
        Path errors = folder.resolve("steady.err");
        Process process = new ProcessBuilder(ClientRun.javaClient("5.5.0", "Steady", namesrv, topic))
                .directory(folder.toFile())
                .redirectError(errors.toFile())
                .start();
        return new SteadyClient(process, errors);
    }

    /** Asks how far it is. */
    public Count count() {
        return ask("count");
    }

    /** Goes on with another topic, which it creates by sending to it. */
    public void turnTo(String topic) {
        ask("topic " + topic);
    }

    /** Waits until so many more messages than now were acknowledged, and so many more received. */
    public void awaitMore(int messages) {
        Count now = count();
        Awaitility.await("the client goes on: " + messages + " messages more")
                .atMost(LIMIT)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> {
                    Count then = count();
                    return then.acknowledged() >= now.acknowledged() + messages
                            && then.received() >= now.received() + messages;
                });
    }

    /** Ends it once everything acknowledged was received, or half a minute later. */
    public Count end() throws InterruptedException {
        Count last = ask("end");
        process.waitFor(10, TimeUnit.SECONDS);
        return last;
    }

    /** What the client said of itself. */
    public Path errors() {
        return errors;
    }

    private Count ask(String word) {
        try {
            in.write(word + "\n");
            in.flush();
            String line = out.readLine();
            if (line == null) {
                throw new AssertionError("the client ended; it printed to " + errors);
            }
            return new Count(
                    number(line, "acknowledged"),
                    number(line, "failed"),
                    number(line, "received"),
                    number(line, "missing"));
        } catch (IOException e) {
            throw new UncheckedIOException("the client ended; it printed to " + errors, e);
        }
    }

    private static int number(String line, String name) {
        Matcher found = Pattern.compile("\\b" + name + "=(\\d+)").matcher(line);
        if (!found.find()) {
            throw new AssertionError("the client said " + line);
        }
        return Integer.parseInt(found.group(1));
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
