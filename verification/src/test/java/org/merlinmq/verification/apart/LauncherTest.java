package org.merlinmq.verification.apart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.merlinmq.verification.server.Repository;

/** {@code bin/} in folders and surroundings unlike ours. */
class LauncherTest {
    private static final Path BIN = Repository.root().resolve("bin");

    @TempDir
    Path temp;

    /** An unpacked distribution may lie anywhere. */
    @Test
    void aFolderMayHaveAnyName() throws Exception {
        Path home = Files.createDirectories(temp.resolve("a [b] *c"));
        Files.createSymbolicLink(home.resolve("lib"), Repository.root().resolve("server/target/dist/lib"));
        Files.createDirectory(home.resolve("bin"));
        try (DirectoryStream<Path> scripts = Files.newDirectoryStream(BIN)) {
            for (Path script : scripts) {
                Files.copy(script, home.resolve("bin").resolve(script.getFileName()));
            }
        }
        String java = System.getProperty("java.home");
        assertThat(run(Map.of("MERLIN_JAVA_HOME", java, "MERLIN_AOT", "off"), home.resolve("bin/merlin"), "version"))
                .startsWith("0 MerlinMQ ");
    }

    /** Services and jobs have no home. */
    @Test
    void noHomeIsNeededToFindAJdk() throws Exception {
        assertThat(run(Map.of(), Path.of("/bin/bash"), "-c", "set -u; . '" + BIN.resolve("find-jdk") + "'; find_jdk"))
                .containsPattern("^0 /|^1 MerlinMQ needs a JDK 25 and found none");
    }

    @Test
    void mqshutdownHasHelp() throws Exception {
        Map<String, String> java = Map.of("MERLIN_JAVA_HOME", System.getProperty("java.home"));
        assertThat(run(java, BIN.resolve("mqshutdown"), "--help")).startsWith("0 Usage: mqshutdown broker|namesrv");
        assertThat(run(java, BIN.resolve("mqshutdown"), "all")).startsWith("2 Usage: mqshutdown broker|namesrv");
    }

    /** The exit code and what was printed, with nothing in the environment but a path without Java and what is given. */
    private static String run(Map<String, String> environment, Path command, String... arguments)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command.toString()).redirectErrorStream(true);
        builder.command().addAll(List.of(arguments));
        builder.environment().clear();
        builder.environment().put("PATH", "/usr/bin:/bin");
        builder.environment().putAll(environment);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return process.exitValue() + " " + output;
    }
}
