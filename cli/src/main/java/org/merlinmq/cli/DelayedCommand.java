package org.merlinmq.cli;

import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.merlinmq.client.Admin;
import org.merlinmq.protocol.body.DelayedMessage;
import org.merlinmq.protocol.json.JsonWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Messages that wait for their time: list, show, cancel. */
@Command(name = "delayed", description = "List, show and cancel messages that wait for their time.")
final class DelayedCommand implements Runnable {
    private static final int MOST = 100_000;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "delayed needs list, show or cancel");
    }

    @Command(name = "list", description = "List messages that wait, the next one first.")
    void list(
            @Mixin ServerOption server,
            @Option(names = "--topic", paramLabel = "TOPIC", description = "Only messages of this topic.") @Nullable String topic,
            @Option(names = "--from", paramLabel = "TIME", defaultValue = "", description = "Due then or later.")
                    String from,
            @Option(names = "--to", paramLabel = "TIME", defaultValue = "", description = "Due before that time.")
                    String to,
            @Option(
                            names = "--max",
                            paramLabel = "N",
                            defaultValue = "64",
                            description = "At most so many. Default: ${DEFAULT-VALUE}.")
                    int max,
            @Option(names = "--json", description = "Print one JSON array.") boolean json) {
        if (max < 1 || max > MOST) {
            throw new IllegalArgumentException("--max is 1 to " + MOST + ", not " + max);
        }
        ZoneId zone = ZoneId.systemDefault();
        long begin = from.isEmpty() ? 0 : Math.max(0, Times.timeMillis(from, zone));
        long end = to.isEmpty() ? Long.MAX_VALUE : Times.timeMillis(to, zone);
        if (end < begin) {
            throw new IllegalArgumentException("--to lies before --from");
        }
        try (Admin admin = server.admin()) {
            List<DelayedMessage> messages = admin.delayed(topic, begin, end, max);
            if (json) {
                JsonWriter out = new JsonWriter().beginArray();
                messages.forEach(message -> message.writeTo(out));
                System.out.println(out.endArray().toText());
                return;
            }
            Table table = new Table("DUE", "TOPIC", "QUEUE", "LEVEL", "BYTES", "ID");
            for (DelayedMessage message : messages) {
                table.row(
                        Instant.ofEpochMilli(message.dueMillis()),
                        message.topic(),
                        message.queueId(),
                        message.level() == 0 ? "" : message.level(),
                        message.bodyBytes(),
                        message.uniqueKey().isEmpty() ? message.messageId() : message.uniqueKey());
            }
            table.print(System.out);
            System.out.println(messages.size() + " shown, " + admin.delayedCount() + " messages wait in all topics");
        }
    }

    @Command(name = "show", description = "Print a message that waits.")
    void show(
            @Mixin ServerOption server,
            @Parameters(index = "0", paramLabel = "TOPIC", description = "Where it is to arrive.") String topic,
            @Parameters(index = "1", paramLabel = "ID", description = "Its id, as delayed list prints it.") String id,
            @Option(names = "--json", description = "Print a JSON object, with its properties.") boolean json) {
        try (Admin admin = server.admin()) {
            MessagePrinter printer = MessagePrinter.onOut(json);
            printer.print(admin.delayedMessage(topic, id));
            printer.end();
        }
    }

    @Command(name = "cancel", description = "Cancel a message that waits: it is never delivered.")
    void cancel(
            @Mixin ServerOption server,
            @Parameters(index = "0", paramLabel = "TOPIC", description = "Where it is to arrive.") String topic,
            @Parameters(index = "1", paramLabel = "ID", description = "Its id, as delayed list prints it.") String id,
            @Option(names = "--json", description = "Print a JSON object.") boolean json) {
        try (Admin admin = server.admin()) {
            String cancelled = admin.cancelDelayed(topic, id);
            System.out.println(
                    json
                            ? new JsonWriter()
                                    .beginObject()
                                    .field("cancelled", cancelled)
                                    .field("topic", topic)
                                    .endObject()
                                    .toText()
                            : "cancelled " + cancelled);
        }
    }
}
