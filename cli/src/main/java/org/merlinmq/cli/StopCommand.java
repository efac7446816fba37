package org.merlinmq.cli;

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
        ServerProcess server = ServerProcess.find(data.given(), names());
        ProcessHandle process = server.process();
        if (!process.destroy()) {
            throw new CommandFailure("process " + process.pid() + " may not be stopped by this user");
        }
        try {
            if (!ServerProcess.awaitEnd(process, LIMIT)) {
                throw new CommandFailure("process " + process.pid() + " still runs after " + LIMIT.toSeconds()
                        + " s; its log says why, and kill -9 loses nothing acknowledged");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CommandFailure("interrupted while waiting for process " + process.pid());
        }
        System.out.println("stopped " + server.name() + " (process " + process.pid() + ")");
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
