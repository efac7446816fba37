package org.merlinmq.cli.mqadmin;

import java.util.List;
import java.util.TreeSet;
import org.merlinmq.cli.CommandFailure;
import org.merlinmq.client.Admin;
import org.merlinmq.client.TraceEvent;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command that shows what clients traced. */
final class TraceCommands {
    private static final String TRACED = "%-10s %-20s %-20s %-20s %-10s %-10s";

    private TraceCommands() {}

    @Command(name = "queryMsgTraceById", description = "Show what clients traced of a message.")
    static void queryMsgTraceById(
            @Mixin Servers servers,
            @Option(
                            names = {"-i", "--msgId"},
                            required = true,
                            description = "The producer's id.")
                    String id,
            @Option(
                            names = {"-t", "--traceTopic"},
                            defaultValue = Admin.TRACE_TOPIC,
                            description = "Where clients send their traces. Default: ${DEFAULT-VALUE}.")
                    String topic,
            @Option(
                            names = {"-b", "--beginTimestamp"},
                            defaultValue = "0",
                            description = "Of this time or later: milliseconds since 1970.")
                    long begin,
            @Option(
                            names = {"-e", "--endTimestamp"},
                            defaultValue = "9223372036854775807",
                            description = "Of this time or earlier.")
                    long end,
            @Option(
                            names = {"-c", "--maxNum"},
                            defaultValue = "64",
                            description = "How many at most. Default: ${DEFAULT-VALUE}.")
                    int max) {
        try (Session session = servers.open()) {
            List<TraceEvent> events = session.admin().trace(topic.strip(), id.strip()).stream()
                    .filter(event -> event.atMillis() >= begin && event.atMillis() <= end)
                    .limit(max)
                    .toList();
            if (events.isEmpty()) {
                throw new CommandFailure("the topic " + topic + " has no trace of a message of the id " + id);
            }
            producers(
                    session,
                    events.stream()
                            .filter(event -> event.kind() == TraceEvent.Kind.SENT)
                            .toList());
            consumers(
                    session,
                    events.stream()
                            .filter(event -> event.kind() == TraceEvent.Kind.CONSUMED)
                            .toList());
        }
    }

    private static void producers(Session session, List<TraceEvent> sent) {
        if (!sent.isEmpty()) {
            traced(session, "Pub", "#ProducerGroup", "#SendTime", sent);
        }
    }

    private static void consumers(Session session, List<TraceEvent> consumed) {
        TreeSet<String> groups = new TreeSet<>();
        consumed.forEach(event -> groups.add(event.group()));
        for (String group : groups) {
            traced(
                    session,
                    "Sub",
                    "#ConsumerGroup",
                    "#ConsumerTime",
                    consumed.stream()
                            .filter(event -> event.group().equals(group))
                            .toList());
        }
    }

    private static void traced(Session session, String type, String who, String when, List<TraceEvent> events) {
        session.line(TRACED, "#Type", who, "#ClientHost", when, "#CostTimes", "#Status");
        for (TraceEvent event : events) {
            session.line(
                    TRACED,
                    type,
                    event.group(),
                    event.client().replaceFirst(":\\d+$", ""),
                    event.atMillis() < 0 ? "" : Session.seconds(event.atMillis()),
                    event.costMillis() < 0 ? "" : event.costMillis() + "ms",
                    event.outcome().equals("ok") ? "success" : "failed");
        }
        session.text("");
    }
}
