package org.merlinmq.cli;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.merlinmq.client.Message;
import org.merlinmq.client.Producer;
import org.merlinmq.client.ProducerConfig;
import org.merlinmq.client.SendResult;
import org.merlinmq.protocol.body.MessageQueueId;
import org.merlinmq.protocol.json.JsonWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Sends one message, or a message per line. */
@Command(
        name = "send",
        description = "Send one message, or one per line of a file or of standard input.",
        footer = {
            "",
            "A line is the bytes up to the line feed, sent as they are. A REGEX takes its",
            "first group, or the whole match. Examples:",
            "  merlin send Greetings hello --tag '\\w+'",
            "  merlin send Blocks --file hdfs.log --key 'blk_-?\\d+' --batch 100",
            "  merlin send Sessions --order-by 'sshd\\[(\\d+)\\]' < ssh.log"
        })
final class SendCommand implements Runnable {
    private static final int MAX_LINE_BYTES = 15 << 20;
    private static final int MAX_BATCH = 1000;

    @Mixin
    private final ServerOption server = new ServerOption();

    @Parameters(index = "0", paramLabel = "TOPIC", description = "Where to send; made if the broker makes topics.")
    private String topic = "";

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "MESSAGE",
            description = "One message. Without it: one message per line of --file, or of standard input.")
    @Nullable private String text;

    @Option(names = "--file", paramLabel = "FILE", description = "Send each line of this file; - is standard input.")
    @Nullable private Path file;

    @Option(names = "--key", paramLabel = "REGEX", description = "Every match becomes a key, to find messages by.")
    @Nullable private String key;

    @Option(names = "--tag", paramLabel = "REGEX", description = "The first match becomes the tag, to filter by.")
    @Nullable private String tag;

    @Option(
            names = "--order-by",
            paramLabel = "REGEX",
            description = "Lines with the same first match go to the same queue, in order.")
    @Nullable private String orderBy;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "1",
            description = "Send up to N lines as one: less work for the server; stored together or not at all.")
    private int batch;

    @Option(
            names = "--delay",
            paramLabel = "TIME",
            defaultValue = "0s",
            description = "Deliver after this time: 500ms, 10s, 5m, 2h, 3d.")
    private String delay = "";

    @Option(names = "--json", description = "Print one JSON object at the end.")
    private boolean json;

    @Override
    public void run() {
        LineMapping mapping = new LineMapping(
                topic,
                pattern("--key", key),
                pattern("--tag", tag),
                pattern("--order-by", orderBy),
                Duration.ofMillis(Times.durationMillis("--delay", delay)));
        if (text != null && file != null) {
            throw new IllegalArgumentException("give a MESSAGE or --file, not both");
        }
        if (batch < 1 || batch > MAX_BATCH) {
            throw new IllegalArgumentException("--batch is 1 to " + MAX_BATCH + ", not " + batch);
        }
        if (batch > 1 && (text != null || !mapping.delay().isZero())) {
            throw new IllegalArgumentException(
                    "--batch is for lines without a delay: leave out " + (text != null ? "MESSAGE" : "--delay"));
        }
        ProducerConfig config =
                ProducerConfig.of("merlin-cli").withTimeout(server.config().timeout());
        try (Producer producer = Producer.start(server.config(), config)) {
            if (text == null) {
                sendLines(producer, config, mapping);
            } else {
                sendOne(producer, mapping, text);
            }
        }
    }

    private void sendOne(Producer producer, LineMapping mapping, String message) {
        SendResult result = producer.send(mapping.message(message.getBytes(StandardCharsets.UTF_8)));
        if (json) {
            JsonWriter out = new JsonWriter().beginObject();
            out.field("messageId", result.messageId())
                    .field("status", result.status().name());
            out.field("topic", topic).field("broker", result.queue().brokerName());
            out.field("queueId", result.queue().queueId()).field("queueOffset", result.queueOffset());
            System.out.println(out.endObject().toText());
            return;
        }
        System.out.println("sent " + result.messageId() + " to " + topic + ", queue "
                + result.queue().brokerName() + ":" + result.queue().queueId() + ", offset " + result.queueOffset());
    }

    private void sendLines(Producer producer, ProducerConfig config, LineMapping mapping) {
        Progress progress = Progress.onErr();
        LineSender sender = new LineSender(batchSender(producer, config), mapping, batch, progress, System.err);
        LineSender.Totals totals;
        AtomicBoolean over = new AtomicBoolean();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            if (!over.get()) {
                reportInterrupted(sender, progress);
            }
        }));
        try (InputStream in = input()) {
            totals = sender.send(new LineReader(in, MAX_LINE_BYTES), file == null ? -1 : size(file));
        } catch (IOException unreadable) {
            throw new CommandFailure("the input cannot be read: " + unreadable.getMessage());
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
            throw new CommandFailure("interrupted");
        } finally {
            over.set(true);
        }
        report(totals, progress.seconds());
        if (totals.failed() > 0) {
            throw new CommandFailure(
                    totals.failed() == 1 ? "1 line was not sent" : totals.failed() + " lines were not sent");
        }
    }

    /** Ctrl-C: so that the user knows where to go on. */
    private static void reportInterrupted(LineSender sender, Progress progress) {
        progress.end();
        System.err.println("merlin: interrupted when " + sender.totals().sent()
                + " lines were sent; those that were on their way may be stored too");
    }

    private void report(LineSender.Totals totals, double seconds) {
        if (json) {
            JsonWriter out = new JsonWriter().beginObject();
            out.field("bytes", totals.bytes()).field("failed", totals.failed());
            System.out.println(out.field("seconds", seconds)
                    .field("sent", totals.sent())
                    .endObject()
                    .toText());
            return;
        }
        System.out.println(String.format(
                Locale.ROOT,
                "sent %,d messages (%,d bytes) to %s in %.1f s, %,.0f/s",
                totals.sent(),
                totals.bytes(),
                topic,
                seconds,
                totals.sent() / seconds));
    }

    private InputStream input() throws IOException {
        if (file == null || file.toString().equals("-")) {
            return System.in;
        }
        String why = !Files.exists(file)
                ? " is not there"
                : Files.isDirectory(file)
                        ? " is a folder"
                        : Files.isReadable(file) ? "" : " may not be read by user " + System.getProperty("user.name");
        if (!why.isEmpty()) {
            throw new CommandFailure("the file " + file.toAbsolutePath() + why);
        }
        return new FileInputStream(file.toFile());
    }

    private static long size(Path file) throws IOException {
        return Files.isRegularFile(file) ? Files.size(file) : -1;
    }

    private static @Nullable LinePattern pattern(String option, @Nullable String expression) {
        return expression == null ? null : LinePattern.of(option, expression);
    }

    private static LineSender.BatchSender batchSender(Producer producer, ProducerConfig config) {
        return new LineSender.BatchSender() {
            @Override
            public List<MessageQueueId> queues(String topic) {
                return producer.queues(topic);
            }

            @Override
            public CompletableFuture<SendResult> send(List<Message> messages, @Nullable MessageQueueId queue) {
                if (messages.size() > 1) {
                    return queue == null ? producer.sendBatchAsync(messages) : producer.sendBatchAsync(messages, queue);
                }
                Message message = messages.getFirst();
                return queue == null ? producer.sendAsync(message) : producer.sendAsync(message, queue);
            }

            @Override
            public int batchBytes(Message message) {
                return producer.batchBytes(message);
            }

            @Override
            public int maxBatchBytes() {
                return config.maxBodyBytes();
            }
        };
    }
}
