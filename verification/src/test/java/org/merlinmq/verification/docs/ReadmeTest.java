package org.merlinmq.verification.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.merlinmq.verification.server.Repository;
import org.merlinmq.verification.server.SharedServer;

/**
 * A reader of README.md types what stands there, letter by letter, into an empty folder beside {@code bin}; and what
 * it says is printed is printed.
 */
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock("port 8080")
class ReadmeTest {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final int[] PORTS = {9876, 10909, 10911, 8080};

    /** What a command that begins like this has to print, as a regular expression; each must stand in README.md. */
    private static final Map<String, String> PRINTED = new LinkedHashMap<>();

    static {
        PRINTED.put("bin/merlin start --background", "ready in [0-9.]+ s\n");
        PRINTED.put("bin/merlin send Greetings", "sent \\w+ to Greetings, queue ");
        PRINTED.put("bin/merlin consume Greetings", "^hello\n*$");
        PRINTED.put("bin/merlin send Visits", "sent 3 messages .* to Visits");
        PRINTED.put("bin/merlin message by-key", "user=7 \\[notice\\] came(?s:.*)user=7 \\[notice\\] went");
        PRINTED.put("bin/merlin consume Visits", "^user=9 \\[error\\] fell\n*$");
        PRINTED.put("bin/merlin topic list", "Greetings(?s:.*)Visits");
        PRINTED.put("bin/merlin topic show Visits", "QUEUE +FIRST +NEXT +MESSAGES");
        PRINTED.put("bin/merlin status", "127\\.0\\.0\\.1:10911");
        PRINTED.put("bin/merlin stop", "stopped");
    }

    private final Path folder = SharedServer.freshFolder("readme-");
    private final Set<String> met = new HashSet<>();

    @Test
    void whatTheReadmeSaysToTypeWorks() throws IOException {
        assertThat(Repository.root().resolve("server/target/dist/lib"))
                .as("the packaged server: ./build makes it")
                .isDirectory();
        assumeThatADefaultServerStores();
        Files.createSymbolicLink(folder.resolve("bin"), Repository.root().resolve("bin"));
        List<Fence> fences = Fence.of(Repository.root().resolve("README.md"));
        List<String> apart = Shell.apart();
        if (apart == null) {
            assumePortsAreFree();
            apart = List.of();
        }
        try (Shell shell = new Shell(folder, apart, System.getProperty("java.home"))) {
            try {
                typeAll(shell, fences);
            } finally {
                stopWhatIsLeft(shell);
                Files.deleteIfExists(Path.of("/tmp/visits.log")); // which README.md has its reader write
            }
        }
        assertThat(met).as("commands of README.md").containsAll(PRINTED.keySet());
    }

    private void typeAll(Shell shell, List<Fence> fences) throws IOException {
        String last = "";
        for (Fence fence : fences) {
            boolean told =
                    fence.section().equals("Five minutes") || fence.section().equals("From a Java program");
            if (told && fence.language().equals("sh")) {
                for (String command : fence.commands()) {
                    last = type(shell, fence, command);
                }
            } else if (told && fence.language().isEmpty()) {
                assertThat(last)
                        .as("README.md:%d says what is printed", fence.line())
                        .containsPattern(pattern(fence));
            } else if (told && fence.language().equals("java")) {
                compileAndRun(shell, fence);
            }
        }
    }

    private String type(Shell shell, Fence fence, String command) {
        Shell.Result result = shell.run(command, LIMIT);
        String what = "README.md, block at line " + fence.line() + ": " + command;
        assertThat(result.exitCode())
                .as("%s; it printed%n%s", what, result.output())
                .isZero();
        PRINTED.forEach((begin, expected) -> {
            if (command.startsWith(begin)) {
                met.add(begin);
                assertThat(result.output()).as(what).containsPattern(expected);
            }
        });
        return result.output();
    }

    /** What a block of output stands for: … is anything, and a time is any time. */
    private static Pattern pattern(Fence fence) {
        StringBuilder pattern = new StringBuilder();
        Matcher open = Pattern.compile("(?m)…|\\d+\\.\\d+(?= s$)").matcher(fence.text());
        int from = 0;
        while (open.find()) {
            pattern.append(Pattern.quote(fence.text().substring(from, open.start())));
            pattern.append(open.group().equals("…") ? ".*" : "\\d+\\.\\d+");
            from = open.end();
        }
        return Pattern.compile(
                pattern.append(Pattern.quote(fence.text().substring(from))).toString());
    }

    /** With the official client and no flags, as a reader's build would; the program goes on until it is ended. */
    private void compileAndRun(Shell shell, Fence fence) throws IOException {
        Path jars = Repository.target().resolve("clients/5.5.0/lib");
        assertThat(jars)
                .as("the official client: verification/resolve fetches it")
                .isDirectory();
        String name = fence.text().replaceAll("(?s).*public class (\\w+) .*", "$1");
        Files.writeString(folder.resolve(name + ".java"), fence.text());
        Path printed = folder.resolve(name + ".out");
        String java = Path.of(Repository.java()).getParent() + "/";
        Shell.Result compiled = shell.run(java + "javac -cp '" + jars + "/*' " + name + ".java", LIMIT);
        assertThat(compiled.exitCode())
                .as("javac printed%n%s", compiled.output())
                .isZero();
        Shell.Result started = shell.run(
                java + "java -Duser.home=" + folder + " -cp '" + jars + "/*:.' " + name + " >" + printed
                        + " 2>&1 & echo $!",
                LIMIT);
        Awaitility.await("the Java program's messages")
                .atMost(LIMIT)
                .untilAsserted(() -> assertThat(printed).content().contains("hello\n", "from Java\n"));
        shell.run("kill " + started.output().strip(), LIMIT);
    }

    /** After a failure: by the process id that our own server left, never by name. */
    private void stopWhatIsLeft(Shell shell) {
        shell.run("[ ! -f data/merlin.pid ] || kill $(cat data/merlin.pid)", LIMIT);
    }

    /** README.md has its reader set nothing, and a server with the defaults stores nothing on a disk that is 90 % full. */
    private void assumeThatADefaultServerStores() {
        double used =
                1 - (double) folder.toFile().getUsableSpace() / folder.toFile().getTotalSpace();
        Assumptions.assumeTrue(used < 0.9, () -> "this disk is " + Math.round(used * 100) + " % full");
    }

    private static void assumePortsAreFree() {
        for (int port : PORTS) {
            try (ServerSocket free = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                assertThat(free.isBound()).isTrue();
            } catch (IOException taken) {
                Assumptions.abort("README.md's port " + port + " is taken (" + taken.getMessage()
                        + ") and this user may not make a network of its own: unshare --net");
            }
        }
    }
}
