package org.merlinmq.cli;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.merlinmq.client.Admin;
import org.merlinmq.client.Message;
import org.merlinmq.client.Producer;
import org.merlinmq.client.ProducerConfig;
import org.merlinmq.client.Puller;
import org.merlinmq.client.StartAt;
import org.merlinmq.protocol.body.MessageQueueId;
import org.merlinmq.protocol.body.TopicConfig;
import org.merlinmq.protocol.json.JsonWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A small load run, bounded in time: sends, then pulls what it sent. */
@Command(
        name = "bench",
        description = {
            "A small load run against a server: send for some seconds, then pull what was sent.",
            "It checks that a server works; for figures to compare, use benchmarks/."
        })
final class BenchCommand implements Runnable {
    private static final String TOPIC = "merlin-bench";

    @Mixin
    private final ServerOption server = new ServerOption();

    @Option(
            names = "--size",
            paramLabel = "BYTES",
            defaultValue = "128",
            description = "Bytes of a message. Default: ${DEFAULT-VALUE}.")
    private int size;

    @Option(
            names = "--in-flight",
            paramLabel = "N",
            defaultValue = "512",
            description = "Messages sent and not yet answered. Default: ${DEFAULT-VALUE}.")
    private int inFlight;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "5",
            description = "How long to send; pulling takes no longer. Default: ${DEFAULT-VALUE}.")
    private int seconds;

    @Option(names = "--keep", description = "Keep the topic " + TOPIC + " afterwards.")
    private boolean keep;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    /** One half of the run. */
    private record Phase(long messages, double seconds, LatencyHistogram latencies) {
        double rate() {
            return messages / Math.max(1e-9, seconds);
        }
    }

    @Override
    public void run() {
        if (size < 1 || size > 1 << 20 || inFlight < 1 || inFlight > 100_000 || seconds < 1 || seconds > 600) {
            throw new IllegalArgumentException(
                    "bench takes --size 1 to 1048576, --in-flight 1 to 100000," + " --seconds 1 to 600");
        }
        try (Admin admin = server.admin();
                Puller puller = Puller.open(server.config(), ConsumeCommand.NO_GROUP)) {
            admin.createTopic(TopicConfig.of(TOPIC, 4));
            Map<MessageQueueId, Long> ends = new LinkedHashMap<>(); // what an interrupted run left does not count
            puller.queues(TOPIC).forEach(queue -> ends.put(queue, puller.offset(queue, StartAt.last())));
            Phase sends = send();
            Phase pulls = pull(puller, ends);
            print(sends, pulls);
            if (!keep) {
                admin.deleteTopic(TOPIC);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CommandFailure("interrupted");
        }
    }

    private Phase send() throws InterruptedException {
        byte[] body = new byte[size];
        new Random(size).nextBytes(body);
        LatencyHistogram latencies = new LatencyHistogram();
        Semaphore room = new Semaphore(inFlight);
        AtomicLong sent = new AtomicLong();
        AtomicLong failed = new AtomicLong();
        Progress progress = Progress.onErr();
        try (Producer producer = Producer.start(server.config(), ProducerConfig.of("merlin-bench"))) {
            Message message = Message.of(TOPIC, body);
            producer.send(message);
            long begin = System.nanoTime();
            long end = begin + seconds * 1_000_000_000L;
            for (long now = begin; now < end && failed.get() == 0; now = System.nanoTime()) {
                room.acquire();
                long at = System.nanoTime();
                CompletableFuture<Void> _ = producer.sendAsync(message).handle((_, failure) -> {
                    latencies.record(System.nanoTime() - at);
                    (failure == null ? sent : failed).incrementAndGet();
                    room.release();
                    return null;
                });
                progress.at("sent", sent.get(), (double) (now - begin) / (end - begin));
            }
            room.acquire(inFlight);
            progress.end();
            if (failed.get() > 0) {
                throw new CommandFailure(failed.get() + " sends failed; merlin send shows the causes");
            }
            return new Phase(sent.get(), (System.nanoTime() - begin) / 1e9, latencies);
        }
    }

    private Phase pull(Puller puller, Map<MessageQueueId, Long> from) throws InterruptedException {
        Progress progress = Progress.onErr();
        MultiQueueReader reading = new MultiQueueReader(puller, "*", false);
        long begin = System.nanoTime();
        long end = begin + seconds * 1_000_000_000L;
        from.forEach(reading::begin);
        long[] pulled = {0};
        reading.run(
                message -> {
                    pulled[0]++;
                    progress.at("pulled", pulled[0], -1);
                    return (pulled[0] & 31) != 0 || System.nanoTime() < end;
                },
                10_000);
        progress.end();
        return new Phase(pulled[0], (System.nanoTime() - begin) / 1e9, new LatencyHistogram());
    }

    private void print(Phase sends, Phase pulls) {
        double p50 = sends.latencies().percentile(0.5) / 1e6;
        double p99 = sends.latencies().percentile(0.99) / 1e6;
        if (json) {
            JsonWriter out = new JsonWriter().beginObject().field("bytes", size).field("inFlight", inFlight);
            out.field("pullRate", pulls.rate()).field("pulled", pulls.messages());
            out.field("sendP50Millis", p50).field("sendP99Millis", p99);
            out.field("sendRate", sends.rate()).field("sent", sends.messages());
            System.out.println(out.endObject().toText());
            return;
        }
        System.out.println(String.format(
                Locale.ROOT,
                "sent   %,10d messages of %d bytes in %.1f s: %,.0f/s, p50 %.2f ms, p99 %.2f ms (%d in flight)",
                sends.messages(),
                size,
                sends.seconds(),
                sends.rate(),
                p50,
                p99,
                inFlight));
        System.out.println(String.format(
                Locale.ROOT,
                "pulled %,10d messages in %.1f s: %,.0f/s",
                pulls.messages(),
                pulls.seconds(),
                pulls.rate()));
    }
}
