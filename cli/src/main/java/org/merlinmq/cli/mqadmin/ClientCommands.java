package org.merlinmq.cli.mqadmin;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.merlinmq.cli.CommandFailure;
import org.merlinmq.protocol.body.ClientConnection;
import org.merlinmq.protocol.body.ConsumerConnections;
import org.merlinmq.protocol.body.MessageModel;
import org.merlinmq.protocol.body.MessageQueueId;
import org.merlinmq.protocol.body.ProducerTable;
import org.merlinmq.protocol.body.SubscriptionEntry;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.frame.ProtocolVersion;
import org.merlinmq.protocol.request.RunningStateRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The commands about clients that are connected. */
final class ClientCommands {
    private static final String PRODUCER = "%04d  %-32s %-22s %-8s %s";
    private static final String CONSUMER = "%-36s %-22s %-10s %s";
    private static final String SUBSCRIPTION = "%-20s %s";
    private static final String STATE = "%-10s %-40s %-20s %s";

    private ClientCommands() {}

    @Command(name = "producerConnection", description = "Show the members of a producer group.")
    static void producerConnection(
            @Mixin Servers servers,
            @Option(
                            names = {"-g", "--producerGroup"},
                            required = true,
                            description = "The group.")
                    String group,
            @Option(
                            names = {"-t", "--topic"},
                            required = true,
                            description = "A topic that it sends to.")
                    String topic) {
        try (Session session = servers.open()) {
            session.admin().route(topic.strip());
            Map<String, ClientConnection> members = new TreeMap<>();
            session.admin().producerConnections(group.strip()).values().stream()
                    .flatMap(broker -> broker.connections().stream())
                    .forEach(member -> members.putIfAbsent(member.clientId() + ' ' + member.clientAddr(), member));
            if (members.isEmpty()) {
                throw new CommandFailure("the producer group[" + group + "] not exist: no member of it is connected");
            }
            int number = 0;
            for (ClientConnection member : members.values()) {
                session.line(
                        PRODUCER,
                        ++number,
                        member.clientId(),
                        member.clientAddr(),
                        member.language(),
                        ProtocolVersion.name(member.version()));
            }
        }
    }

    @Command(name = "producer", description = "Show all producers of a broker.")
    static void producer(
            @Mixin Servers servers,
            @Option(
                            names = {"-b", "--broker"},
                            required = true,
                            description = "The broker, host:port.")
                    String broker) {
        try (Session session = servers.open()) {
            ProducerTable.read(session.ask(broker.strip(), RequestCode.GET_ALL_PRODUCER_INFO))
                    .producers()
                    .forEach((group, members) -> members.forEach(member -> session.line(
                            "producer group (%s) instance : clientId=%s,remoteIP=%s, language=%s, version=%d,"
                                    + " lastUpdateTimestamp=%d",
                            group,
                            member.clientId(),
                            member.remoteIp(),
                            member.language(),
                            member.version(),
                            member.lastUpdateTimestamp())));
        }
    }

    /** The group as one broker sees it that has members of it. */
    static @Nullable ConsumerConnections members(Session session, String group) {
        Map<String, ConsumerConnections> found = session.admin().consumerConnections(group);
        return found.isEmpty() ? null : found.values().iterator().next();
    }

    private static ConsumerConnections online(Session session, String group, @Nullable String broker) {
        Map<String, ConsumerConnections> found = session.admin().consumerConnections(group);
        ConsumerConnections members =
                broker == null ? found.values().stream().findFirst().orElse(null) : found.get(broker.strip());
        if (members == null) {
            throw new CommandFailure("no member of the consumer group " + group + " is connected");
        }
        return members;
    }

    @Command(name = "consumerConnection", description = "Show the members and the subscriptions of a consumer group.")
    static void consumerConnection(
            @Mixin Servers servers,
            @Option(
                            names = {"-g", "--consumerGroup"},
                            required = true,
                            description = "The group.")
                    String group,
            @Option(
                            names = {"-b", "--brokerAddr"},
                            description = "As this broker sees it.")
                    @Nullable String broker) {
        try (Session session = servers.open()) {
            ConsumerConnections members = online(session, group.strip(), broker);
            session.line(CONSUMER, "#ClientId", "#ClientAddr", "#Language", "#Version");
            for (ClientConnection member : members.connections()) {
                session.line(
                        CONSUMER,
                        member.clientId(),
                        member.clientAddr(),
                        member.language(),
                        ProtocolVersion.name(member.version()));
            }
            session.text("");
            session.text("Below is subscription:");
            session.line(SUBSCRIPTION, "#Topic", "#SubExpression");
            for (SubscriptionEntry entry : new TreeMap<>(members.subscriptionTable()).values()) {
                session.line(SUBSCRIPTION, entry.topic(), entry.subString());
            }
            session.text("");
            session.text("ConsumeType: " + members.consumeType());
            session.text("MessageModel: " + members.messageModel());
            session.text("ConsumeFromWhere: " + members.consumeFromWhere());
        }
    }

    @Command(
            name = "consumerStatus",
            description = "Ask the members of a consumer group what they have in hand, and write it to files.")
    static void consumerStatus(
            @Mixin Servers servers,
            @Option(
                            names = {"-g", "--consumerGroup"},
                            required = true,
                            description = "The group.")
                    String name,
            @Option(
                            names = {"-i", "--clientId"},
                            description =
                                    "Only this member, and print what it answers in place of writing it to a file.")
                    @Nullable String clientId,
            @Option(
                            names = {"-b", "--brokerAddr"},
                            description = "Ask through this broker.")
                    @Nullable String broker,
            @Option(
                            names = {"-s", "--jstack"},
                            description = "With the stacks of its threads.")
                    boolean stacks) {
        try (Session session = servers.open()) {
            String group = name.strip();
            Map<String, ConsumerConnections> found = session.admin().consumerConnections(group);
            ConsumerConnections members = online(session, group, broker);
            String through =
                    broker != null ? broker.strip() : found.keySet().iterator().next();
            if (clientId != null) {
                session.text(
                        state(session, through, group, clientId.strip(), stacks).text());
                return;
            }
            states(session, members, member -> state(session, through, group, member, stacks));
        }
    }

    private static void states(Session session, ConsumerConnections members, Function<String, RunningState> states) {
        session.line(STATE, "#Index", "#ClientId", "#Version", "#ConsumerRunningInfoFile");
        Path folder = Path.of(Long.toString(session.nowMillis()));
        Map<MessageQueueId, String> owners = new TreeMap<>(Queues.ORDER);
        List<String> twice = new ArrayList<>();
        int index = 0;
        for (ClientConnection member : members.connections()) {
            RunningState state = states.apply(member.clientId());
            Path file = folder.resolve(member.clientId().replace('/', '_'));
            write(file, state.text());
            session.line(STATE, ++index, member.clientId(), ProtocolVersion.name(member.version()), file);
            for (MessageQueueId queue : state.queues()) {
                String other = owners.put(queue, member.clientId());
                if (other != null) {
                    twice.add(Queues.text(queue) + " is consumed by " + other + " and " + member.clientId());
                }
            }
        }
        List<String> differing = members.differing().stream()
                .map(one -> one.clientId() + " by " + one.expression())
                .toList();
        session.line(
                differing.isEmpty()
                        ? "%n%nSame subscription in the same group of consumer"
                        : "%n%nWARN: Different subscription in the same group of consumer: %s",
                String.join(", ", differing));
        boolean each = members.messageModel() == MessageModel.BROADCASTING || twice.isEmpty();
        session.line(each ? "%nRebalance OK" : "%nRebalance Failed: %s", String.join("; ", twice));
    }

    /** What a client answers about itself. */
    static RunningState state(Session session, String broker, String group, String clientId, boolean stacks) {
        return new RunningState(session.ask(
                broker, RequestCode.GET_CONSUMER_RUNNING_INFO, new RunningStateRequest(group, clientId, stacks)));
    }

    private static void write(Path file, String text) {
        try {
            Files.createDirectories(requireNonNull(file.getParent()));
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException("the file " + file + " cannot be written: " + e.getMessage(), e);
        }
    }
}
