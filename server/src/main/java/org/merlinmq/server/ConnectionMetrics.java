package org.merlinmq.server;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.merlinmq.broker.Broker;
import org.merlinmq.broker.client.ConsumerGroup;
import org.merlinmq.broker.client.Member;
import org.merlinmq.broker.identity.BrokerIdentity;
import org.merlinmq.console.MetricsSink;
import org.merlinmq.console.MetricsSource;
import org.merlinmq.protocol.frame.Language;
import org.merlinmq.protocol.frame.ProtocolVersion;

/**
 * The connections of producers and consumers. Names and labels are RocketMQ's; producers carry their group besides, so that their sum over groups is
 * what RocketMQ shows.
 */
final class ConnectionMetrics implements MetricsSource {
    private final CommonLabels common;
    private final Broker broker;

    ConnectionMetrics(BrokerIdentity identity, Broker broker) {
        this.common = new CommonLabels(identity.clusterName(), identity.brokerName());
        this.broker = broker;
    }

    /** The kinds of connections that are counted separately in a group. */
    private record ClientVersion(String language, String version) {
        static ClientVersion of(Member member) {
            return new ClientVersion(
                    Language.of(member.language()).name().toLowerCase(Locale.ROOT),
                    ProtocolVersion.name(member.version()).toLowerCase(Locale.ROOT));
        }
    }

    @Override
    public void collect(MetricsSink out) {
        out.gauge("merlinmq_connections", "Open connections.", broker.connectionCount(), common.and());
        broker.producers().all().forEach((group, members) -> producers(out, group, members));
        broker.consumers().all().stream()
                .sorted(Comparator.comparing(ConsumerGroup::name))
                .forEach(group -> consumers(out, group));
    }

    private void producers(MetricsSink out, String group, List<Member> members) {
        byClientVersion(members, (kind, count) -> {
            String[] labels = common.and(
                    "producer_group",
                    group,
                    "language",
                    kind.language(),
                    "version",
                    kind.version(),
                    "protocol_type",
                    "remoting");
            out.gauge("rocketmq_producer_connections", "Connections of producers.", count, labels);
        });
    }

    private void consumers(MetricsSink out, ConsumerGroup group) {
        int shared = group.sharedClientIds().size();
        if (shared > 0) {
            out.gauge(
                    "merlinmq_shared_client_ids",
                    "Client ids of a group that more than one live client uses.",
                    shared,
                    common.and("consumer_group", group.name()));
        }
        int differing = group.differingSubscriptions().size();
        if (differing > 0) {
            out.gauge(
                    "merlinmq_differing_subscriptions",
                    "Topics to which clients of a group subscribe by expressions that differ.",
                    differing,
                    common.and("consumer_group", group.name()));
        }
        byClientVersion(group.members(), (kind, count) -> {
            String[] labels = common.and(
                    "consumer_group",
                    group.name(),
                    "consume_mode",
                    mode(group),
                    "language",
                    kind.language(),
                    "version",
                    kind.version(),
                    "protocol_type",
                    "remoting",
                    "is_system",
                    "" + group.system());
            out.gauge("rocketmq_consumer_connections", "Connections of consumers.", count, labels);
        });
    }

    private static String mode(ConsumerGroup group) {
        return switch (group.settings().consumeType()) {
            case CONSUME_ACTIVELY -> "pull";
            case CONSUME_POP -> "pop";
            case CONSUME_PASSIVELY -> "push";
        };
    }

    private static void byClientVersion(Collection<Member> members, BiConsumer<ClientVersion, Long> each) {
        Map<ClientVersion, Long> counts =
                new TreeMap<>(Comparator.comparing(ClientVersion::language).thenComparing(ClientVersion::version));
        members.forEach(member -> counts.merge(ClientVersion.of(member), 1L, Long::sum));
        counts.forEach(each);
    }
}
