package org.merlinmq.nameserver;

import java.util.Collection;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.body.DataVersion;
import org.merlinmq.protocol.body.TopicConfig;

/**
 * The nameserver for a broker in the same process: the same desk as over the network, without a socket.
 *
 * <p>Threading: any thread; nothing here waits for disk or network.
 */
public final class LocalDoor {
    private final BrokerDesk desk;
    private final RouteRegistry registry;

    LocalDoor(BrokerDesk desk, RouteRegistry registry) {
        this.desk = desk;
        this.registry = registry;
    }

    /**
     * The broker that comes in by this door.
     *
     * @param cluster its cluster
     * @param brokerName its group
     * @param brokerId 0 for a master
     * @param address {@code host:port} where clients reach it
     * @param haAddress {@code host:port} where its slaves reach it
     * @param automatic whether nobody chose that host: each client is then told the one by which it reached the
     *     nameserver, since both are on one machine
     */
    public record LocalBroker(
            String cluster, String brokerName, long brokerId, String address, String haAddress, boolean automatic) {}

    /**
     * What the broker is told in return.
     *
     * @param refusal why it is not registered; null if it is
     * @param masterAddress the live master of a slave's group, as registered; null if there is none
     * @param haAddress where that master feeds its slaves; null if there is none
     * @param orderTopics which topics are ordered, as the body of RocketMQ's answer; null if nothing is said
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Registered(
            @Nullable String refusal,
            @Nullable String masterAddress,
            @Nullable String haAddress,
            byte @Nullable [] orderTopics) {}

    /**
     * Registers the broker with all its topics, or one topic of a broker that is registered.
     *
     * @param broker who
     * @param version the version of its topics
     * @param topics all of them, or exactly the one that changed
     * @return what the nameserver says
     */
    public Registered register(LocalBroker broker, DataVersion version, Collection<TopicConfig> topics) {
        RegisterOutcome outcome = desk.register(new BrokerRegistration(
                broker.cluster(),
                broker.brokerName(),
                broker.brokerId(),
                address(broker, broker.address()),
                address(broker, broker.haAddress()),
                BrokerRegistration.DEFAULT_LEASE_MILLIS,
                false,
                version,
                topics,
                null));
        return switch (outcome) {
            case RegisterOutcome.Refused refused -> new Registered(refused.sentence(), null, null, null);
            case RegisterOutcome.Accepted accepted ->
                new Registered(null, text(accepted.master()), text(accepted.haServer()), desk.orderTopics());
        };
    }

    private static BrokerAddress address(LocalBroker broker, String text) {
        return broker.automatic() ? BrokerAddress.here(text) : BrokerAddress.fixed(text);
    }

    private static @Nullable String text(@Nullable BrokerAddress address) {
        return address == null ? null : address.text();
    }

    /**
     * Asks whether the nameserver knows the broker's topics as they are; renews its lease if so.
     *
     * @param broker who
     * @param version the version of its topics
     * @return false if the broker should register with all its topics
     */
    public boolean isCurrent(LocalBroker broker, DataVersion version) {
        return version.equals(desk.queryDataVersion(broker.cluster(), broker.address(), version));
    }

    /**
     * Says goodbye.
     *
     * @param broker who
     */
    public void unregister(LocalBroker broker) {
        desk.unregister(broker.cluster(), broker.address(), broker.brokerName());
    }

    /**
     * How many topics have a route.
     *
     * @return the count now
     */
    public int topicCount() {
        return registry.topicCount();
    }
}
