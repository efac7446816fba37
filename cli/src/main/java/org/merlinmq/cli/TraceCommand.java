package org.merlinmq.cli;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import org.merlinmq.client.Admin;
import org.merlinmq.client.TraceEvent;
import org.merlinmq.protocol.json.JsonWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints what clients wrote down about a message: its sending and each consumption. */
@Command(
        name = "trace",
        description = {
            "Print what clients wrote down about a message: who sent and who consumed it, when and with what result.",
            "Clients do so that have tracing switched on (enableMsgTrace), and a moment later."
        })
final class TraceCommand implements Runnable {
    @Mixin
    private final ServerOption server = new ServerOption();

    @Parameters(paramLabel = "MSGID", description = "The producer's id of the message.")
    private String id = "";

    @Option(
            names = "--topic",
            paramLabel = "TOPIC",
            defaultValue = Admin.TRACE_TOPIC,
            description = "Where the clients send their traces. Default: ${DEFAULT-VALUE}.")
    private String topic = "";

    @Option(names = "--json", description = "Print one JSON object per event, with all that is known of it.")
    private boolean json;

    @Override
    public void run() {
        List<TraceEvent> events;
        try (Admin admin = server.admin()) {
            events = admin.trace(topic, id);
        }
        if (events.isEmpty()) {
            throw new CommandFailure("the topic " + topic + " has no trace of a message with the id " + id
                    + "; is it the producer's id, and do its clients trace?");
        }
        if (json) {
            events.forEach(event -> System.out.println(json(event)));
            return;
        }
        Table table = new Table("TIME", "EVENT", "GROUP", "CLIENT", "MS", "RESULT");
        for (TraceEvent event : events) {
            table.row(
                    time(event),
                    word(event),
                    event.group(),
                    event.client(),
                    event.costMillis() < 0 ? "" : event.costMillis(),
                    event.outcome());
        }
        table.print(System.out);
    }

    private static String time(TraceEvent event) {
        return event.atMillis() < 0
                ? ""
                : Instant.ofEpochMilli(event.atMillis()).toString();
    }

    private static String word(TraceEvent event) {
        return event.kind().name().toLowerCase(Locale.ROOT);
    }

    private static String json(TraceEvent event) {
        return new JsonWriter()
                .beginObject()
                .field("atMillis", event.atMillis())
                .field("client", event.client())
                .field("costMillis", event.costMillis())
                .field("details", new TreeMap<>(event.details()))
                .field("event", word(event))
                .field("group", event.group())
                .field("messageId", event.messageId())
                .field("outcome", event.outcome())
                .field("requestId", event.requestId())
                .field("topic", event.topic())
                .endObject()
                .toText();
    }
}
