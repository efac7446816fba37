package org.merlinmq.server;

import java.time.Duration;
import java.util.Collection;
import org.merlinmq.broker.registry.NameserverDoor;
import org.merlinmq.broker.registry.Registered;
import org.merlinmq.broker.registry.Registrant;
import org.merlinmq.broker.registry.RemoteDoor;
import org.merlinmq.nameserver.LocalDoor;
import org.merlinmq.nameserver.LocalDoor.LocalBroker;
import org.merlinmq.protocol.body.DataVersion;
import org.merlinmq.protocol.body.TopicConfig;

/** The nameserver in this process, as the broker beside it sees it. Threading: any. */
final class LocalNameserver implements NameserverDoor {
    private final LocalDoor door;

    LocalNameserver(LocalDoor door) {
        this.door = door;
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
        LocalDoor.Registered said = door.register(local(broker), version, topics);
        byte[] order = said.orderTopics();
        return new Registered(
                said.refusal(),
                said.masterAddress(),
                said.haAddress(),
                order == null ? null : RemoteDoor.orderTopics(order));
    }

    @Override
    public boolean isCurrent(Registrant broker, DataVersion version, Duration timeout) {
        return door.isCurrent(local(broker), version);
    }

    @Override
    public void unregister(Registrant broker, Duration timeout) {
        door.unregister(local(broker));
    }

    private static LocalBroker local(Registrant broker) {
        return new LocalBroker(
                broker.cluster(),
                broker.brokerName(),
                broker.brokerId(),
                broker.address(),
                broker.haAddress(),
                broker.automatic());
    }
}
