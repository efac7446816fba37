package org.merlinmq.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.merlinmq.client.ClientException;
import org.merlinmq.client.Message;
import org.merlinmq.client.SendResult;
import org.merlinmq.client.SendStatus;
import org.merlinmq.protocol.body.MessageQueueId;

class LineSenderTest {
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @ParameterizedTest
    @ValueSource(ints = {1, 7})
    void linesOfOneKeyKeepTheirOrderThroughOneQueue(int batch) throws Exception {
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
        LineSender.Totals totals = sendBatches(server, batch, input.toString(), "sshd\\[(\\d+)\\]");
        assertThat(totals.sent()).isEqualTo(5000);
        assertThat(server.batches).allMatch(size -> size <= batch);
        assertThat(server.batches.size() < 5000).as("some go together").isEqualTo(batch > 1);
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

    @Test
    void aBatchHoldsAsManyLinesAsItMayAndTheLastTheRest() throws Exception {
        Server server = new Server(1, -1);
        assertThat(sendBatches(server, 4, "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n", null))
                .isEqualTo(new LineSender.Totals(10, 10, 0));
        assertThat(server.batches).containsExactlyInAnyOrder(4, 4, 2);
    }

    /** The most bytes of a batch are 2000 in these tests, and a message takes ten besides its body. */
    @Test
    void aBatchEndsWhereItsBytesEnd() throws Exception {
        Server server = new Server(1, -1);
        sendBatches(server, 100, ("x".repeat(490) + "\n").repeat(6) + "y".repeat(990) + "\n", null);
        assertThat(server.batches).containsExactlyInAnyOrder(4, 3);
    }

    /** Else the last lines of a log that is still written would wait for the next ones. */
    @Test
    void whatIsThereGoesOutWhenTheInputPauses() throws Exception {
        try (Server server = new Server(1, -1)) {
            InputStream pausing = new InputStream() {
                private int at;

                @Override
                public int read() {
                    throw new UnsupportedOperationException();
                }

                @Override
                public int read(byte[] to, int from, int length) {
                    if (at == 4) {
                        server.awaitStored(2); // nobody writes on before the first two are stored
                    }
                    byte[] all = "a\nb\nc\n".getBytes(StandardCharsets.UTF_8);
                    int count = at == 0 ? 4 : all.length - at;
                    System.arraycopy(all, at, to, from, count);
                    at += count;
                    return count == 0 ? -1 : count;
                }
            };
            assertThat(sender(server, 100, null)
                            .send(new LineReader(pausing, 1000), -1)
                            .sent())
                    .isEqualTo(3);
            assertThat(server.batches).containsExactlyInAnyOrder(2, 1);
        }
    }

    @Test
    void aLineThatNoBrokerTakesIsKeptOutOfItsBatch() throws Exception {
        Server server = new Server(1, -1);
        assertThat(sendBatches(server, 4, "a\n\nb\n", null)).isEqualTo(new LineSender.Totals(2, 2, 1));
        assertThat(server.batches).containsExactly(2);
        assertThat(err.toString(StandardCharsets.UTF_8).strip()).isEqualTo("merlin: line 2 was not sent: it is empty");
    }

    @Test
    void aBatchFailsAsAWhole() throws Exception {
        assertThat(sendBatches(new Server(1, 3), 2, "a\nb\nc\nd\ne\n", null)).isEqualTo(new LineSender.Totals(3, 3, 2));
        assertThat(err.toString(StandardCharsets.UTF_8).lines())
                .containsExactly(
                        "merlin: line 3 was not sent: the broker refused",
                        "merlin: line 4 was not sent: the broker refused");
    }

    private LineSender.Totals send(Server server, String input, @Nullable String order) throws Exception {
        return sendBatches(server, 1, input, order);
    }

    private LineSender.Totals sendBatches(Server server, int batch, String input, @Nullable String order)
            throws Exception {
        byte[] bytes = input.getBytes(StandardCharsets.UTF_8);
        try (server) {
            return sender(server, batch, order)
                    .send(new LineReader(new ByteArrayInputStream(bytes), 1000), bytes.length);
        }
    }

    private LineSender sender(Server server, int batch, @Nullable String order) {
        LinePattern orderBy = order == null ? null : LinePattern.of("--order-by", order);
        LineMapping rules = new LineMapping("T", null, null, orderBy, Duration.ZERO);
        PrintStream out = new PrintStream(err, true, StandardCharsets.UTF_8);
        Progress progress = new Progress(out, false, System::nanoTime);
        return new LineSender(server, rules, batch, progress, out);
    }

    /** Answers on another thread and refuses what holds one message. */
    private static final class Server implements LineSender.BatchSender, AutoCloseable {
        private final Map<MessageQueueId, List<String>> stored = new HashMap<>();
        private final Map<MessageQueueId, Integer> inFlight = new HashMap<>();
        private final List<Integer> batches = new ArrayList<>();
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
        public CompletableFuture<SendResult> send(List<Message> messages, @Nullable MessageQueueId queue) {
            MessageQueueId to = queue == null ? new MessageQueueId("T", "b", 0) : queue;
            boolean refuse;
            synchronized (this) {
                refuse = count < refused && refused <= count + messages.size();
                count += messages.size();
                batches.add(messages.size());
                mostInFlightPerQueue = Math.max(mostInFlightPerQueue, inFlight.merge(to, 1, Integer::sum));
            }
            return CompletableFuture.supplyAsync(() -> answer(messages, to, refuse), threads);
        }

        @Override
        public int batchBytes(Message message) {
            if (message.body().length == 0) {
                throw new IllegalArgumentException("it is empty");
            }
            return 10 + message.body().length;
        }

        @Override
        public int maxBatchBytes() {
            return 2000;
        }

        synchronized void awaitStored(int lines) {
            boolean interrupted = false;
            while (stored.values().stream().mapToInt(List::size).sum() < lines && !interrupted) {
                try {
                    wait(20_000);
                } catch (InterruptedException stop) {
                    interrupted = true;
                }
            }
        }

        private synchronized SendResult answer(List<Message> messages, MessageQueueId to, boolean refuse) {
            inFlight.merge(to, -1, Integer::sum);
            if (refuse) {
                throw new ClientException("the broker refused");
            }
            List<String> lines = stored.computeIfAbsent(to, queue -> new ArrayList<>());
            messages.forEach(message -> lines.add(new String(message.body(), StandardCharsets.UTF_8)));
            notifyAll();
            return new SendResult(SendStatus.SEND_OK, "id", "offsetId", to, lines.size() - 1L, null);
        }

        @Override
        public void close() {
            threads.close();
        }
    }
}
