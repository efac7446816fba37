package org.merlinmq.broker.registry;

import java.time.Duration;
import java.util.Collection;
import org.merlinmq.nameserver.LocalDoor;
import org.merlinmq.protocol.body.DataVersion;
import org.merlinmq.protocol.body.TopicConfig;

/** A nameserver in the same process, as {@code server} joins it to a broker. */
final class InProcessDoor implements NameserverDoor {
    private final LocalDoor door;

    InProcessDoor(LocalDoor door) {
        this.door = door;
    }

    @Override
    public String name() {
        return "in-process";
    }

    @Override
    public boolean mayBlock() {
        return false;
    }

    @Override
    public Registered register(
            Registrant broker, DataVersion version, Collection<TopicConfig> topics, Duration timeout) {
        LocalDoor.Registered told = door.register(local(broker), version, topics);
        byte[] ordered = told.orderTopics();
        return new Registered(
                told.refusal(),
                told.masterAddress(),
                told.haAddress(),
                ordered == null ? null : RemoteDoor.orderTopics(ordered));
    }

    @Override
    public boolean isCurrent(Registrant broker, DataVersion version, Duration timeout) {
        return door.isCurrent(local(broker), version);
    }

    @Override
    public void unregister(Registrant broker, Duration timeout) {
        door.unregister(local(broker));
    }

    private static LocalDoor.LocalBroker local(Registrant broker) {
        return new LocalDoor.LocalBroker(
                broker.cluster(),
                broker.brokerName(),
                broker.brokerId(),
                broker.address(),
                broker.haAddress(),
                broker.automatic());
    }
}
