package org.merlinmq.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ConsoleTest {
    private static final ServerSummary FACTS =
            new ServerSummary("1.2.3", "Default<Cluster>", "broker-a", "127.0.0.1:9876", "127.0.0.1:10911", "/data");

    private final AtomicReference<String> trouble = new AtomicReference<>();
    private Console console;

    @BeforeEach
    void start() throws IOException {
        console = start(Duration.ofSeconds(20));
    }

    private Console start(Duration patience) throws IOException {
        ConsoleConfig config = new ConsoleConfig("127.0.0.1", 0, 4, 1024, patience);
        return Console.start(
                config,
                FACTS,
                trouble::get,
                List.of(out -> out.counter("sends_total", "Sends.", 3, "topic", "a\"b"), new JvmMetrics()));
    }

    @AfterEach
    void stop() {
        console.close();
    }

    @Test
    void healthIsOkUntilThereIsTrouble() throws Exception {
        assertThat(get("/healthz").statusCode()).isEqualTo(200);
        trouble.set("the disk is full");
        HttpResponse<String> sick = get("/healthz");
        assertThat(sick.statusCode()).isEqualTo(503);
        assertThat(sick.body()).isEqualTo("the disk is full\n");
    }

    @Test
    void startPageTellsAddressesAndCommandsAndEscapes() throws Exception {
        assertThat(get("/").body())
                .contains("127.0.0.1:9876", "bin/merlin send", "Default&lt;Cluster&gt;")
                .doesNotContain("{nameserver}", "{broker}", "{version}", "http://", "https://", "<Cluster>");
    }

    @Test
    void metricsArePrometheusText() throws Exception {
        HttpResponse<String> metrics = get("/metrics");
        assertThat(metrics.headers().firstValue("content-type")).hasValue(MetricsText.CONTENT_TYPE);
        assertThat(metrics.body())
                .contains("# TYPE sends_total counter\nsends_total{topic=\"a\\\"b\"} 3\n")
                .contains("jvm_memory_used_bytes{area=\"heap\"} ");
    }

    @Test
    void otherPathsAndMethodsAreRefused() throws Exception {
        assertThat(get("/nothing").statusCode()).isEqualTo(404);
        HttpRequest post = HttpRequest.newBuilder(uri("/"))
                .POST(HttpRequest.BodyPublishers.ofString("x"))
                .build();
        assertThat(send(post).statusCode()).isEqualTo(405);
        HttpRequest large = HttpRequest.newBuilder(uri("/"))
                .POST(HttpRequest.BodyPublishers.ofString("x".repeat(5000)))
                .build();
        assertThat(send(large).statusCode()).isEqualTo(413);
    }

    @Test
    void hostileRequestsAreAnsweredAndClosed() throws Exception {
        assertThat(raw("GET /" + "a".repeat(5000) + " HTTP/1.1\r\nHost: x\r\n\r\n"))
                .startsWith("HTTP/1.1 414");
        assertThat(raw("GET / HTTP/1.1\r\nX: " + "a".repeat(20_000) + "\r\n\r\n"))
                .startsWith("HTTP/1.1 431");
        assertThat(raw("\u0000\u0000\u0001\u0002\r\n\r\n")).startsWith("HTTP/1.1 400");
    }

    @Test
    void silentConnectionIsClosed() throws Exception {
        try (Console impatient = start(Duration.ofMillis(100));
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), impatient.port())) {
            socket.getOutputStream().write("GET / HT".getBytes(StandardCharsets.US_ASCII));
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void connectionServesManyRequests() throws Exception {
        String twice = raw(String.join(
                "\r\n",
                "GET /healthz HTTP/1.1",
                "",
                "HEAD / HTTP/1.1",
                "",
                "GET /healthz HTTP/1.1",
                "Connection: close",
                "",
                ""));
        assertThat(twice.split("HTTP/1.1 200 OK", -1)).hasSize(4);
        assertThat(twice.indexOf("<!doctype")).isNegative();
    }

    @Test
    void connectionsBeyondTheLimitAreClosed() throws Exception {
        try (Socket a = open();
                Socket b = open();
                Socket c = open();
                Socket d = open();
                Socket e = open()) {
            assertThat(e.getInputStream().read()).isEqualTo(-1);
            for (Socket served : List.of(a, b, c, d)) {
                served.getOutputStream().write("GET /healthz HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                assertThat(served.getInputStream().read()).isEqualTo('H');
            }
        }
    }

    /** A scrape of many queues takes a while; the server may stop meanwhile, and that is nobody's bug. */
    @Test
    void aPageThatIsDoneAfterTheEndIsDroppedInSilence() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        CompletableFuture<Thread> worker = new CompletableFuture<>();
        AtomicReference<Throwable> died = new AtomicReference<>();
        MetricsSource slow = out -> {
            worker.complete(Thread.currentThread());
            asked.countDown();
            awaitUninterruptibly(ended);
        };
        Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((thread, cause) -> died.set(cause));
        Console stopping = Console.start(ConsoleConfig.on("127.0.0.1", 0), FACTS, () -> null, List.of(slow));
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), stopping.port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write("GET /metrics HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
            assertThat(asked.await(20, TimeUnit.SECONDS)).isTrue();
            stopping.close();
            ended.countDown();
            assertThat(worker.get().join(Duration.ofSeconds(20))).isTrue();
            assertThat(died.get()).isNull();
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        } finally {
            stopping.close();
            Thread.setDefaultUncaughtExceptionHandler(before);
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void portInUseIsSaid() {
        assertThatThrownBy(() ->
                        Console.start(ConsoleConfig.on("127.0.0.1", console.port()), FACTS, () -> null, List.of()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("in use");
    }

    private HttpResponse<String> get(String path) throws Exception {
        return send(HttpRequest.newBuilder(uri(path)).build());
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + console.port() + path);
    }

    private static HttpResponse<String> send(HttpRequest request) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        }
    }

    private Socket open() throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), console.port());
    }

    private String raw(String request) throws IOException {
        try (Socket socket = open();
                InputStream in = socket.getInputStream()) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
