package org.merlinmq.verification.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.verification.clients.ScenarioPlayer;
import org.merlinmq.verification.server.Server;
import org.merlinmq.verification.server.SharedServer;
import org.merlinmq.verification.server.Talk;

/** What {@code docs/operate/disk-full.md} promises, with the official client on disks that are really full. */
@Execution(ExecutionMode.CONCURRENT)
@Order(1) // long: the others go on beside it
class DiskFullTest {
    private static final String CLIENT = "5.5.0";
    private static final int DISK_MEGABYTES = 224;
    private static final int TAKEN_MEGABYTES = 140;

    /** As users have them: the disk is the test's own. */
    private static final Map<String, String> DEFAULT_LIMITS =
            Map.of("storage.disk-max-used", "75", "storage.disk-force", "85", "storage.disk-refuse", "90");

    private final Path folder = SharedServer.freshFolder("full-");

    @ParameterizedTest
    @CsvSource({"ASYNC_FLUSH, tmpfs", "SYNC_FLUSH, tmpfs", "ASYNC_FLUSH, ext4", "SYNC_FLUSH, ext4"})
    void nothingAcknowledgedIsLostAndWritesReturnByThemselves(String flush, String kind) throws Exception {
        Map<String, String> settings = settings(flush);
        settings.put("cleanFileForciblyEnable", "false");
        try (SmallDisk disk = SmallDisk.mount(kind, folder, DISK_MEGABYTES)) {
            disk.take(TAKEN_MEGABYTES);
            try (Server server = Server.merlin(folder, disk.folder().resolve("data"), settings);
                    ScenarioPlayer player = ScenarioPlayer.start(CLIENT, server, folder)) {
                try (Talk broker = new Talk(server.broker())) {
                    broker.topic("Spare", 2);
                }
                player.play("disk-fill");
                assertUnhealthy(server);
                try (Talk broker = new Talk(server.broker())) {
                    broker.ask(RequestCode.DELETE_TOPIC_IN_BROKER, Map.of("topic", "Spare"), new byte[0]);
                }

                disk.giveBack();
                player.play("disk-again");
                assertThat(get(server, "/healthz").statusCode()).isEqualTo(200);

                disk.takeAll();
                player.play("disk-fill");
                assertUnhealthy(server);
                // Offsets that were committed without a byte of space are written when there is some.
                disk.giveBack();
                player.play("disk-again");

                disk.takeAll();
                server.kill();
                // Without a free byte, whatever was written last.
                server.startAgain();
                player.play("disk-audit");
                assertUnhealthy(server);
                endInGoodOrder(server);
                disk.takeAll();
                server.startAgain();
                player.play("disk-audit");

                disk.giveBack();
                player.play("disk-again");
            }
        }
    }

    @Test
    void aNewStoreNeedsRoom() throws Exception {
        try (SmallDisk disk = SmallDisk.mount("tmpfs", folder, DISK_MEGABYTES)) {
            disk.takeAll();
            Path data = disk.folder().resolve("data");
            assertThatThrownBy(() -> Server.merlin(folder, data, settings("ASYNC_FLUSH")))
                    .hasMessageContainingAll("no disk space", "a new store", "make room");
        }
    }

    @Test
    void expiryOfOldMessagesBringsWritesBack() throws Exception {
        Map<String, String> settings = settings("ASYNC_FLUSH");
        settings.put("cleanFileForciblyEnable", "false");
        settings.put("storage.retention", "1m");
        try (SmallDisk disk = SmallDisk.mount("tmpfs", folder, DISK_MEGABYTES)) {
            disk.take(TAKEN_MEGABYTES);
            try (Server server = Server.merlin(folder, disk.folder().resolve("data"), settings);
                    ScenarioPlayer player = ScenarioPlayer.start(CLIENT, server, folder)) {
                player.play("disk-fill");
                player.play("disk-expire");
            }
        }
    }

    /** Unlike a kill it removes the small files that say where the server is. */
    private static void endInGoodOrder(Server server) {
        server.close();
    }

    private static Map<String, String> settings(String flush) {
        Map<String, String> settings = new HashMap<>(DEFAULT_LIMITS);
        settings.put("flushDiskType", flush);
        settings.put("mappedFileSizeCommitLog", Integer.toString(4 << 20));
        return settings;
    }

    /** The server looks at its disk every ten seconds. */
    private static void assertUnhealthy(Server server) {
        Awaitility.await("a health check that fails")
                .atMost(Duration.ofSeconds(90))
                .until(() -> get(server, "/healthz").statusCode() == 503);
        Awaitility.await("the reason").atMost(Duration.ofSeconds(90)).untilAsserted(() -> {
            assertThat(get(server, "/healthz").body()).contains("Free space");
            assertThat(get(server, "/metrics").body()).containsPattern("(?m)^merlinmq_writable\\S* 0");
        });
    }

    private static HttpResponse<String> get(Server server, String path) throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + server.console().getPort() + path);
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
        }
    }
}
