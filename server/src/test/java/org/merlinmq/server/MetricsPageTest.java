package org.merlinmq.server;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.merlinmq.client.ClientConfig;
import org.merlinmq.client.ConsumeResult;
import org.merlinmq.client.Consumer;
import org.merlinmq.client.ConsumerConfig;
import org.merlinmq.client.Message;
import org.merlinmq.client.Producer;
import org.merlinmq.client.ProducerConfig;
import org.merlinmq.client.StartAt;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.frame.FrameCodec;
import org.merlinmq.protocol.message.MessageId;
import org.merlinmq.server.config.Assignment;
import org.merlinmq.server.config.Config;
import org.merlinmq.server.config.ConfigLoader;
import org.merlinmq.server.config.Role;
import org.merlinmq.server.config.Settings;
import org.merlinmq.testkit.SimClock;

/** What a scraper reads of a server that producers and consumers use. */
class MetricsPageTest {
    private static final int MESSAGES = 50;
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final Pattern SAMPLE = Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(\\{.*})? (\\S+)");
    private static final Pattern BOUND = Pattern.compile(",le=\"([^\"]+)\"");

    @TempDir
    Path data;

    private DataFolder folder;
    private Node node;

    @BeforeEach
    void start() throws Exception {
        Map<String, String> settings = Map.of(
                "data", data.toString(),
                "bind", "127.0.0.1",
                "host", "127.0.0.1",
                "nameserver.port", "0",
                "broker.port", "0",
                "console.port", "0",
                "storage.segment", "4m",
                "storage.disk-force", "99", // the disk is the machine's and may be fuller than the defaults allow
                "storage.disk-refuse", "99",
                "flushDiskType", "SYNC_FLUSH");
        List<Assignment> assignments = settings.entrySet().stream()
                .map(each -> new Assignment("test", each.getKey(), each.getValue()))
                .toList();
        Config config = ConfigLoader.load(Role.ALL_IN_ONE, null, Map.of(), assignments);
        folder = DataFolder.open(config.value(Settings.DATA), Role.ALL_IN_ONE);
        node = Node.start(config, folder, SimClock.ticking());
    }

    @AfterEach
    void stop() {
        node.close();
        folder.close();
    }

    @Test
    void trafficConnectionsAndFlushesAreOnThePage() throws Exception {
        CountDownLatch consumed = new CountDownLatch(MESSAGES);
        ConsumerConfig config = ConsumerConfig.of("orders-in").startingAt(StartAt.first());
        try (Producer producer = Producer.start(client(), ProducerConfig.of("orders-out"))) {
            for (int i = 0; i < MESSAGES; i++) {
                producer.send(Message.of("Orders", "order " + i));
            }
            try (Consumer consumer = Consumer.start(client(), config, Map.of("Orders", "*"), messages -> {
                messages.forEach(message -> consumed.countDown());
                return ConsumeResult.SUCCESS;
            })) {
                assertThat(consumed.await(30, TimeUnit.SECONDS)).isTrue();
                assertThat(consumer.assignment()).isNotEmpty();
                // The producer's heartbeat is not waited for by its sends.
                check(scrapedUntil(samples -> value(samples, "merlinmq_parked_pulls", "") > 0
                        && has(samples, "rocketmq_producer_connections", "producer_group=\"orders-out\"")));
            }
        }
        Map<String, Double> after = scrapedUntil(
                samples -> samples.keySet().stream().noneMatch(name -> name.contains("producer_group=\"orders-out\"")));
        assertThat(value(after, "merlinmq_sent_messages_total", "")).isGreaterThanOrEqualTo(MESSAGES);
        assertThat(value(after, "rocketmq_consumer_lag_messages", "consumer_group=\"orders-in\",is_retry=\"false\""))
                .isZero();
    }

    @Test
    void transactionsAndDelaysHaveRocketMqsNames() throws Exception {
        String broker = requireNonNull(node.addresses().get("broker"));
        int port = Integer.parseInt(broker.substring(broker.lastIndexOf(':') + 1));
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            decide(socket, half(socket, 1), 8);
            decide(socket, half(socket, 2), 8);
            decide(socket, half(socket, 3), 12);
            half(socket, 4);
        }
        try (Producer producer = Producer.start(client(), ProducerConfig.of("orders-out"))) {
            producer.send(Message.of("Orders", "soon").withDelay(Duration.ofMillis(1)));
            producer.send(Message.of("Orders", "one day").withDelay(Duration.ofDays(1)));
            producer.send(Message.of("Orders", "some day").withDelay(Duration.ofDays(300)));
        }
        // A page is made line by line while the message is delivered.
        Map<String, Double> page = scrapedUntil(samples -> value(samples, "rocketmq_timer_dequeue_total", "") == 1
                && value(samples, "rocketmq_timing_messages", "") == 2);
        assertThat(value(page, "rocketmq_half_messages", "")).isEqualTo(1);
        assertThat(value(page, "rocketmq_commit_messages_total", "")).isEqualTo(2);
        assertThat(value(page, "rocketmq_rollback_messages_total", "")).isEqualTo(1);
    }

    /** Sends a half message; returns the answer. */
    private static Frame half(Socket socket, int number) throws IOException {
        Map<String, String> fields = new HashMap<>(Map.of("a", "P", "b", "Orders", "c", "TBW102", "d", "4", "e", "0"));
        fields.putAll(Map.of("f", "4", "g", "0", "h", "0", "j", "0"));
        fields.put("i", "TRAN_MSG\u0001true\u0002PGROUP\u0001P\u0002UNIQ_KEY\u0001K" + number + "\u0002");
        return call(
                socket,
                Frame.request(RequestCode.SEND_MESSAGE_V2, null, new byte[] {1}).withFields(fields));
    }

    private static void decide(Socket socket, Frame half, int decision) throws IOException {
        Map<String, String> fields = Map.of(
                "producerGroup",
                "P",
                "tranStateTableOffset",
                half.requiredText("queueOffset"),
                "commitLogOffset",
                "" + MessageId.decode(half.requiredText("msgId")).logOffset(),
                "commitOrRollback",
                "" + decision);
        call(socket, Frame.request(RequestCode.END_TRANSACTION, null).withFields(fields));
    }

    private static Frame call(Socket socket, Frame request) throws IOException {
        ByteWriter out = new ByteWriter();
        FrameCodec.encode(request, out);
        socket.getOutputStream().write(out.array(), 0, out.length());
        byte[] length = socket.getInputStream().readNBytes(4);
        byte[] rest = socket.getInputStream().readNBytes(ByteBuffer.wrap(length).getInt());
        byte[] bytes =
                ByteBuffer.allocate(4 + rest.length).put(length).put(rest).array();
        Frame answer = FrameCodec.decode(bytes, 0, bytes.length);
        assertThat(answer.isOk()).as(answer.remark()).isTrue();
        return answer;
    }

    private ClientConfig client() {
        return ClientConfig.of(requireNonNull(node.addresses().get("nameserver")));
    }

    private static void check(Map<String, Double> page) {
        assertThat(value(page, "merlinmq_connections", "")).isGreaterThanOrEqualTo(2);
        assertThat(value(page, "rocketmq_producer_connections", "producer_group=\"orders-out\""))
                .isEqualTo(1);
        assertThat(value(page, "rocketmq_consumer_connections", "consumer_group=\"orders-in\",consume_mode=\"push\""))
                .isEqualTo(1);
        assertThat(value(page, "merlinmq_send_latency_seconds_count", "")).isEqualTo(MESSAGES);
        assertThat(value(page, "merlinmq_pull_latency_seconds_count", "")).isPositive();
        // Each send was answered before the next one left: each waited for a sync of its own.
        assertThat(value(page, "merlinmq_flush_wait_seconds_count", "")).isEqualTo(MESSAGES);
        assertThat(value(page, "merlinmq_flush_latency_seconds_count", "")).isGreaterThanOrEqualTo(MESSAGES);
        assertThat(value(page, "merlinmq_flush_latency_seconds_sum", "")).isPositive();
        assertThat(value(page, "rocketmq_messages_in_total", "topic=\"Orders\""))
                .isEqualTo(MESSAGES);
        assertThat(value(page, "rocketmq_messages_out_total", "topic=\"Orders\",consumer_group=\"orders-in\""))
                .isEqualTo(MESSAGES);
        assertThat(value(page, "merlinmq_sent_bytes_total", "")).isGreaterThan(MESSAGES * 91.0);
        assertThat(value(page, "rocketmq_storage_size_bytes", "")).isGreaterThan(MESSAGES * 91.0);
        assertThat(has(page, "jvm_memory_used_bytes", "area=\"heap\"")).isTrue();
    }

    private Map<String, Double> scrapedUntil(Predicate<Map<String, Double>> enough) throws IOException {
        long giveUp = System.nanoTime() + PATIENCE_NANOS;
        Map<String, Double> samples = scrape();
        while (!enough.test(samples)) {
            assertThat(System.nanoTime())
                    .as("a page that never came; the last was %s", samples)
                    .isLessThan(giveUp);
            samples = scrape();
        }
        return samples;
    }

    /** Reads the page as Prometheus does: each family's lines together, none twice, buckets that never fall. */
    private Map<String, Double> scrape() throws IOException {
        String text;
        try (InputStream in =
                URI.create(node.addresses().get("console") + "metrics").toURL().openStream()) {
            text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        Map<String, Double> samples = new LinkedHashMap<>();
        Map<String, String> types = new LinkedHashMap<>();
        String family = "";
        for (String line : text.split("\n", -1)) {
            if (line.startsWith("# HELP ")) {
                family = line.split(" ", -1)[2];
                assertThat(types).doesNotContainKey(family);
            } else if (line.startsWith("# TYPE ")) {
                assertThat(line).startsWith("# TYPE " + family + " ");
                types.put(family, line.substring(line.lastIndexOf(' ') + 1));
            } else if (!line.isEmpty()) {
                Matcher sample = SAMPLE.matcher(line);
                assertThat(sample.matches()).as(line).isTrue();
                String suffix = sample.group(1).substring(family.length());
                assertThat(suffix).isIn("histogram".equals(types.get(family)) ? HISTOGRAM : List.of(""));
                String series = sample.group(1) + (sample.group(2) == null ? "" : sample.group(2));
                assertThat(samples.put(series, Double.valueOf(sample.group(3))))
                        .as(series)
                        .isNull();
            }
        }
        bucketsGrow(samples);
        return samples;
    }

    private static final List<String> HISTOGRAM = List.of("_bucket", "_sum", "_count");

    private static void bucketsGrow(Map<String, Double> samples) {
        double lastBound = -1;
        double lastCount = 0;
        for (Map.Entry<String, Double> sample : samples.entrySet()) {
            Matcher bound = BOUND.matcher(sample.getKey());
            if (!bound.find()) {
                continue;
            }
            boolean infinite = bound.group(1).equals("+Inf");
            double le = infinite ? Double.POSITIVE_INFINITY : Double.parseDouble(bound.group(1));
            assertThat(le).as(sample.getKey()).isGreaterThan(lastBound);
            assertThat(sample.getValue()).as(sample.getKey()).isGreaterThanOrEqualTo(lastCount);
            lastBound = infinite ? -1 : le;
            lastCount = infinite ? 0 : sample.getValue();
            if (infinite) {
                String count = bound.replaceFirst("").replace("_bucket", "_count");
                assertThat(samples.get(count)).as(count).isEqualTo(sample.getValue());
            }
        }
    }

    private static boolean has(Map<String, Double> samples, String name, String labels) {
        return samples.keySet().stream().anyMatch(series -> series.startsWith(name + "{") && series.contains(labels));
    }

    private static double value(Map<String, Double> samples, String name, String labels) {
        List<Double> found = samples.entrySet().stream()
                .filter(each ->
                        each.getKey().startsWith(name + "{") && each.getKey().contains(labels))
                .map(Map.Entry::getValue)
                .toList();
        assertThat(found).as("%s with %s", name, labels).hasSize(1);
        return found.getFirst();
    }
}
