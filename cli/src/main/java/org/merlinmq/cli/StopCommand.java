package org.merlinmq.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Stops a server on this machine in good order. */
@Command(name = "stop", description = "Stop a server on this machine: it finishes what it has, then ends.")
final class StopCommand implements Runnable {
    private static final Duration LIMIT = Duration.ofSeconds(12);

    @Mixin
    private final DataOption data = new DataOption();

    @Parameters(
            arity = "0..1",
            paramLabel = "WHAT",
            defaultValue = "any",
            description = "broker or nameserver, where they run as processes of their own.")
    private String what = "any";

    @Override
    public void run() {
        ServerProcess server = find();
        ProcessHandle process = server.process();
        if (!process.destroy()) {
            throw new CommandFailure("process " + process.pid() + " may not be stopped by this user");
        }
        try {
            if (!ServerProcess.awaitEnd(process, LIMIT)) {
                throw new CommandFailure("process " + process.pid() + " still runs after " + LIMIT.toSeconds()
                        + " s; its log has the cause, and kill -9 loses nothing acknowledged");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CommandFailure("interrupted while waiting for process " + process.pid());
        }
        System.out.println("stopped " + server.name() + " (process " + process.pid() + ")");
    }

    /** Only a server on the data folder that is meant: another one on this machine may be somebody else's. */
    private ServerProcess find() {
        Path folder = data.orDefault();
        List<ServerProcess> found = ServerProcess.on(folder, names());
        if (found.isEmpty()) {
            throw new CommandFailure("no " + (what.equals("any") ? "server" : what) + " runs on the data folder "
                    + folder.toAbsolutePath().normalize() + (data.given() == null ? elsewhere() : ""));
        }
        if (found.size() > 1) {
            List<String> each =
                    found.stream().map(s -> s.name() + " " + s.process().pid()).toList();
            throw new CommandFailure("several run on the data folder "
                    + folder.toAbsolutePath().normalize() + " (" + String.join(", ", each)
                    + "); name one: merlin stop broker or merlin stop nameserver");
        }
        return found.getFirst();
    }

    /** How to stop those that run on other folders. */
    private String elsewhere() {
        StringBuilder text = new StringBuilder();
        for (ServerProcess server : ServerProcess.onMachine(names())) {
            long pid = server.process().pid();
            text.append("; ").append(server.name()).append(' ').append(pid);
            text.append(
                    server.folder() == null
                            ? " runs on one that cannot be seen: kill " + pid
                            : " runs on another: merlin stop --data " + server.folder());
        }
        return text.toString();
    }

    private List<String> names() {
        return switch (what) {
            case "any" -> List.of("merlin", "broker", "nameserver");
            case "broker" -> List.of("broker");
            case "nameserver", "namesrv" -> List.of("nameserver");
            default -> throw new IllegalArgumentException("stop what? broker or nameserver, not " + what);
        };
    }
}
