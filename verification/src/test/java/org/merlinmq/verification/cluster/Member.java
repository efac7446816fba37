package org.merlinmq.verification.cluster;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.merlinmq.verification.server.Child;
import org.merlinmq.verification.server.Repository;

/** A server on a machine of its own, started by a script of {@code bin} again and again, on the same folder. */
final class Member {
    private static final Pattern READY = Pattern.compile("(?m)^ready in ");

    private final Host host;
    private final List<String> command;
    private final Map<String, String> environment;
    private @Nullable Child process;
    private int starts;

    /** {@code script} and its arguments; what they do not set counts as the machine has it. */
    Member(Host host, String script, List<String> arguments) {
        this.host = host;
        command = new ArrayList<>(
                List.of(Repository.root().resolve("bin").resolve(script).toString()));
        command.addAll(arguments);
        environment = Map.of(
                "MERLIN_JAVA_HOME",
                System.getProperty("java.home"),
                // the disk is the machine's
                "MERLIN_STORAGE_DISK_MAX_USED",
                "99",
                "MERLIN_STORAGE_DISK_FORCE",
                "99",
                "MERLIN_STORAGE_DISK_REFUSE",
                "99");
    }

    /** Starts it; returns at once. */
    void start() {
        starts++;
        process = host.start(command, environment, "out." + starts);
    }

    /** Waits until it has printed that it is ready; fails at once, with what it printed, if it ends. */
    void awaitReady() {
        Child started = process();
        started.await(
                "the start of " + host.name(),
                () -> READY.matcher(started.output()).find());
    }

    long pid() {
        return process().pid();
    }

    /** SIGKILL, if it runs. */
    void kill() {
        if (process != null) {
            process.kill();
            process = null;
        }
    }

    /** SIGSTOP: it holds its connections, and answers nothing. */
    void pause() throws IOException {
        host.run(List.of("sh", "-c", "kill -STOP " + pid()));
    }

    /** Ends {@link #pause}. */
    void resume() throws IOException {
        host.run(List.of("sh", "-c", "kill -CONT " + pid()));
    }

    private Child process() {
        return Objects.requireNonNull(process, () -> host.name() + " is not started");
    }
}
