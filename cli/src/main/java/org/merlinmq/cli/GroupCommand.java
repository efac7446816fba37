package org.merlinmq.cli;

import java.time.ZoneId;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.merlinmq.client.Admin;
import org.merlinmq.client.StartAt;
import org.merlinmq.protocol.body.ClientConnection;
import org.merlinmq.protocol.body.MessageQueueId;
import org.merlinmq.protocol.body.QueueProgress;
import org.merlinmq.protocol.body.SubscriptionGroup;
import org.merlinmq.protocol.json.JsonWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Consumer groups: create, delete, list, show, reset-offset. */
@Command(name = "group", description = "Create, delete, list and show consumer groups, and reset their offsets.")
final class GroupCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "group needs create, delete, list, show or reset-offset");
    }

    @Command(name = "create", description = "Create a consumer group on every broker.")
    void create(@Mixin ServerOption server, @Parameters(paramLabel = "GROUP", description = "Its name.") String group) {
        try (Admin admin = server.admin()) {
            if (admin.groups().containsKey(group)) {
                throw new CommandFailure("the group " + group + " exists");
            }
            admin.createGroup(SubscriptionGroup.of(group));
            System.out.println("created group " + group);
        }
    }

    @Command(name = "delete", description = "Delete a consumer group, on every broker.")
    void delete(
            @Mixin ServerOption server,
            @Parameters(paramLabel = "GROUP", description = "Its name.") String group,
            @Option(names = "--keep-offsets", description = "Keep what it has committed.") boolean keepOffsets) {
        try (Admin admin = server.admin()) {
            if (!admin.groups().containsKey(group)) {
                throw new CommandFailure("there is no group " + group + "; merlin group list lists them");
            }
            admin.deleteGroup(group, !keepOffsets);
            System.out.println("deleted group " + group);
        }
    }

    @Command(name = "list", description = "List consumer groups, their members and how far they are behind.")
    void list(
            @Mixin ServerOption server,
            @Option(names = "--all", description = "The system's own groups too.") boolean all,
            @Option(names = "--json", description = "Print one JSON array.") boolean json) {
        try (Admin admin = server.admin()) {
            JsonWriter out = new JsonWriter().beginArray();
            Table table = new Table("GROUP", "MEMBERS", "BEHIND", "MAX RETRIES");
            for (SubscriptionGroup group : admin.groups().values()) {
                String name = group.groupName();
                if (!all && SystemNames.isSystemGroup(name)) {
                    continue;
                }
                long behind = behind(admin.progress(name, null));
                int members = members(admin, name);
                table.row(name, members, behind, group.retryMaxTimes());
                out.beginObject().field("behind", behind).field("group", name);
                out.field("maxRetries", group.retryMaxTimes())
                        .field("members", members)
                        .endObject();
            }
            if (json) {
                System.out.println(out.endArray().toText());
            } else {
                table.print(System.out);
            }
        }
    }

    @Command(name = "show", description = "Show how far a group is in each queue.")
    void show(
            @Mixin ServerOption server,
            @Parameters(paramLabel = "GROUP", description = "Its name.") String group,
            @Option(names = "--json", description = "Print one JSON array.") boolean json) {
        try (Admin admin = server.admin()) {
            SortedMap<MessageQueueId, QueueProgress> queues = admin.progress(group, null);
            if (queues.isEmpty() && !admin.groups().containsKey(group)) {
                throw new CommandFailure("there is no group " + group + "; merlin group list lists them");
            }
            if (json) {
                JsonWriter out = new JsonWriter().beginArray();
                queues.forEach((queue, progress) -> row(out, queue, progress));
                System.out.println(out.endArray().toText());
                return;
            }
            Table table = new Table("TOPIC", "QUEUE", "COMMITTED", "NEXT", "BEHIND");
            for (Map.Entry<MessageQueueId, QueueProgress> each : queues.entrySet()) {
                MessageQueueId queue = each.getKey();
                QueueProgress progress = each.getValue();
                table.row(
                        queue.topic(),
                        queue.brokerName() + ":" + queue.queueId(),
                        progress.consumerOffset(),
                        progress.brokerOffset(),
                        progress.brokerOffset() - progress.consumerOffset());
            }
            table.print(System.out);
            System.out.println(members(admin, group) + " members, " + behind(queues) + " messages behind");
            connections(admin, group)
                    .filter(ClientConnection::sharesClientId)
                    .map(ClientConnection::clientId)
                    .distinct()
                    .forEach(id -> System.out.println("several clients use the client id " + id
                            + " and consume the same queues: give each an instance name of its own"));
            differing(admin, group)
                    .forEach(
                            (topic, clients) -> System.out.println(
                                    "clients subscribe to " + topic
                                            + " differently: " + String.join(", ", clients)
                                            + "; each gets what its own queues hold by its own: give them one subscription, or two groups"));
        }
    }

    /** By topic, the clients whose subscriptions differ, with these. */
    private static SortedMap<String, Set<String>> differing(Admin admin, String group) {
        SortedMap<String, Set<String>> clients = new TreeMap<>();
        admin.consumerConnections(group).values().stream()
                .flatMap(broker -> broker.differing().stream())
                .forEach(one -> clients.computeIfAbsent(one.topic(), made -> new LinkedHashSet<>())
                        .add(one.clientId() + " by " + one.expressionType() + " " + one.expression()));
        return clients;
    }

    @Command(name = "reset-offset", description = "Let a group consume a topic again, or skip.")
    void resetOffset(
            @Mixin ServerOption server,
            @Parameters(index = "0", paramLabel = "GROUP", description = "Its name.") String group,
            @Parameters(index = "1", paramLabel = "TOPIC", description = "What it consumes.") String topic,
            @Option(
                            names = "--to",
                            paramLabel = "WHERE",
                            required = true,
                            description = "first, last, or a time such as 2026-11-23T10:00.")
                    String to) {
        StartAt place = Times.startAt(to, ZoneId.systemDefault());
        try (Admin admin = server.admin()) {
            long time = switch (place) {
                case StartAt.First _ -> 0;
                case StartAt.Last _ -> -1;
                case StartAt.Time at -> at.when().toEpochMilli();
            };
            Table table = new Table("QUEUE", "OFFSET");
            admin.resetOffsets(group, topic, time)
                    .forEach((queue, offset) -> table.row(queue.brokerName() + ":" + queue.queueId(), offset));
            table.print(System.out);
        }
    }

    private static void row(JsonWriter out, MessageQueueId queue, QueueProgress progress) {
        out.beginObject().field("brokerOffset", progress.brokerOffset());
        out.field("broker", queue.brokerName()).field("consumerOffset", progress.consumerOffset());
        out.field("queueId", queue.queueId()).field("topic", queue.topic()).endObject();
    }

    private static long behind(SortedMap<MessageQueueId, QueueProgress> queues) {
        return queues.values().stream()
                .mapToLong(progress -> Math.max(0, progress.brokerOffset() - progress.consumerOffset()))
                .sum();
    }

    private static int members(Admin admin, String group) {
        return (int) connections(admin, group)
                .map(ClientConnection::clientId)
                .distinct()
                .count();
    }

    private static Stream<ClientConnection> connections(Admin admin, String group) {
        return admin.consumerConnections(group).values().stream().flatMap(broker -> broker.connections().stream());
    }
}
