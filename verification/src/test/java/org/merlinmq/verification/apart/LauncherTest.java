package org.merlinmq.verification.apart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.merlinmq.verification.server.Repository;

/** {@code bin/} in folders and surroundings unlike ours. */
@Execution(ExecutionMode.CONCURRENT)
class LauncherTest {
    private static final Path BIN = Repository.root().resolve("bin");

    @TempDir
    Path temp;

    private static final Map<String, String> JAVA = Map.of("MERLIN_JAVA_HOME", System.getProperty("java.home"));

    /** An unpacked distribution may lie anywhere. */
    @Test
    void aFolderMayHaveAnyName() throws Exception {
        Path home = distribution("a [b] *c");
        String java = System.getProperty("java.home");
        assertThat(run(Map.of("MERLIN_JAVA_HOME", java, "MERLIN_AOT", "off"), home.resolve("bin/merlin"), "version"))
                .startsWith("0 MerlinMQ ");
    }

    /** A training that fails is not noticed otherwise: servers and commands start all the same, only slower. */
    @Test
    void aFirstStartMakesCachesThatServersAndCommandsUse() throws Exception {
        Path home = distribution("home");
        Map<String, String> atOnce = new HashMap<>(JAVA);
        atOnce.put("MERLIN_AOT_WAIT", "0");
        atOnce.put("PATH", withoutNice() + ":/usr/bin:/bin");
        startAndStop(atOnce, home);
        Path key = home.resolve("aot/merlin.key");
        await().atMost(Duration.ofMinutes(4))
                .until(() -> Files.exists(key) || Files.exists(home.resolve("aot/merlin.failed")));
        assertThat(key)
                .as("%s", Files.readString(home.resolve("aot/train.log")))
                .exists();
        Path merlin = home.resolve("bin/merlin");
        assertThat(shownFlags(merlin, "start", "--help")).contains("-XX:AOTCache=" + home.resolve("aot/merlin.aot"));
        assertThat(shownFlags(merlin, "version")).contains("-XX:AOTCache=" + home.resolve("aot/commands.aot"));
        assertThat(shownFlags(home.resolve("bin/mqadmin"), "help"))
                .contains("-XX:AOTCache=" + home.resolve("aot/commands.aot"));
    }

    /** A folder with a {@code nice} that is none: beside other tests, the lowest priority would get next to nothing. */
    private Path withoutNice() throws IOException {
        Path folder = Files.createDirectories(temp.resolve("nice"));
        Path nice = Files.writeString(folder.resolve("nice"), "#!/bin/sh\nshift 2\nexec \"$@\"\n");
        Files.setPosixFilePermissions(nice, PosixFilePermissions.fromString("rwxr-xr-x"));
        return folder;
    }

    private Path distribution(String name) throws IOException {
        Path home = Files.createDirectories(temp.resolve(name));
        Files.createSymbolicLink(home.resolve("lib"), Repository.root().resolve("server/target/dist/lib"));
        Files.createDirectory(home.resolve("bin"));
        try (DirectoryStream<Path> scripts = Files.newDirectoryStream(BIN)) {
            for (Path script : scripts) {
                Files.copy(script, home.resolve("bin").resolve(script.getFileName()));
            }
        }
        return home;
    }

    private void startAndStop(Map<String, String> environment, Path home) throws IOException, InterruptedException {
        String data = temp.resolve("data").toString();
        List<String> options =
                List.of("--data", data, "--namesrv-port", "0", "--broker-port", "0", "--console-port", "0");
        List<String> start = new ArrayList<>(List.of("start", "--background"));
        start.addAll(options);
        assertThat(run(environment, home.resolve("bin/merlin"), start.toArray(String[]::new)))
                .startsWith("0 MerlinMQ ");
        assertThat(run(JAVA, home.resolve("bin/merlin"), "stop", "--data", data))
                .startsWith("0 ");
    }

    /** The command line that the launcher makes, by a shell that shows what it executes. */
    private static String shownFlags(Path launcher, String... arguments) throws IOException, InterruptedException {
        List<String> traced = new ArrayList<>(List.of("-x", launcher.toString()));
        traced.addAll(List.of(arguments));
        return run(JAVA, Path.of("/bin/bash"), traced.toArray(String[]::new));
    }

    /** Services and jobs have no home. */
    @Test
    void noHomeIsNeededToFindAJdk() throws Exception {
        assertThat(run(Map.of(), Path.of("/bin/bash"), "-c", "set -u; . '" + BIN.resolve("find-jdk") + "'; find_jdk"))
                .containsPattern("^0 /|^1 MerlinMQ needs a JDK 25 and found none");
    }

    @Test
    void mqshutdownHasHelp() throws Exception {
        assertThat(run(JAVA, BIN.resolve("mqshutdown"), "--help")).startsWith("0 Usage: mqshutdown broker|namesrv");
        assertThat(run(JAVA, BIN.resolve("mqshutdown"), "all")).startsWith("2 Usage: mqshutdown broker|namesrv");
    }

    @Test
    void mqadminTakesCommandsOptionsAndTheNameserversOfTheEnvironment() throws Exception {
        Path mqadmin = BIN.resolve("mqadmin");
        assertThat(run(JAVA, mqadmin)).startsWith("0 The commands of mqadmin are:");
        assertThat(run(JAVA, mqadmin, "help", "topicList")).startsWith("0 Usage: mqadmin topicList ");
        assertThat(run(JAVA, mqadmin, "electMaster")).startsWith("1 mqadmin: electMaster has no use here: ");
        assertThat(run(JAVA, mqadmin, "topicLst")).startsWith("2 mqadmin: there is no command topicLst; ");
        Map<String, String> named = new HashMap<>(JAVA);
        named.put("NAMESRV_ADDR", "127.0.0.1:1");
        assertThat(run(named, mqadmin, "topicList")).startsWith("1 mqadmin: no nameserver answered: 127.0.0.1:1 ");
        assertThat(run(named, mqadmin, "topicList", "-n", "127.0.0.1:2;127.0.0.1:3"))
                .startsWith("1 mqadmin: no nameserver answered: 127.0.0.1:2")
                .contains("127.0.0.1:3");
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
