package org.merlinmq.verification.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** A process that we started and are the only ones to end. Its output goes to a file. */
public final class Child {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Process process;
    private final Path output;

    /** Starts it in a folder, which is made; output is appended to. */
    public Child(List<String> command, Path folder, Map<String, String> environment, Path output) {
        this.output = output;
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
        builder.environment().putAll(environment);
        try {
            Files.createDirectories(folder);
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException("could not start " + command.get(0), e);
        }
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    }

    /** Its process id. */
    public long pid() {
        return process.pid();
    }

    /** What it printed so far, both streams. */
    public String output() {
        try {
            return Files.exists(output) ? Files.readString(output) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits for a condition; fails at once, with what it printed, when the process ends. */
    public void await(String what, java.util.concurrent.Callable<Boolean> condition) {
        Awaitility.await(what)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> {
                    if (!process.isAlive()) {
                        throw new IllegalStateException("the server ended with " + process.exitValue() + " before "
                                + what + "; it printed\n" + tail());
                    }
                    return condition.call();
                });
    }

    private String tail() {
        List<String> lines = output().lines().toList();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
    }

    /** Waits for it to end by itself; an {@link IllegalStateException} says that it did not. */
    public int exitCode(int seconds) {
        if (!ended(seconds)) {
            throw new IllegalStateException("it still runs after " + seconds + " s; it printed\n" + tail());
        }
        return process.exitValue();
    }

    /** Asks it to stop, and ends it if it has not within 20 seconds. */
    public void stop() {
        process.destroy();
        if (!ended(20)) {
            process.destroyForcibly();
            ended(20);
        }
    }

    /** SIGKILL: no hook runs, nothing is flushed by the process. */
    public void kill() {
        process.destroyForcibly();
        ended(20);
    }

    private boolean ended(int seconds) {
        try {
            return process.waitFor(seconds, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a server was stopping", e);
        }
    }
}
