package org.merlinmq.verification.clients;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * A program of {@code verification/clients} that answers one request after another, a line each: a start of Java costs more
 * than most of what is asked. All lines that it prints stand in {@code NAME.out}, its errors in {@code NAME.err}.
 *
 * <p>Threading: one thread asks.
 */
final class ClientProcess implements AutoCloseable {
    /** Stands behind the last line. */
    private static final String END = "the client ended before it answered";

    private final Process process;
    private final Writer in;
    private final Path output;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

    ClientProcess(List<String> command, Path folder, String name) throws IOException {
        output = folder.resolve(name + ".out");
        process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectError(folder.resolve(name + ".err").toFile())
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        in = process.outputWriter(StandardCharsets.UTF_8);
        Thread reader = new Thread(this::read, "reader-" + name);
        reader.setDaemon(true);
        reader.start();
    }

    private void read() {
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
                Writer copy = Files.newBufferedWriter(output)) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                copy.write(line + "\n");
                copy.flush();
                lines.add(line);
            }
            lines.add(END);
        } catch (IOException closed) {
            lines.add(END + ": " + closed.getMessage());
        }
    }

    /** Writes a line; returns the first line of the answer for which a condition holds. */
    String ask(String request, Predicate<String> isLast, Duration limit) throws IOException, InterruptedException {
        in.write(request + "\n");
        in.flush();
        long end = System.nanoTime() + limit.toNanos();
        String line;
        do {
            line = lines.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (line == null || line.startsWith(END)) {
                String why = line == null ? "no answer within " + limit : line;
                throw new AssertionError(request + ": " + why + "; see " + output);
            }
        } while (!isLast.test(line));
        return line;
    }

    Path output() {
        return output;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
