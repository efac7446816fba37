package org.merlinmq.broker.registry;

import java.time.Duration;
import java.util.Collection;
import org.merlinmq.nameserver.BrokerAddress;
import org.merlinmq.nameserver.BrokerRegistrar;
import org.merlinmq.nameserver.BrokerRegistration;
import org.merlinmq.nameserver.RegistrationOutcome;
import org.merlinmq.protocol.body.DataVersion;
import org.merlinmq.protocol.body.TopicConfig;

/** A nameserver in the same process, as {@code server} joins it to a broker. */
final class InProcessDoor implements NameserverDoor {
    private final BrokerRegistrar registrar;

    InProcessDoor(BrokerRegistrar registrar) {
        this.registrar = registrar;
    }

    @Override
    public String name() {
        return "this process";
    }

    @Override
    public boolean mayBlock() {
        return false;
    }

    @Override
    public Registered register(
            Registrant broker, DataVersion version, Collection<TopicConfig> topics, Duration timeout) {
        BrokerRegistration registration = new BrokerRegistration(
                broker.cluster(),
                broker.brokerName(),
                broker.brokerId(),
                address(broker, broker.address()),
                address(broker, broker.haAddress()),
                BrokerRegistration.DEFAULT_LEASE_MILLIS,
                false,
                version,
                topics,
                null);
        return switch (registrar.register(registration)) {
            case RegistrationOutcome.Refused refused -> new Registered(refused.sentence(), null, null, null);
            case RegistrationOutcome.Accepted accepted -> new Registered(null, null, null, registrar.orderTopics());
        };
    }

    private static BrokerAddress address(Registrant broker, String text) {
        return broker.automatic() ? BrokerAddress.onThisHost(text) : BrokerAddress.fixed(text);
    }

    @Override
    public boolean isCurrent(Registrant broker, DataVersion version, Duration timeout) {
        return version.equals(registrar.queryDataVersion(broker.cluster(), broker.address(), version));
    }

    @Override
    public void unregister(Registrant broker, Duration timeout) {
        registrar.unregister(broker.cluster(), broker.address(), broker.brokerName());
    }
}
