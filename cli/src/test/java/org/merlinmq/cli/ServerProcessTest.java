package org.merlinmq.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class ServerProcessTest {
    /** Without this a server in a container whose first process collects nobody would "still run" for ever. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void aProcessThatNobodyCollectsHasEnded() throws Exception {
        Process parent = new ProcessBuilder("sh", "-c", "sleep 0.1 & echo $!; exec sleep 60").start();
        try (BufferedReader out = parent.inputReader()) {
            ProcessHandle child =
                    ProcessHandle.of(Long.parseLong(out.readLine())).orElseThrow();
            assertThat(ServerProcess.awaitEnd(child, Duration.ofSeconds(20))).isTrue();
            assertThat(child.isAlive())
                    .as("it is still in the list of processes")
                    .isTrue();
            assertThat(ServerProcess.awaitEnd(parent.toHandle(), Duration.ofMillis(50)))
                    .isFalse();
        } finally {
            parent.destroyForcibly();
        }
    }

    /** Java itself returns no arguments if they are longer than 4 KB. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void aServerWithALongClassPathIsFound(@TempDir Path folder) throws Exception {
        Process server = serverLike("x".repeat(6000));
        try {
            Files.writeString(folder.resolve("merlin.pid"), server.pid() + "\n");
            assertThat(ServerProcess.on(folder, List.of("merlin", "broker")))
                    .singleElement()
                    .isEqualTo(new ServerProcess(server.toHandle(), "merlin", folder));
        } finally {
            server.destroyForcibly();
        }
    }

    /** The process id in a file that a killed server left may be another server's by now. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void aServerOnAnotherFolderIsNotTakenForTheOneThatLeftItsProcessId(@TempDir Path folder) throws Exception {
        Path other = Files.createDirectory(folder.resolve("other"));
        Files.createFile(other.resolve("broker.lock"));
        Process server = serverLike("exec 3>'" + other.resolve("broker.lock") + "'; ");
        try {
            Files.writeString(folder.resolve("merlin.pid"), server.pid() + "\n");
            Files.writeString(other.resolve("merlin.pid"), server.pid() + "\n");
            assertThat(ServerProcess.on(folder, List.of("merlin"))).isEmpty();
            assertThat(ServerProcess.on(other, List.of("merlin"))).hasSize(1);
        } finally {
            server.destroyForcibly();
        }
    }

    /** A process with the arguments of a server that first runs a shell command; ready when this returns. */
    private static Process serverLike(String first) throws IOException {
        String script = (first.endsWith("; ") ? first : "") + "echo; read _";
        Process process = new ProcessBuilder("sh", "-c", script, first, "org.merlinmq.server.Main", "start").start();
        process.inputReader().readLine();
        return process;
    }
}
