package org.merlinmq.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.merlinmq.cli.Merlin;
import org.merlinmq.cli.mqadmin.Mqadmin;
import org.merlinmq.client.ClientConfig;
import org.merlinmq.client.ConsumeResult;
import org.merlinmq.client.Consumer;
import org.merlinmq.client.ConsumerConfig;
import org.merlinmq.client.Message;
import org.merlinmq.client.MessageListener;
import org.merlinmq.client.Producer;
import org.merlinmq.client.ProducerConfig;
import org.merlinmq.client.PullResult;
import org.merlinmq.client.Puller;
import org.merlinmq.client.SendResult;
import org.merlinmq.client.StartAt;
import org.merlinmq.protocol.body.MessageQueueId;

/**
 * The load of a training run: {@code TrainingLoad DATA} puts on the server on that folder each kind of request that
 * servers get often, often enough that Java compiles what serves it; then it runs some commands of {@code bin/merlin}.
 * {@code TrainingLoad DATA fill} only writes a log, for a later start to read.
 *
 * <p>{@code bin/launch} runs both for the AOT caches: the server's has the classes and the profiles of an ordinary start
 * and of this load, this process's own has those of the commands. They are two processes because much of the client's
 * code is the server's, too: profiles of both in one would be wrong for either.
 *
 * <p>Threading: one thread; the client's own do the rest. Exit codes: 0 done, 1 failed.
 */
final class TrainingLoad {
    private static final String TOPIC = "TrainingLoad";
    private static final String GROUP = "TrainingLoad";
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long POLL_MILLIS = 50;
    private static final int CONNECTIONS = 4;
    private static final int IN_FLIGHT_BYTES = 64 * 4096; // of each connection: 64 messages
    private static final int BATCH = 16;
    private static final int ONE_BY_ONE = 20_000;
    private static final int AT_END = 100; // pulls that find nothing and do not wait, as at the end of each reading

    private final ClientConfig client;
    private final List<Producer> producers = new ArrayList<>();

    private TrainingLoad(ClientConfig client) {
        this.client = client.withTimeout(PATIENCE);
    }

    /** Runs until the load is done. The argument is the data folder of a server that starts or runs. */
    public static void main(String[] arguments) throws Exception {
        System.setProperty("merlin.command", "true");
        Map<String, String> addresses = addresses(Path.of(arguments[0]));
        String nameserver = addresses.getOrDefault("nameserver", "");
        TrainingLoad load = new TrainingLoad(ClientConfig.of(nameserver));
        if (arguments.length > 1) {
            load.run(() -> load.send(List.of(message(128)), 100_000));
            System.exit(0);
        }
        load.run(load::putAll);
        readPages(addresses.getOrDefault("console", ""));
        runCommands(nameserver);
        System.exit(0);
    }

    private static Map<String, String> addresses(Path data) throws IOException, InterruptedException {
        Path file = data.resolve("merlin.addresses");
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!Files.exists(file)) {
            if (System.nanoTime() - end > 0) {
                throw new IOException("no server started on " + data);
            }
            Thread.sleep(POLL_MILLIS);
        }
        Map<String, String> addresses = new HashMap<>();
        for (String line : Files.readAllLines(file)) {
            addresses.put(line.substring(0, line.indexOf('=')), line.substring(line.indexOf('=') + 1));
        }
        return addresses;
    }

    /** What is done while the producers are connected. */
    private interface Work {
        void run() throws InterruptedException, IOException;
    }

    private void run(Work work) throws InterruptedException, IOException {
        try {
            for (int i = 0; i < CONNECTIONS; i++) {
                ProducerConfig config =
                        ProducerConfig.of(GROUP + i).withTimeout(PATIENCE).withMaxInFlightBytes(IN_FLIGHT_BYTES);
                producers.add(Producer.start(client, config));
            }
            producers.getFirst().send(message(128)); // makes the topic
            work.run();
        } finally {
            producers.forEach(Producer::close);
        }
    }

    private void putAll() throws InterruptedException, IOException {
        sendAndConsume();
        send(List.of(message(128)), 200_000);
        send(List.of(message(1024)), 40_000);
        send(Collections.nCopies(BATCH, message(128)), 8_000);
        for (int i = 0; i < ONE_BY_ONE; i++) {
            producers.getFirst().sendOneway(message(128));
        }
        readBack();
    }

    private static Message message(int bytes) {
        return Message.of(TOPIC, new byte[bytes]);
    }

    /** One message after another, each to a consumer that waits for it. */
    private void sendAndConsume() throws InterruptedException, IOException {
        CountDownLatch consumed = new CountDownLatch(ONE_BY_ONE);
        MessageListener listener = messages -> {
            messages.forEach(message -> consumed.countDown());
            return ConsumeResult.SUCCESS;
        };
        ConsumerConfig config = ConsumerConfig.of(GROUP).startingAt(StartAt.first());
        try (Consumer consumer = Consumer.start(client, config, Map.of(TOPIC, "*"), listener)) {
            for (int i = 0; i < ONE_BY_ONE; i++) {
                producers.get(i % CONNECTIONS).send(message(128));
            }
            if (!consumed.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new IOException(
                        consumed.getCount() + " messages were not consumed, of queues " + consumer.assignment());
            }
        }
    }

    /** As many in flight as {@link #IN_FLIGHT_BYTES} allows. */
    private void send(List<Message> messages, int times) {
        for (int i = 0; i < times; i++) {
            Producer producer = producers.get(i % CONNECTIONS);
            CompletableFuture<SendResult> _ =
                    messages.size() == 1 ? producer.sendAsync(messages.getFirst()) : producer.sendBatchAsync(messages);
        }
        producers.forEach(Producer::flush);
    }

    private void readBack() {
        try (Puller puller = Puller.open(client, GROUP)) {
            for (MessageQueueId queue : puller.queues(TOPIC)) {
                long offset = puller.offset(queue, StartAt.first());
                long end = puller.offset(queue, StartAt.last());
                while (offset < end) {
                    PullResult found = puller.pull(queue, offset);
                    offset = found.nextOffset();
                }
                for (int i = 0; i < AT_END; i++) {
                    puller.pull(queue, end);
                }
                puller.commit(queue, offset);
            }
        }
    }

    private static void readPages(String console) throws IOException {
        for (String page : List.of("", "healthz", "metrics")) {
            try (InputStream in = URI.create(console + page).toURL().openStream()) {
                in.readAllBytes();
            }
        }
    }

    private static void runCommands(String nameserver) throws IOException {
        for (List<String> command : List.of(
                List.of("send", "Training", "hello", "--key", "k"),
                List.of("consume", "Training", "--from", "first", "--count", "1"),
                List.of("topic", "list"),
                List.of("topic", "show", "Training"),
                List.of("group", "list"))) {
            List<String> words = new ArrayList<>(command);
            words.addAll(List.of("--namesrv", nameserver));
            if (Merlin.run(words.toArray(new String[0])) != 0) {
                throw new IOException("a command failed: " + words);
            }
        }
        PrintWriter out = new PrintWriter(System.out, true, System.out.charset());
        for (String command : List.of("clusterList", "topicStatus -t Training", "consumerProgress")) {
            String[] words = (command + " -n " + nameserver).split(" ", -1);
            if (Mqadmin.run(out, out, words) != 0) {
                throw new IOException("a command failed: mqadmin " + command);
            }
        }
    }
}
