package org.merlinmq.benchmarks;

import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.merlinmq.client.ClientConfig;
import org.merlinmq.client.Message;
import org.merlinmq.client.Producer;
import org.merlinmq.client.ProducerConfig;
import org.merlinmq.client.PullResult;
import org.merlinmq.client.Puller;
import org.merlinmq.client.ReceivedMessage;
import org.merlinmq.protocol.body.MessageQueueId;

/**
 * Messages that wait for their time, for {@code benchmarks/side-by-side delayed}.
 *
 * <pre>
 *  DelayedLoad NAMESERVER fill TOPIC COUNT         sends messages that are due in 1 to 31 days
 *  DelayedLoad NAMESERVER due TOPIC RATE SECONDS   sends so many a second of which all are due soon, and measures how late
 *                                                  each was stored in its queue
 * </pre>
 *
 * <p>Prints names and figures on one line. Threading: the main thread; the client's own do the rest.
 */
public final class DelayedLoad {
    private static final int BODY_BYTES = 100;
    private static final int QUEUES = 4;
    private static final int IN_FLIGHT_BYTES = 4 << 20;
    private static final long DAY_MILLIS = 86_400_000;

    /** Slower than any server here takes them. */
    private static final long SENDS_PER_SECOND = 20_000;

    private final ClientConfig client;
    private final String topic;
    private final PrintStream out = System.out;

    private DelayedLoad(String nameserver, String topic) {
        client = ClientConfig.of(nameserver).withTimeout(Duration.ofSeconds(30));
        this.topic = topic;
    }

    /**
     * Runs one of the loads.
     *
     * @param arguments as above
     */
    public static void main(String[] arguments) {
        DelayedLoad load = new DelayedLoad(arguments[0], arguments[2]);
        switch (arguments[1]) {
            case "fill" -> load.fill(Long.parseLong(arguments[3]));
            case "due" -> load.due(Integer.parseInt(arguments[3]), Integer.parseInt(arguments[4]));
            default -> throw new IllegalArgumentException("fill or due, not " + arguments[1]);
        }
    }

    private Producer producer() {
        return Producer.start(
                client,
                ProducerConfig.of("DelayedLoad")
                        .withTimeout(Duration.ofSeconds(30))
                        .withMaxInFlightBytes(IN_FLIGHT_BYTES));
    }

    private void fill(long count) {
        SplittableRandom random = new SplittableRandom(1);
        long began = System.nanoTime();
        long now = System.currentTimeMillis();
        send(count, i -> now + DAY_MILLIS + random.nextLong(30 * DAY_MILLIS));
        double seconds = (System.nanoTime() - began) / 1e9;
        out.printf("fill_rate %.0f fill_s %.1f%n", count / seconds, seconds);
    }

    private void due(int rate, int seconds) {
        long count = (long) rate * seconds;
        long first = System.currentTimeMillis() + 3_000 + 1_000 * count / SENDS_PER_SECOND;
        send(count, i -> first + 1_000 * i / rate);
        if (System.currentTimeMillis() > first) {
            throw new IllegalStateException("the first message was due before all were sent");
        }
        long[] late = new long[(int) count];
        int arrived = 0;
        try (Puller puller = Puller.open(client, "DelayedLoad")) {
            List<MessageQueueId> queues = puller.queues(topic);
            long[] offsets = new long[queues.size()];
            long end = first + 1_000L * seconds + 60_000;
            while (arrived < count && System.currentTimeMillis() < end) {
                for (int i = 0; i < offsets.length; i++) {
                    PullResult result = puller.pull(queues.get(i), offsets[i], "*", 1024, Duration.ZERO);
                    offsets[i] = result.nextOffset();
                    for (ReceivedMessage message : result.messages()) {
                        String asked = message.properties().getOrDefault("TIMER_OUT_MS", "0");
                        late[arrived++] = message.storeMillis() - Long.parseLong(asked);
                    }
                }
            }
        }
        Arrays.sort(late, 0, arrived);
        out.printf(
                "due_rate %d arrived %d lost %d late_p50_ms %d late_p99_ms %d late_max_ms %d%n",
                rate,
                arrived,
                count - arrived,
                late[arrived / 2],
                late[(int) (arrived * 0.99)],
                late[Math.max(0, arrived - 1)]);
    }

    /** When a message is due. */
    private interface DueTime {
        long millis(long i);
    }

    private void send(long count, DueTime due) {
        AtomicLong failed = new AtomicLong();
        byte[] body = new byte[BODY_BYTES];
        try (Producer producer = producer()) {
            for (long i = 0; i < count; i++) {
                Message message = Message.of(topic, body).withDeliveryAt(Instant.ofEpochMilli(due.millis(i)));
                MessageQueueId queue = new MessageQueueId(
                        topic, producer.queues(topic).getFirst().brokerName(), (int) (i % QUEUES));
                var _ = producer.sendAsync(message, queue).whenComplete((sent, fault) -> {
                    if (fault != null) {
                        failed.incrementAndGet();
                    }
                });
            }
            producer.flush();
        }
        if (failed.get() > 0) {
            throw new IllegalStateException(failed.get() + " of " + count + " sends failed");
        }
    }
}
