package org.merlinmq.client;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.merlinmq.protocol.body.HeartbeatBody;
import org.merlinmq.protocol.body.ProducerEntry;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.frame.FrameScan;
import org.merlinmq.transport.Connection;
import org.merlinmq.transport.LoopService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells brokers which producer this is, so that they list it: each with the first message on a connection, then every
 * 30 s, which is what brokers expect.
 *
 * <p>Threading: any thread; {@link #first} does not wait.
 *
 * <p>Errors: a broker that does not take it is told again with the next message.
 */
final class Greetings {
    private static final Logger LOG = LoggerFactory.getLogger(Greetings.class);
    private static final Duration PERIOD = Duration.ofSeconds(30);

    private final Cluster cluster;
    private final byte[] heartbeat;
    private final Set<String> greeted = ConcurrentHashMap.newKeySet();

    Greetings(ClientConfig client, String group) {
        cluster = new Cluster(client, loop -> new Listening());
        heartbeat =
                new HeartbeatBody(cluster.clientId(), List.of(), 0, List.of(new ProducerEntry(group)), false).write();
        cluster.every(PERIOD, this::again);
    }

    /** The servers whose connections are greeted over. */
    Cluster cluster() {
        return cluster;
    }

    /** Before a message to a broker: greets it, unless that was done on this connection. */
    void first(String broker) {
        if (!greeted.contains(broker) && greeted.add(broker)) {
            greet(broker);
        }
    }

    /** The brokers that know the producer. */
    Set<String> brokers() {
        return Set.copyOf(greeted);
    }

    private void again() {
        greeted.addAll(cluster.routes().knownMasters());
        greeted.forEach(this::greet);
    }

    private void greet(String broker) {
        CompletableFuture<Void> unused = cluster.call(
                        broker, Frame.request(RequestCode.HEART_BEAT, null, heartbeat), cluster.timeout())
                .handle((answer, failure) -> {
                    if (answer == null || !answer.isOk()) {
                        greeted.remove(broker);
                        LOG.debug(
                                "heartbeat-failed broker={} cause=\"{}\"",
                                broker,
                                answer == null ? failure.getMessage() : answer.remark());
                    }
                    return null;
                });
    }

    /** With a connection a broker forgets who was at its other end. Which one ended does not matter: all hear it again. */
    private final class Listening implements LoopService {
        private final LoopService refusing = Cluster.refusing();

        @Override
        public void frame(Connection connection, FrameScan frame) {
            refusing.frame(connection, frame);
        }

        @Override
        public void closed(Connection connection) {
            greeted.clear();
        }
    }
}
