package org.merlinmq.cli.mqadmin;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.body.ClientConnection;
import org.merlinmq.protocol.body.ConsumeStats;
import org.merlinmq.protocol.body.ConsumeType;
import org.merlinmq.protocol.body.ConsumerConnections;
import org.merlinmq.protocol.body.MessageQueueId;
import org.merlinmq.protocol.body.QueueProgress;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.frame.ProtocolVersion;
import org.merlinmq.protocol.request.ConsumeStatsRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command that shows how far consumer groups are. */
final class ProgressCommands {
    private static final String RETRY = "%RETRY%";
    private static final String GROUPS = "%-64s  %-6s  %-24s %-5s  %-14s  %-7s  %s";
    private static final String PLACES = "%-64s  %-32s  %-4s  %-20s  %-20s  ";
    private static final String CLIENT = "%-20s ";
    private static final String LAST = "%-20s %-20s %s";
    /** RocketMQ's head is one blank narrower there than its rows. */
    private static final String LAST_HEAD = "%-20s %-18s  %s";

    private ProgressCommands() {}

    private record Progress(SortedMap<MessageQueueId, QueueProgress> queues, double tps) {
        long behind() {
            return queues.values().stream()
                    .mapToLong(queue -> queue.brokerOffset() - queue.consumerOffset())
                    .sum();
        }

        long inFlight() {
            return queues.values().stream()
                    .mapToLong(ProgressCommands::inFlight)
                    .sum();
        }
    }

    private static long inFlight(QueueProgress queue) {
        return Math.max(0, queue.pullOffset() - queue.consumerOffset());
    }

    private static Progress progress(Session session, String group, @Nullable String topic) {
        SortedMap<MessageQueueId, QueueProgress> queues = new TreeMap<>(Queues.ORDER);
        double tps = 0;
        for (String master : session.admin().masters(null)) {
            ConsumeStats stats = ConsumeStats.read(
                    session.ask(master, RequestCode.GET_CONSUME_STATS, new ConsumeStatsRequest(group, topic, null)));
            queues.putAll(stats.offsetTable());
            tps += stats.consumeTps();
        }
        return new Progress(queues, tps);
    }

    @Command(name = "consumerProgress", description = "Show how far consumer groups, or the queues of one, are.")
    static void consumerProgress(
            @Mixin Servers servers,
            @Option(
                            names = {"-g", "--groupName"},
                            description = "The group; without it all groups.")
                    @Nullable String group,
            @Option(
                            names = {"-t", "--topicName"},
                            description = "Only of this topic.")
                    @Nullable String topic,
            @Option(
                            names = {"-s", "--showClientIP"},
                            arity = "1",
                            description = "With the client that has each queue: true or false.")
                    boolean clients,
            @Option(
                            names = {"-c", "--cluster"},
                            description = "Not used.")
                    @Nullable String cluster) {
        try (Session session = servers.open()) {
            if (group == null) {
                groups(session);
                return;
            }
            session.admin().route(RETRY + group.strip());
            Progress progress = progress(session, group.strip(), topic == null ? null : topic.strip());
            Map<MessageQueueId, String> owners = clients ? owners(session, group.strip()) : Map.of();
            queues(session, progress, clients, owners);
            session.text("");
            session.line("Consume TPS: %.2f", progress.tps());
            session.line("Consume Diff Total: %d", progress.behind());
            session.line("Consume Inflight Total: %d", progress.inFlight());
        }
    }

    private static void queues(
            Session session, Progress progress, boolean clients, Map<MessageQueueId, String> owners) {
        List<Object> row = new ArrayList<>(
                List.of("#Topic", "#Broker Name", "#QID", "#Broker Offset", "#Consumer Offset", "#Diff", "#Inflight"));
        row.add("#LastTime");
        if (clients) {
            row.add(5, "#Client IP");
        }
        session.line(PLACES + (clients ? CLIENT : "") + LAST_HEAD, row.toArray());
        progress.queues().forEach((queue, at) -> {
            List<Object> cells = new ArrayList<>(List.of(
                    queue.topic(),
                    queue.brokerName(),
                    queue.queueId(),
                    at.brokerOffset(),
                    at.consumerOffset(),
                    at.brokerOffset() - at.consumerOffset(),
                    inFlight(at),
                    at.lastTimestamp() == 0 ? "N/A" : Session.seconds(at.lastTimestamp())));
            if (clients) {
                cells.add(5, owners.getOrDefault(queue, "N/A"));
            }
            session.line(PLACES + (clients ? CLIENT : "") + LAST, cells.toArray());
        });
    }

    /** The address of the client that has each queue, as the clients say. */
    private static Map<MessageQueueId, String> owners(Session session, String group) {
        Map<MessageQueueId, String> owners = new HashMap<>();
        session.admin().consumerConnections(group).forEach((broker, members) -> {
            for (ClientConnection member : members.connections()) {
                String address = member.clientId().replaceFirst("@.*", "");
                ClientCommands.state(session, broker, group, member.clientId(), false)
                        .queues()
                        .forEach(queue -> owners.put(queue, address));
            }
        });
        return owners;
    }

    private record Group(String name, int count, String version, String type, String model, double tps, long behind) {}

    private static void groups(Session session) {
        List<Group> groups = new ArrayList<>();
        for (String topic : session.admin().topics()) {
            if (topic.startsWith(RETRY)) {
                groups.add(group(session, topic.substring(RETRY.length())));
            }
        }
        groups.sort(Comparator.comparingInt(Group::count)
                .thenComparingLong(Group::behind)
                .reversed()
                .thenComparing(Group::name));
        session.line(GROUPS, "#Group", "#Count", "#Version", "#Type", "#Model", "#TPS", "#Diff Total");
        for (Group group : groups) {
            session.line(
                    GROUPS,
                    group.name(),
                    group.count(),
                    group.count() > 0 ? group.version() : "OFFLINE",
                    group.type(),
                    group.model(),
                    (long) group.tps(),
                    group.behind());
        }
    }

    private static Group group(Session session, String name) {
        Progress progress = progress(session, name, null);
        ConsumerConnections members = ClientCommands.members(session, name);
        if (members == null) {
            return new Group(name, 0, "", "", "", progress.tps(), progress.behind());
        }
        int version = members.connections().stream()
                .mapToInt(ClientConnection::version)
                .min()
                .orElse(0);
        return new Group(
                name,
                members.connections().size(),
                ProtocolVersion.name(version),
                members.consumeType() == ConsumeType.CONSUME_ACTIVELY ? "PULL" : "PUSH",
                members.messageModel().name(),
                progress.tps(),
                progress.behind());
    }
}
