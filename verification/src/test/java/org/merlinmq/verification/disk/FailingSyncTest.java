package org.merlinmq.verification.disk;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.verification.server.Server;
import org.merlinmq.verification.server.SharedServer;
import org.merlinmq.verification.server.Talk;

/**
 * A running server whose fdatasync returns EIO, as the kernel does when a disk fails: strace puts the error in. Skipped where
 * there is no strace, or it may not attach to the server.
 */
@Execution(ExecutionMode.CONCURRENT)
class FailingSyncTest {
    private static final String TOPIC = "FailingSync";
    private static final int BEFORE = 50;

    private final Path folder = SharedServer.freshFolder("sync-");

    @Test
    void afterAFailedSyncNothingIsStoredUntilARestart() throws Exception {
        try (Server server = Server.merlin(folder, folder.resolve("data"), Map.of("flushDiskType", "SYNC_FLUSH"))) {
            try (Talk broker = new Talk(server.broker())) {
                broker.topic(TOPIC, 1);
                for (int i = 0; i < BEFORE; i++) {
                    assertThat(send(broker, "before " + i).code()).isEqualTo(ResponseCode.SUCCESS.number());
                }
                Process fault = failSyncs(server);
                try {
                    assertRefused(send(broker, "during"));
                } finally {
                    fault.destroy();
                    assertThat(fault.waitFor(20, TimeUnit.SECONDS)).isTrue();
                }
                // The disk is well again, and what it has of the last sync is not known: that takes a restart.
                assertRefused(send(broker, "after"));
                assertThat(read(broker)).isGreaterThanOrEqualTo(BEFORE);
            }
            HttpResponse<String> health = page(server, "healthz");
            assertThat(health.statusCode()).isEqualTo(503);
            assertThat(health.body()).contains("failed", "Input/output error", "restart the broker");
            assertThat(page(server, "metrics").body()).containsPattern("\nmerlinmq_writable\\{[^}]*} 0\n");
            server.kill();
            server.startAgain();
            assertThat(page(server, "healthz").body()).isEqualTo("ok\n");
            try (Talk broker = new Talk(server.broker())) {
                assertThat(read(broker)).isBetween(BEFORE, BEFORE + 1);
                assertThat(send(broker, "again").code()).isEqualTo(ResponseCode.SUCCESS.number());
            }
        }
    }

    private static HttpResponse<String> page(Server server, String name) throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + server.console().getPort() + "/" + name);
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    private static void assertRefused(Frame reply) {
        assertThat(reply.code()).as(reply.remark()).isEqualTo(ResponseCode.SERVICE_NOT_AVAILABLE.number());
        assertThat(reply.remark()).contains("failed", "Input/output error", "restart the broker");
    }

    private Process failSyncs(Server server) throws IOException, InterruptedException {
        Path said = folder.resolve("strace.out");
        ProcessBuilder strace = new ProcessBuilder(List.of(
                        "strace",
                        "-f",
                        "-p",
                        Long.toString(server.pid()),
                        "-o",
                        folder.resolve("strace.calls").toString(),
                        "-e",
                        "trace=fdatasync",
                        "-e",
                        "inject=fdatasync:error=EIO"))
                .redirectErrorStream(true)
                .redirectOutput(said.toFile());
        Process process;
        try {
            process = strace.start();
        } catch (IOException e) {
            Assumptions.abort("no strace here: " + e.getMessage());
            throw e;
        }
        Awaitility.await("strace to attach")
                .atMost(Duration.ofSeconds(20))
                .until(() -> !process.isAlive() || Files.readString(said).contains("attached"));
        Assumptions.assumeTrue(process.isAlive(), () -> "strace may not attach: " + text(said));
        return process;
    }

    private static String text(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static Frame send(Talk broker, String body) throws IOException {
        Map<String, String> fields = Talk.sendFields(TOPIC, 0, "");
        return broker.call(RequestCode.SEND_MESSAGE_V2, fields, body.getBytes(UTF_8));
    }

    /** How many messages are served, each of them whole. */
    private static int read(Talk broker) throws IOException {
        List<byte[]> records = broker.read(TOPIC, 0);
        RecordView record = new RecordView();
        assertThat(records)
                .allMatch(bytes -> record.on(bytes, 0, bytes.length) && record.bodyCrcMatches(), "whole records");
        return records.size();
    }
}
