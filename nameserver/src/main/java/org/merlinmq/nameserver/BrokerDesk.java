package org.merlinmq.nameserver;

import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.body.DataVersion;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where brokers come in, over the network or from the same process: the registry's registration with the time, the
 * settings and the log around it.
 *
 * <p>Threading: any thread.
 */
final class BrokerDesk {
    /**
     * Header field by which a broker of ours says that nobody gave it an address, so that the one it registers is a
     * guess. Other nameservers pass over it.
     */
    static final String AUTOMATIC_FIELD = "brokerAddrAutomatic";

    private static final Logger LOG = LoggerFactory.getLogger(BrokerDesk.class);

    private final RouteRegistry registry;
    private final KeyValues kv;
    private final LiveSettings settings;
    private final LongSupplier nowMillis;
    private final Runnable brokerArrived;

    /** {@code brokerArrived} is told of each registration: there is a lease to watch from then on. */
    BrokerDesk(
            RouteRegistry registry,
            KeyValues kv,
            LiveSettings settings,
            LongSupplier nowMillis,
            Runnable brokerArrived) {
        this.registry = registry;
        this.kv = kv;
        this.settings = settings;
        this.nowMillis = nowMillis;
        this.brokerArrived = brokerArrived;
    }

    RegisterOutcome register(BrokerRegistration broker) {
        boolean complete = settings.current().deleteTopicWithBrokerRegistration()
                && broker.topics().size() > 1;
        RegisterOutcome outcome = registry.register(broker, complete, nowMillis.getAsLong());
        switch (outcome) {
            case RegisterOutcome.Refused refused -> LOG.warn("broker-refused reason=\"{}\"", refused.sentence());
            case RegisterOutcome.Accepted accepted -> {
                brokerArrived.run();
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
                            "broker-displaced broker={} id={} before={} now={} cure=\"if both run, give each a brokerName"
                                    + " or brokerId of its own\"",
                            broker.brokerName(),
                            broker.brokerId(),
                            accepted.displaced(),
                            broker.address().text());
                }
            }
        }
        return outcome;
    }

    @Nullable DataVersion queryDataVersion(String cluster, String address, DataVersion current) {
        return registry.queryDataVersion(cluster, address, current, nowMillis.getAsLong());
    }

    void unregister(String cluster, String address, String brokerName) {
        if (registry.unregister(cluster, address, brokerName)) {
            LOG.info("broker-unregistered broker={} cluster={} address={}", brokerName, cluster, address);
        }
    }

    /** What brokers are told of ordered topics, or null if there is nothing to tell. */
    byte @Nullable [] orderTopics() {
        return settings.current().returnOrderTopicConfigToBroker() && !kv.isEmpty(KeyValues.ORDER_TOPICS)
                ? kv.listBody(KeyValues.ORDER_TOPICS)
                : null;
    }
}
