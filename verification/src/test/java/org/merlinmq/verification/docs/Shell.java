package org.merlinmq.verification.docs;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A shell that a reader types into, a command at a time.
 *
 * <p>It has a network and processes of its own wherever the machine allows them: then every port is free, no other
 * server is in sight, and what was started in it ends with it. Threading: one thread.
 */
final class Shell implements AutoCloseable {
    private static final String MARK = "--- ended with ";
    private static final List<String> APART = List.of("--net", "--pid", "--fork", "--kill-child", "--mount-proc");
    private static final String LOOPBACK_UP = "ip link set lo up";

    private final Process process;
    private final Writer in;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

    /**
     * What a command did.
     *
     * @param exitCode as the shell has it
     * @param output both streams
     */
    record Result(int exitCode, String output) {}

    /**
     * Opens one.
     *
     * @param folder where it is
     * @param apart the answer of {@link #apart}; an empty list shares network and processes with this machine
     */
    Shell(Path folder, List<String> apart, String javaHome) {
        List<String> command = new ArrayList<>(apart);
        command.addAll(List.of("bash", "--noprofile", "--norc"));
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().put("MERLIN_JAVA_HOME", javaHome);
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        in = process.outputWriter(StandardCharsets.UTF_8);
        Thread reader = new Thread(this::readAll, "shell");
        reader.setDaemon(true);
        reader.start();
    }

    /** The command in front of a shell that gives it a network and processes of its own; null where none does. */
    static @Nullable List<String> apart() {
        for (List<String> user : List.of(List.<String>of(), List.of("--user", "--map-root-user"))) {
            List<String> apart = new ArrayList<>(List.of("unshare"));
            apart.addAll(user);
            apart.addAll(APART);
            List<String> probe = new ArrayList<>(apart);
            probe.addAll(List.of("sh", "-c", LOOPBACK_UP));
            try {
                Process tried = new ProcessBuilder(probe)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
                if (tried.waitFor(10, TimeUnit.SECONDS) && tried.exitValue() == 0) {
                    apart.addAll(List.of("sh", "-c", LOOPBACK_UP + " && exec \"$@\"", "sh"));
                    return apart;
                }
            } catch (IOException noSuchCommand) {
                return null;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
        return null;
    }

    /** Runs a command, as it is, with nothing on its standard input, and waits for its end. */
    Result run(String command, Duration limit) {
        try {
            in.write("{\n" + command + "\n} </dev/null\nprintf '\\n" + MARK + "%d\\n' $?\n");
            in.flush();
            StringBuilder output = new StringBuilder();
            long end = System.nanoTime() + limit.toNanos();
            while (true) {
                String line = lines.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
                if (line == null) {
                    throw new AssertionError(
                            "no end within " + limit.toSeconds() + " s: " + command + "\nso far it printed\n" + output);
                }
                if (line.startsWith(MARK)) {
                    return new Result(Integer.parseInt(line.substring(MARK.length())), output.toString());
                }
                output.append(line).append('\n');
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private void readAll() {
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                lines.add(line);
            }
        } catch (IOException e) {
            lines.add("the shell's output could not be read: " + e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
