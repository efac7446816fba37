package org.merlinmq.nameserver;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.body.BrokerAddresses;
import org.merlinmq.protocol.body.BrokerMemberGroup;
import org.merlinmq.protocol.body.ClusterTable;
import org.merlinmq.protocol.body.QueueRoute;
import org.merlinmq.protocol.body.TopicRoute;

/**
 * Writes brokers and routes as bodies, in one form for clients of every version: standard JSON with quoted number keys,
 * which clients since 4.4.0 read.
 *
 * <p>Threading: any thread; called under the registry's lock, whose tables it reads.
 */
final class RouteBodies {
    private final Function<String, @Nullable String> orderConfOf;

    /** {@code orderConfOf} returns a topic's order configuration; null if it has none or the settings keep it back. */
    RouteBodies(Function<String, @Nullable String> orderConfOf) {
        this.orderConfOf = orderConfOf;
    }

    byte[] route(String topic, List<QueueRoute> queues, List<BrokerGroup> groups, String localHost) {
        List<BrokerAddresses> brokers =
                groups.stream().map(group -> addresses(group, localHost)).toList();
        return new TopicRoute(brokers, Map.of(), orderConfOf.apply(topic), queues).write();
    }

    byte[] clusters(Collection<BrokerGroup> groups, String localHost) {
        SortedMap<String, BrokerAddresses> brokers = new TreeMap<>();
        SortedMap<String, List<String>> clusters = new TreeMap<>();
        for (BrokerGroup group : groups) {
            brokers.put(group.name, addresses(group, localHost));
            clusters.computeIfAbsent(group.cluster, c -> new ArrayList<>()).add(group.name);
        }
        return new ClusterTable(brokers, clusters).write();
    }

    byte[] members(BrokerGroup group, String localHost) {
        return new BrokerMemberGroup(addresses(group, localHost)).write();
    }

    private static BrokerAddresses addresses(BrokerGroup group, String localHost) {
        SortedMap<Long, String> seen = new TreeMap<>();
        group.addresses.forEach((id, address) -> seen.put(id, address.advertisedTo(localHost)));
        return new BrokerAddresses(seen, group.name, group.cluster, group.actingMaster, null);
    }
}
