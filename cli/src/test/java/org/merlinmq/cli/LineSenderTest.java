package org.merlinmq.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.merlinmq.client.ClientException;
import org.merlinmq.client.Message;
import org.merlinmq.client.SendResult;
import org.merlinmq.client.SendStatus;
import org.merlinmq.protocol.body.MessageQueueId;

class LineSenderTest {
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void linesOfOneKeyKeepTheirOrderThroughOneQueue() throws Exception {
        StringBuilder input = new StringBuilder();
        Random random = new Random(7);
        for (int i = 0; i < 5000; i++) {
            input.append("sshd[")
                    .append(random.nextInt(50))
                    .append("] ")
                    .append(i)
                    .append('\n');
        }
        Server server = new Server(8, -1);
        LineSender.Totals totals = send(server, input.toString(), "sshd\\[(\\d+)\\]");
        assertThat(totals.sent()).isEqualTo(5000);
        assertThat(server.mostInFlightPerQueue).isEqualTo(1);
        Map<String, Integer> last = new HashMap<>();
        Map<String, MessageQueueId> home = new HashMap<>();
        server.stored.forEach((queue, lines) -> lines.forEach(line -> {
            String[] words = line.split(" ", -1);
            assertThat(home.computeIfAbsent(words[0], key -> queue)).isEqualTo(queue);
            assertThat(Integer.parseInt(words[1])).isGreaterThan(last.getOrDefault(words[0], -1));
            last.put(words[0], Integer.parseInt(words[1]));
        }));
        assertThat(home).hasSize(50);
    }

    @Test
    void failureIsNamedByItsLineAndTheOthersGo() throws Exception {
        LineSender.Totals totals = send(new Server(4, 3), "a\nb\nc\nd\n", null);
        assertThat(totals).isEqualTo(new LineSender.Totals(3, 3, 1));
        assertThat(err.toString(StandardCharsets.UTF_8).strip())
                .isEqualTo("merlin: line 3 was not sent: the broker refused");
    }

    /** The limit of these tests is 1000 bytes. */
    @Test
    void aLineBeyondTheLimitIsAFailureAndTheOthersGo() throws Exception {
        LineSender.Totals totals = send(new Server(4, -1), "a\n" + "b".repeat(90_000) + "\nc\n", null);
        assertThat(totals).isEqualTo(new LineSender.Totals(2, 2, 1));
        assertThat(err.toString(StandardCharsets.UTF_8).strip())
                .isEqualTo("merlin: line 2 was not sent: it has 90000 bytes, and 1000 are the most");
        assertThat(send(new Server(4, -1), "a\n" + "b".repeat(90_000) + "\nc\n", "\\w")
                        .sent())
                .as("with an order the rest would be out of it")
                .isEqualTo(1);
    }

    @Test
    void orderedSendingEndsAtTheFirstFailure() throws Exception {
        Server server = new Server(1, 2);
        LineSender.Totals totals = send(server, "a\nb\n" + "c\n".repeat(1000), "\\w");
        assertThat(totals.failed()).isEqualTo(1);
        assertThat(totals.sent()).isEqualTo(1);
    }

    private LineSender.Totals send(Server server, String input, @Nullable String order) throws Exception {
        LinePattern orderBy = order == null ? null : LinePattern.of("--order-by", order);
        LineRules rules = new LineRules("T", null, null, orderBy, Duration.ZERO);
        PrintStream out = new PrintStream(err, true, StandardCharsets.UTF_8);
        Progress progress = new Progress(out, false, System::nanoTime);
        byte[] bytes = input.getBytes(StandardCharsets.UTF_8);
        try (server) {
            return new LineSender(server, rules, progress, out)
                    .send(new Lines(new ByteArrayInputStream(bytes), 1000), bytes.length);
        }
    }

    /** Answers on another thread and refuses one message. */
    private static final class Server implements LineSender.Outbox, AutoCloseable {
        private final Map<MessageQueueId, List<String>> stored = new HashMap<>();
        private final Map<MessageQueueId, Integer> inFlight = new HashMap<>();
        private final ExecutorService threads = Executors.newFixedThreadPool(2);
        private final int queues;
        private final int refused;
        private int count;
        private int mostInFlightPerQueue;

        Server(int queues, int refused) {
            this.queues = queues;
            this.refused = refused;
        }

        @Override
        public List<MessageQueueId> queues(String topic) {
            List<MessageQueueId> all = new ArrayList<>();
            for (int id = 0; id < queues; id++) {
                all.add(new MessageQueueId(topic, "b", id));
            }
            return all;
        }

        @Override
        public CompletableFuture<SendResult> send(Message message, @Nullable MessageQueueId queue) {
            MessageQueueId to = queue == null ? new MessageQueueId("T", "b", 0) : queue;
            boolean refuse;
            synchronized (this) {
                refuse = ++count == refused;
                mostInFlightPerQueue = Math.max(mostInFlightPerQueue, inFlight.merge(to, 1, Integer::sum));
            }
            return CompletableFuture.supplyAsync(() -> answer(message, to, refuse), threads);
        }

        private synchronized SendResult answer(Message message, MessageQueueId to, boolean refuse) {
            inFlight.merge(to, -1, Integer::sum);
            if (refuse) {
                throw new ClientException("the broker refused");
            }
            List<String> lines = stored.computeIfAbsent(to, queue -> new ArrayList<>());
            lines.add(new String(message.body(), StandardCharsets.UTF_8));
            return new SendResult(SendStatus.SEND_OK, "id", "offsetId", to, lines.size() - 1L, null);
        }

        @Override
        public void close() {
            threads.close();
        }
    }
}
