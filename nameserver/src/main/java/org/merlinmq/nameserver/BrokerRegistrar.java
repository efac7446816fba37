package org.merlinmq.nameserver;

import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.body.DataVersion;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Registers brokers, over the network or from the same process: the registry with the time, the settings and the log
 * around it.
 *
 * <p>Threading: any thread; nothing here waits for disk or network.
 */
public final class BrokerRegistrar {
    /**
     * Header field that marks a broker of ours whose address nobody configured, so that the registered one is a guess.
     * Other nameservers ignore it.
     */
    static final String AUTOMATIC_FIELD = "brokerAddrAutomatic";

    private static final Logger LOG = LoggerFactory.getLogger(BrokerRegistrar.class);

    private final RouteRegistry registry;
    private final KvConfig kv;
    private final SettingsStore settings;
    private final LongSupplier nowMillis;
    private final Runnable onRegistered;

    /** {@code onRegistered} runs after each registration: from then on there is a lease to watch. */
    BrokerRegistrar(
            RouteRegistry registry,
            KvConfig kv,
            SettingsStore settings,
            LongSupplier nowMillis,
            Runnable onRegistered) {
        this.registry = registry;
        this.kv = kv;
        this.settings = settings;
        this.nowMillis = nowMillis;
        this.onRegistered = onRegistered;
    }

    /**
     * Registers a broker with all its topics, or changes one topic of a broker that is registered.
     *
     * @param broker the broker and its topics
     * @return accepted or refused
     */
    public RegistrationOutcome register(BrokerRegistration broker) {
        boolean complete = settings.current().deleteTopicWithBrokerRegistration()
                && broker.topics().size() > 1;
        RegistrationOutcome outcome = registry.register(broker, complete, nowMillis.getAsLong());
        switch (outcome) {
            case RegistrationOutcome.Refused refused -> LOG.warn("broker-refused reason=\"{}\"", refused.sentence());
            case RegistrationOutcome.Accepted accepted -> {
                onRegistered.run();
                log(broker, accepted);
            }
        }
        return outcome;
    }

    private static void log(BrokerRegistration broker, RegistrationOutcome.Accepted accepted) {
        if (accepted.first()) {
            LOG.info(
                    "broker-registered broker={} id={} cluster={} address={} topics={}",
                    broker.brokerName(),
                    broker.brokerId(),
                    broker.cluster(),
                    broker.address().text(),
                    broker.topics().size());
        }
        if (accepted.displaced() != null) {
            LOG.warn(
                    "broker-displaced broker={} id={} before={} now={} cure=\"if both run, give each a brokerName or"
                            + " brokerId of its own\"",
                    broker.brokerName(),
                    broker.brokerId(),
                    accepted.displaced(),
                    broker.address().text());
        }
    }

    /**
     * Compares the version of a broker's topics with the registered one, and renews the broker's lease if they are equal.
     *
     * @param cluster the broker's cluster
     * @param address its address as registered
     * @param current the version of its topics
     * @return the registered version; null if the broker is not registered
     */
    public @Nullable DataVersion queryDataVersion(String cluster, String address, DataVersion current) {
        return registry.queryDataVersion(cluster, address, current, nowMillis.getAsLong());
    }

    /**
     * Removes a broker that stops.
     *
     * @param cluster its cluster
     * @param address its address as registered
     * @param brokerName its group
     */
    public void unregister(String cluster, String address, String brokerName) {
        if (registry.unregister(cluster, address, brokerName)) {
            LOG.info("broker-unregistered broker={} cluster={} address={}", brokerName, cluster, address);
        }
    }

    /**
     * The topics that are configured as ordered; null if none are configured, or if the settings keep them from brokers.
     */
    public @Nullable Set<String> orderTopics() {
        return returnsOrderTopics() ? kv.keys(KvConfig.ORDER_TOPICS) : null;
    }

    /** The order configuration as the body of RocketMQ's answer to a registration; empty if {@link #orderTopics} is null. */
    byte[] orderTopicsBody() {
        byte[] body = returnsOrderTopics() ? kv.listBody(KvConfig.ORDER_TOPICS) : null;
        return body == null ? new byte[0] : body;
    }

    private boolean returnsOrderTopics() {
        return settings.current().returnOrderTopicConfigToBroker() && !kv.isEmpty(KvConfig.ORDER_TOPICS);
    }
}
