package org.merlinmq.server;

import java.time.Duration;
import java.util.Collection;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.identity.BrokerIdentity;
import org.merlinmq.broker.registry.NameserverClient;
import org.merlinmq.broker.registry.RegistrationResult;
import org.merlinmq.nameserver.BrokerAddress;
import org.merlinmq.nameserver.BrokerRegistrar;
import org.merlinmq.nameserver.BrokerRegistration;
import org.merlinmq.nameserver.RegistrationOutcome;
import org.merlinmq.protocol.body.DataVersion;
import org.merlinmq.protocol.body.TopicConfig;

/** Registers the broker with the nameserver in the same process. Threading: any. */
final class InProcessNameserverClient implements NameserverClient {
    private final BrokerRegistrar registrar;

    InProcessNameserverClient(BrokerRegistrar registrar) {
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
    public RegistrationResult register(
            BrokerIdentity broker, DataVersion version, Collection<TopicConfig> topics, Duration timeout) {
        BrokerRegistration registration = new BrokerRegistration(
                broker.clusterName(),
                broker.brokerName(),
                broker.brokerId(),
                address(broker.automaticHost(), broker.address()),
                address(broker.automaticHost() && broker.haHost() == null, broker.haAddress()),
                BrokerRegistration.DEFAULT_LEASE_MILLIS,
                false,
                version,
                topics,
                null,
                broker.lead());
        return switch (registrar.register(registration)) {
            case RegistrationOutcome.Refused refused ->
                new RegistrationResult(refused.sentence(), null, null, null, refused.endedBy());
            case RegistrationOutcome.Accepted accepted ->
                new RegistrationResult(
                        null, registrar.orderTopics(), text(accepted.master()), text(accepted.haServer()));
        };
    }

    private static @Nullable String text(@Nullable BrokerAddress address) {
        return address == null ? null : address.text();
    }

    private static BrokerAddress address(boolean automatic, String text) {
        return automatic ? BrokerAddress.onThisHost(text) : BrokerAddress.fixed(text);
    }

    @Override
    public boolean isCurrent(BrokerIdentity broker, DataVersion version, Duration timeout) {
        return version.equals(registrar.queryDataVersion(broker.clusterName(), broker.address(), version));
    }

    @Override
    public void unregister(BrokerIdentity broker, Duration timeout) {
        registrar.unregister(broker.clusterName(), broker.address(), broker.brokerName());
    }
}
