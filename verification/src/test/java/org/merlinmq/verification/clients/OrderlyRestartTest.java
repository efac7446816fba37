package org.merlinmq.verification.clients;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.merlinmq.verification.server.Server;
import org.merlinmq.verification.server.SharedServer;

/** The server is restarted while the two members of an orderly group consume. */
@Execution(ExecutionMode.CONCURRENT)
class OrderlyRestartTest {
    private static final Duration START = Duration.ofSeconds(60);

    /**
     * Clients try again after 3 s where a pull failed, and a busy machine has its own pace. Who lost its lock would wait for
     * its next renewal, up to 20 s, or for the end of another one's, 30 s.
     */
    private static final Duration GOING_ON = Duration.ofSeconds(18);

    private static final int SOME = 50;

    @ParameterizedTest
    @ValueSource(strings = {"4.9.8", "5.5.0"})
    void eachQueueGoesOnInOrderAndWithOneMemberAtATime(String version) throws Exception {
        Assumptions.assumeTrue(Server.chosen().equals("merlin"), "RocketMQ forgets at a restart who holds which queue");
        Path folder = SharedServer.freshFolder("orderly-restart-");
        try (Server server = Server.start(folder, Map.of());
                Members members = new Members(version, folder, server)) {
            members.awaitMore(START);
            stop(server);
            server.startAgain();
            members.awaitMore(GOING_ON);
            // 4.9.8 does not notice that a connection was closed: killed, the server leaves its pulls to their time, 30
            // s.
            if (version.startsWith("5.")) {
                server.kill();
                server.startAgain();
                members.awaitMore(GOING_ON);
            }
            String all = members.count();
            assertThat(number(all, "overlaps"))
                    .as("times that two members were in one queue: %s", all)
                    .isZero();
            assertThat(number(all, "skipped")).as("gaps: %s", all).isZero();
            assertThat(number(all, "again")).as("came again: %s", all).isZero();
        }
    }

    private static void stop(Server server) {
        server.close();
    }

    private static int number(String line, String name) {
        Matcher found = Pattern.compile("\\b" + name + "=(\\d+)").matcher(line);
        assertThat(found.find()).as("the client said %s", line).isTrue();
        return Integer.parseInt(found.group(1));
    }

    /** The program that plays both members. */
    private static final class Members implements AutoCloseable {
        private final Process process;
        private final Writer in;
        private final BufferedReader out;

        Members(String version, Path folder, Server server) throws IOException {
            String namesrv = "127.0.0.1:" + server.nameserver().getPort();
            process = new ProcessBuilder(ClientRun.javaClient(version, "OrderlyMembers", namesrv, "Restarted"))
                    .directory(folder.toFile())
                    .redirectError(folder.resolve("members.err").toFile())
                    .start();
            Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
            in = process.outputWriter(StandardCharsets.UTF_8);
            out = process.inputReader(StandardCharsets.UTF_8);
        }

        /** Waits until each queue has some more messages consumed than now. */
        void awaitMore(Duration limit) {
            int before = number(count(), "least");
            Awaitility.await("each queue goes on")
                    .atMost(limit)
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> number(count(), "least") >= before + SOME);
        }

        String count() {
            try {
                in.write("count\n");
                in.flush();
                return String.valueOf(out.readLine());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }
}
