package org.merlinmq.cli;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.merlinmq.client.Admin;
import org.merlinmq.client.PullResult;
import org.merlinmq.client.Puller;
import org.merlinmq.client.ReceivedMessage;
import org.merlinmq.client.StartAt;
import org.merlinmq.protocol.body.MessageQueueId;
import org.merlinmq.protocol.frame.FieldException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Finds messages that are stored: by id, by key, by offset, by time. */
@Command(name = "message", description = "Find stored messages by id, by key, by offset and by time.")
final class MessageCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "message needs by-id, by-key, by-offset or by-time");
    }

    @Command(name = "by-id", description = "Print the message with an id.")
    void byId(
            @Mixin ServerOption server,
            @Parameters(paramLabel = "ID", description = "The broker's id, or with --topic also the producer's.")
                    String id,
            @Option(names = "--topic", paramLabel = "TOPIC", description = "Where to look for a producer's id.")
                    @Nullable String topic,
            @Option(names = "--json", description = "Print one JSON object per message, with its properties.")
                    boolean json) {
        try (Admin admin = server.admin()) {
            List<ReceivedMessage> found = topic == null ? List.of(view(admin, id)) : admin.queryByUniqueKey(topic, id);
            print(found, json, "the topic " + topic + " has no message with the id " + id);
        }
    }

    @Command(name = "by-key", description = "Print the messages with a key.")
    void byKey(
            @Mixin ServerOption server,
            @Parameters(index = "0", paramLabel = "TOPIC", description = "Where to look.") String topic,
            @Parameters(index = "1", paramLabel = "KEY", description = "The key.") String key,
            @Option(
                            names = "--from",
                            paramLabel = "TIME",
                            defaultValue = "1970-01-01",
                            description = "Stored then or later.")
                    String from,
            @Option(names = "--to", paramLabel = "TIME", defaultValue = "", description = "Stored then or earlier.")
                    String to,
            @Option(
                            names = "--max",
                            paramLabel = "N",
                            defaultValue = "64",
                            description = "At most so many. Default: ${DEFAULT-VALUE}.")
                    int max,
            @Option(names = "--json", description = "Print one JSON object per message, with its properties.")
                    boolean json) {
        if (max < 1) {
            throw new IllegalArgumentException("--max is 1 or more, not " + max);
        }
        ZoneId zone = ZoneId.systemDefault();
        long begin = Math.max(0, Times.timeMillis(from, zone));
        long end = end(to, begin, zone);
        try (Admin admin = server.admin()) {
            print(
                    admin.queryByKey(topic, key, max, begin, end),
                    json,
                    "the topic " + topic + " has no message with the key " + key + " stored in that time");
        }
    }

    @Command(name = "by-offset", description = "Print the message at an offset of a queue.")
    void byOffset(
            @Mixin ServerOption server,
            @Parameters(index = "0", paramLabel = "TOPIC", description = "Where to look.") String topic,
            @Parameters(
                            index = "1",
                            paramLabel = "QUEUE",
                            description = "A number, or BROKER:NUMBER as topic show prints it.")
                    String queue,
            @Parameters(index = "2", paramLabel = "OFFSET", description = "Its place in the queue, from 0.")
                    long offset,
            @Option(names = "--json", description = "Print one JSON object per message, with its properties.")
                    boolean json) {
        if (offset < 0) {
            throw new IllegalArgumentException("OFFSET is 0 or more, not " + offset);
        }
        List<ReceivedMessage> found = new ArrayList<>();
        StringBuilder bounds = new StringBuilder();
        try (Puller puller = Puller.open(server.config(), ConsumeCommand.NO_GROUP)) {
            for (MessageQueueId each : MultiQueueReader.chosen(puller.queues(topic), topic, queue)) {
                PullResult result = puller.pull(each, offset, "*", 1, Duration.ZERO);
                found.addAll(result.messages());
                bounds.append("; ").append(MultiQueueReader.name(each)).append(bounds(result));
            }
        }
        found.removeIf(message -> message.queueOffset() != offset);
        print(found, json, "there is no message at the offset " + offset + bounds);
    }

    private static String bounds(PullResult result) {
        return result.maxOffset() <= result.minOffset()
                ? " is empty"
                : " has those from " + result.minOffset() + " to " + (result.maxOffset() - 1);
    }

    @Command(name = "by-time", description = "Print the messages that were stored between two times.")
    void byTime(
            @Mixin ServerOption server,
            @Parameters(paramLabel = "TOPIC", description = "Where to look.") String topic,
            @Option(
                            names = "--from",
                            paramLabel = "TIME",
                            required = true,
                            description = "Stored then or later, such as 2026-11-23T10:00.")
                    String from,
            @Option(names = "--to", paramLabel = "TIME", defaultValue = "", description = "Stored before that time.")
                    String to,
            @Option(names = "--json", description = "Print one JSON object per message, with its properties.")
                    boolean json) {
        ZoneId zone = ZoneId.systemDefault();
        long begin = Times.timeMillis(from, zone);
        long end = end(to, begin, zone);
        MessagePrinter printer = MessagePrinter.onOut(json);
        AtomicLong printed = new AtomicLong();
        try (Puller puller = Puller.open(server.config(), ConsumeCommand.NO_GROUP)) {
            MultiQueueReader reading = new MultiQueueReader(puller, "*", false);
            for (MessageQueueId queue : puller.queues(topic)) {
                // One more than the first that is too late, since servers differ where there is none.
                long below = to.isEmpty() ? Long.MAX_VALUE : 1 + puller.offset(queue, time(end));
                reading.begin(queue, puller.offset(queue, time(begin)), below);
            }
            reading.run(
                    message -> {
                        if (message.storeMillis() < end) {
                            printed.incrementAndGet();
                            printer.print(message);
                        }
                        return true;
                    },
                    60_000);
            printer.end();
            if (printed.get() == 0) {
                throw new CommandFailure("the topic " + topic + " has no message stored in that time");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } finally {
            printer.flush();
        }
    }

    private static StartAt time(long millis) {
        return StartAt.time(Instant.ofEpochMilli(millis));
    }

    private static long end(String to, long begin, ZoneId zone) {
        long end = to.isEmpty() ? Long.MAX_VALUE : Times.timeMillis(to, zone);
        if (end < begin) {
            throw new IllegalArgumentException("--to lies before --from");
        }
        return end;
    }

    private static ReceivedMessage view(Admin admin, String id) {
        try {
            return admin.viewById(id);
        } catch (FieldException | IllegalArgumentException unfit) {
            throw new IllegalArgumentException(id + " is no id that a broker gave (" + unfit.getMessage()
                    + "); a producer's id, which merlin send prints, needs --topic");
        }
    }

    private static void print(List<ReceivedMessage> found, boolean json, String none) {
        if (found.isEmpty()) {
            throw new CommandFailure(none);
        }
        MessagePrinter printer = MessagePrinter.onOut(json);
        found.forEach(printer::print);
        printer.end();
    }
}
