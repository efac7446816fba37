package org.merlinmq.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

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
}
