package org.merlinmq.nameserver;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntUnaryOperator;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.body.DataVersion;
import org.merlinmq.protocol.body.QueueRoute;
import org.merlinmq.protocol.body.TopicConfig;
import org.merlinmq.protocol.request.GroupLead;

/**
 * The core of the nameserver: which brokers live, and which of them holds which topic.
 *
 * <p>A step function over what happens: each method takes an event and the time, changes the tables, and returns what
 * the shell has to do (answer, connections to close). It has no thread, clock or socket.
 *
 * <pre>
 *  leases:   (cluster, address) → lease: id, dataVersion, time of renewal, connection
 *  groups:   brokerName → cluster, id → address
 *  topics:   topic → brokerName → queues
 * </pre>
 *
 * <p>Invariants: a group in {@code groups} has an address; a topic in {@code topics} has a queue entry, and its broker
 * names are all in {@code groups}; a lease's address is in its group.
 *
 * <p>Threading: any thread; one lock, held for changes and for rendering an answer that is not kept. A kept answer is
 * read without it.
 *
 * <p>Source: protocol sheet "Nameserver: broker table and routes".
 */
final class RouteRegistry {
    private static final int READ_WRITE = TopicConfig.READ | TopicConfig.WRITE;

    private final Map<LeaseKey, BrokerLease> leases = new HashMap<>();
    private final TreeMap<String, BrokerGroup> groups = new TreeMap<>();
    private final Map<String, TopicRoutes> topics = new ConcurrentHashMap<>();
    private final RouteBodies bodies;

    /** Counts changes that any answer may contain: an address, the order configuration. */
    private final AtomicInteger epoch = new AtomicInteger();

    private record LeaseKey(String cluster, String address) {
        // The one that a record has of itself is linked at its first call: 5 ms of a start.
        @Override
        public int hashCode() {
            return 31 * cluster.hashCode() + address.hashCode();
        }
    }

    RouteRegistry(RouteBodies bodies) {
        this.bodies = bodies;
    }

    // ---- brokers ----

    /** Registers a broker with its topics, or changes one topic of a registered broker. */
    synchronized RegistrationOutcome register(BrokerRegistration broker, boolean bodyIsComplete, long nowMillis) {
        String addressText = broker.address().text();
        LeaseKey key = new LeaseKey(broker.cluster(), addressText);
        BrokerLease there = leases.get(key);
        BrokerLease known = there != null && there.brokerName.equals(broker.brokerName()) ? there : null;
        if (known == null && broker.topics().size() == 1) {
            return new RegistrationOutcome.Refused(
                    "broker " + broker.brokerName() + " at " + addressText
                            + " is not registered: register it with all its topics before a single topic",
                    null);
        }
        RegistrationOutcome.Refused ended = refusalOfFormerMaster(broker);
        if (ended != null) {
            return ended;
        }
        removeAll(lease -> lease.isReplacedBy(broker));
        BrokerGroup group =
                groups.computeIfAbsent(broker.brokerName(), name -> new BrokerGroup(name, broker.cluster()));
        group.cluster = broker.cluster();
        group.actingMaster = broker.actingMaster();
        if (broker.brokerId() == BrokerGroup.MASTER) {
            group.lead = broker.lead();
        }
        boolean moved = group.dropOtherIds(addressText, broker.brokerId());
        BrokerAddress previous = group.addresses.put(broker.brokerId(), broker.address());
        boolean first = moved || previous == null || !previous.text().equals(addressText);
        if (first || !broker.address().equals(previous)) {
            epoch.incrementAndGet();
        }
        if (previous != null && !previous.text().equals(addressText)) {
            leases.remove(new LeaseKey(broker.cluster(), previous.text()));
        }
        boolean changed = known == null || !known.dataVersion.equals(broker.dataVersion());
        leases.put(key, new BrokerLease(broker, nowMillis));
        int topicsChanged = 0;
        boolean primeSlave = group.isPrimeSlave(broker.brokerId());
        if (broker.brokerId() == BrokerGroup.MASTER || primeSlave) {
            topicsChanged = putTopics(broker, first || changed, primeSlave);
        }
        if (bodyIsComplete && broker.brokerId() == BrokerGroup.MASTER && changed) {
            topicsChanged += removeAbsentTopics(broker);
        }
        return accepted(broker, group, first, topicsChanged, previous);
    }

    /** One that was deposed, and has not heard of it, does not take the place of its successor. */
    private RegistrationOutcome.@Nullable Refused refusalOfFormerMaster(BrokerRegistration broker) {
        BrokerGroup group = groups.get(broker.brokerName());
        GroupLead lead = broker.lead();
        GroupLead last = group == null ? null : group.lead;
        if (group == null
                || lead == null
                || last == null
                || broker.brokerId() != BrokerGroup.MASTER
                || !lead.isEndedBy(last)) {
            return null;
        }
        BrokerAddress master = group.master();
        return new RegistrationOutcome.Refused(
                "broker " + broker.brokerName() + " at " + broker.address().text() + " leads in epoch " + lead.epoch()
                        + ", which ended when another one was promoted, in epoch " + last.epoch()
                        + (master == null ? "" : ": the master is at " + master.text()) + "; it is to follow, or to be"
                        + " promoted again",
                last);
    }

    private int putTopics(BrokerRegistration broker, boolean all, boolean primeSlave) {
        int changed = 0;
        for (TopicConfig topic : broker.topics()) {
            String name = topic.topicName();
            TopicRoutes routes = topics.get(name);
            // An unchanged broker may still have to bring back what was deleted here behind its back.
            if (!all && routes != null && routes.find(broker.brokerName()) != null) {
                continue;
            }
            QueueRoute route = queuesOf(broker.brokerName(), topic);
            if (primeSlave) {
                route = withPerm(route, route.perm() & ~TopicConfig.WRITE);
            }
            if (put(name, route)) {
                changed++;
            }
        }
        return changed;
    }

    private static QueueRoute queuesOf(String brokerName, TopicConfig topic) {
        return new QueueRoute(
                brokerName, topic.perm(), topic.readQueueNums(), topic.topicSysFlag(), topic.writeQueueNums());
    }

    private static QueueRoute withPerm(QueueRoute route, int perm) {
        return new QueueRoute(
                route.brokerName(), perm, route.readQueueNums(), route.topicSysFlag(), route.writeQueueNums());
    }

    private boolean put(String topic, QueueRoute route) {
        return topics.computeIfAbsent(topic, t -> new TopicRoutes()).put(route);
    }

    private int removeAbsentTopics(BrokerRegistration broker) {
        var present = new HashSet<String>();
        broker.topics().forEach(t -> present.add(t.topicName()));
        return removeRoutes(broker.brokerName(), topic -> !present.contains(topic));
    }

    private RegistrationOutcome accepted(
            BrokerRegistration broker,
            BrokerGroup group,
            boolean first,
            int topicsChanged,
            @Nullable BrokerAddress previous) {
        BrokerAddress master = group.master();
        BrokerLease masterLease = master == null || broker.brokerId() == BrokerGroup.MASTER
                ? null
                : leases.get(new LeaseKey(group.cluster, master.text()));
        BrokerAddress displaced =
                previous != null && !previous.text().equals(broker.address().text()) ? previous : null;
        return new RegistrationOutcome.Accepted(
                masterLease == null ? null : masterLease.address,
                masterLease == null ? null : masterLease.haServer,
                first,
                topicsChanged,
                displaced == null ? null : displaced.text());
    }

    /** Removes a broker that stops. False if it was not registered. */
    synchronized boolean unregister(String cluster, String addressText, String brokerName) {
        BrokerLease lease = leases.get(new LeaseKey(cluster, addressText));
        if (lease == null || !lease.brokerName.equals(brokerName)) {
            return false;
        }
        remove(lease);
        return true;
    }

    /** Removes the brokers that registered over this connection. */
    synchronized List<BrokerLease> connectionClosed(Object connection) {
        return removeAll(lease -> connection.equals(lease.connection));
    }

    /** Removes the brokers whose lease has expired. */
    synchronized List<BrokerLease> expire(long nowMillis) {
        return removeAll(lease -> lease.expired(nowMillis));
    }

    /** Whether there is anything that could expire. */
    synchronized boolean hasBrokers() {
        return !leases.isEmpty();
    }

    private List<BrokerLease> removeAll(Predicate<BrokerLease> which) {
        List<BrokerLease> gone = leases.values().stream().filter(which).toList();
        gone.forEach(this::remove);
        return gone;
    }

    private void remove(BrokerLease lease) {
        leases.remove(new LeaseKey(lease.cluster, lease.address.text()));
        BrokerGroup group = groups.get(lease.brokerName);
        if (group == null || !group.drop(lease.address.text())) {
            return;
        }
        epoch.incrementAndGet();
        if (group.addresses.isEmpty()) {
            groups.remove(group.name);
            removeRoutes(group.name, topic -> true);
        } else if (group.actingMaster && group.master() == null) {
            changePerm(group.name, perm -> perm & ~TopicConfig.WRITE);
        }
    }

    private int removeRoutes(String brokerName, Predicate<String> which) {
        int removed = 0;
        for (var entries = topics.entrySet().iterator(); entries.hasNext(); ) {
            var entry = entries.next();
            if (which.test(entry.getKey()) && entry.getValue().remove(brokerName)) {
                removed++;
                if (entry.getValue().isEmpty()) {
                    entries.remove();
                }
            }
        }
        return removed;
    }

    /** The registered version of a broker's topics; renews its lease if it is {@code current}. Null if it is not registered. */
    synchronized @Nullable DataVersion queryDataVersion(
            String cluster, String addressText, DataVersion current, long nowMillis) {
        BrokerLease lease = leases.get(new LeaseKey(cluster, addressText));
        if (lease == null) {
            return null;
        }
        if (lease.dataVersion.equals(current)) {
            lease.renewedMillis = nowMillis;
        }
        return lease.dataVersion;
    }

    /** Renews a broker's lease. */
    synchronized void heartbeat(String cluster, String addressText, long nowMillis) {
        BrokerLease lease = leases.get(new LeaseKey(cluster, addressText));
        if (lease != null) {
            lease.renewedMillis = nowMillis;
        }
    }

    /** Takes the write permission from all topics of a group; returns how many had it. */
    synchronized int wipeWritePerm(String brokerName) {
        return changePerm(brokerName, perm -> perm & ~TopicConfig.WRITE);
    }

    /** Gives all topics of a group read and write permission; returns how many there are. */
    synchronized int addWritePerm(String brokerName) {
        return changePerm(brokerName, perm -> READ_WRITE);
    }

    private int changePerm(String brokerName, IntUnaryOperator change) {
        int count = 0;
        for (TopicRoutes routes : topics.values()) {
            QueueRoute route = routes.find(brokerName);
            if (route != null) {
                routes.put(withPerm(route, change.applyAsInt(route.perm())));
                count++;
            }
        }
        return count;
    }

    // ---- topics ----

    /** Adds a topic's queues without a registration. False if none of the brokers is known. */
    synchronized boolean registerTopic(String topic, Collection<QueueRoute> queues) {
        boolean any = false;
        for (QueueRoute route : queues) {
            if (groups.containsKey(route.brokerName())) {
                put(topic, route);
                any = true;
            }
        }
        return any;
    }

    /** Removes a topic, in one cluster or, if {@code cluster} is null, in all. */
    synchronized void deleteTopic(String topic, @Nullable String cluster) {
        TopicRoutes routes = topics.get(topic);
        if (routes == null) {
            return;
        }
        for (QueueRoute route : routes.queues()) {
            BrokerGroup group = groups.get(route.brokerName());
            if (cluster == null || (group != null && group.cluster.equals(cluster))) {
                routes.remove(route.brokerName());
            }
        }
        if (routes.isEmpty()) {
            topics.remove(topic);
        }
    }

    // ---- answers ----

    /**
     * The body of a route answer: bytes shared by all askers, not to be changed.
     *
     * @param localHost the host by which the requester reached this nameserver
     * @return null if no broker has the topic
     */
    byte @Nullable [] route(String topic, String localHost) {
        TopicRoutes routes = topics.get(topic);
        if (routes == null) {
            return null;
        }
        byte[] kept = routes.answer(localHost, epoch.get());
        return kept != null ? kept : render(topic, localHost);
    }

    private synchronized byte @Nullable [] render(String topic, String localHost) {
        TopicRoutes routes = topics.get(topic);
        if (routes == null) {
            return null;
        }
        List<BrokerGroup> of = new ArrayList<>();
        boolean sameForAll = true;
        for (QueueRoute queue : routes.queues()) {
            BrokerGroup group = groups.get(queue.brokerName());
            if (group == null) {
                throw new IllegalStateException("topic " + topic + " names unknown broker " + queue.brokerName());
            }
            of.add(group);
            sameForAll &= group.addresses.values().stream().noneMatch(BrokerAddress::dependsOnRequester);
        }
        byte[] body = bodies.route(topic, List.of(routes.queues()), of, localHost);
        routes.keep(sameForAll ? null : localHost, epoch.get(), body);
        return body;
    }

    /** Drops all kept answers, because something else that they contain has changed. */
    synchronized void invalidateAnswers() {
        epoch.incrementAndGet();
    }

    /** All groups and clusters, as a body. */
    synchronized byte[] clusters(String localHost) {
        return bodies.clusters(groups.values(), localHost);
    }

    /** The members of one group, as a body; no addresses if it is unknown. */
    synchronized byte[] members(String cluster, String brokerName, String localHost) {
        BrokerGroup group = groups.get(brokerName);
        if (group == null || !group.cluster.equals(cluster)) {
            group = new BrokerGroup(brokerName, cluster);
        }
        return bodies.members(group, localHost);
    }

    /** The names of all topics that have a queue which passes, ascending. */
    synchronized List<String> topicNames(Predicate<QueueRoute> which) {
        List<String> names = new ArrayList<>();
        topics.forEach((topic, routes) -> {
            for (QueueRoute queue : routes.queues()) {
                if (which.test(queue)) {
                    names.add(topic);
                    return;
                }
            }
        });
        Collections.sort(names);
        return names;
    }

    /** The names of a cluster's topics, ascending. */
    synchronized List<String> topicNamesOf(String cluster) {
        return topicNames(queue -> {
            BrokerGroup group = groups.get(queue.brokerName());
            return group != null && group.cluster.equals(cluster);
        });
    }

    /** Cluster names and broker names: each is a topic of its own. */
    synchronized Set<String> systemTopics() {
        Set<String> names = new TreeSet<>();
        groups.values().forEach(group -> {
            names.add(group.cluster);
            names.add(group.name);
        });
        return names;
    }

    /** The address of any broker; null if there is none. */
    synchronized @Nullable BrokerAddress anyBroker() {
        return groups.isEmpty()
                ? null
                : groups.firstEntry().getValue().addresses.firstEntry().getValue();
    }

    /** How many topics have a route. */
    int topicCount() {
        return topics.size();
    }
}
