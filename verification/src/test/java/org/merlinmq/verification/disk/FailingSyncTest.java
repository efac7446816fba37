package org.merlinmq.verification.disk;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
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
import org.merlinmq.protocol.frame.HeaderForm;
import org.merlinmq.protocol.frame.ProtocolVersion;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.verification.server.RawConnection;
import org.merlinmq.verification.server.Server;
import org.merlinmq.verification.server.SharedServer;

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
            createTopic(server);
            for (int i = 0; i < BEFORE; i++) {
                assertThat(send(server, "before " + i).code()).isEqualTo(ResponseCode.SUCCESS.number());
            }
            Process fault = failSyncs(server);
            try {
                assertRefused(send(server, "during"));
            } finally {
                fault.destroy();
                assertThat(fault.waitFor(20, TimeUnit.SECONDS)).isTrue();
            }
            // The disk is well again, and what it has of the last sync is not known: that takes a restart.
            assertRefused(send(server, "after"));
            assertThat(read(server)).isGreaterThanOrEqualTo(BEFORE);
            server.kill();
            server.startAgain();
            assertThat(read(server)).isBetween((long) BEFORE, BEFORE + 1L);
            assertThat(send(server, "again").code()).isEqualTo(ResponseCode.SUCCESS.number());
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

    private static Frame call(Server server, RequestCode code, Map<String, String> fields, byte[] body)
            throws IOException {
        try (RawConnection connection = new RawConnection(server.broker(), 30_000)) {
            return connection.call(
                    new Frame(HeaderForm.JSON, code.number(), 0, ProtocolVersion.CURRENT, 0, 0, null, fields, body));
        }
    }

    private static void createTopic(Server server) throws IOException {
        Map<String, String> fields = new HashMap<>(Map.of("topic", TOPIC, "defaultTopic", "TBW102", "perm", "6"));
        fields.putAll(Map.of("readQueueNums", "1", "writeQueueNums", "1", "topicFilterType", "SINGLE_TAG"));
        fields.putAll(Map.of("topicSysFlag", "0", "order", "false"));
        Frame reply = call(server, RequestCode.UPDATE_AND_CREATE_TOPIC, fields, new byte[0]);
        assertThat(reply.isOk()).as("create topic: %s", reply.remark()).isTrue();
    }

    private static Frame send(Server server, String body) throws IOException {
        Map<String, String> fields = new HashMap<>(Map.of("a", "P", "b", TOPIC, "c", "TBW102", "d", "1", "e", "0"));
        fields.putAll(Map.of("f", "0", "g", "1", "h", "0", "i", "", "j", "0", "k", "false", "m", "false"));
        return call(server, RequestCode.SEND_MESSAGE_V2, fields, body.getBytes(UTF_8));
    }

    /** How many messages are served, each of them whole. */
    private static long read(Server server) throws IOException {
        long offset = 0;
        RecordView record = new RecordView();
        while (true) {
            Map<String, String> fields = new HashMap<>(Map.of("consumerGroup", "R", "topic", TOPIC, "queueId", "0"));
            fields.putAll(Map.of("queueOffset", Long.toString(offset), "maxMsgNums", "32", "sysFlag", "4"));
            fields.putAll(Map.of("commitOffset", "0", "suspendTimeoutMillis", "0", "subVersion", "0"));
            fields.putAll(Map.of("subscription", "*", "expressionType", "TAG"));
            Frame reply = call(server, RequestCode.PULL_MESSAGE, fields, new byte[0]);
            if (reply.code() != ResponseCode.SUCCESS.number()) {
                return offset;
            }
            byte[] body = reply.body();
            for (int at = 0; at < body.length; at += record.totalBytes()) {
                assertThat(record.on(body, at, body.length - at)).isTrue();
                assertThat(record.bodyCrcMatches()).isTrue();
                assertThat(record.queueOffset()).isEqualTo(offset++);
            }
        }
    }
}
