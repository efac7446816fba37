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
 * Sends the producer's heartbeat to brokers, so that they list it: before the first message on a connection, then every
 * 30 s, as brokers expect.
 *
 * <p>Threading: any thread; {@link #beforeSend} does not wait.
 *
 * <p>Errors: a broker that does not answer gets another heartbeat before the next message.
 */
final class ProducerHeartbeat {
    private static final Logger LOG = LoggerFactory.getLogger(ProducerHeartbeat.class);
    private static final Duration PERIOD = Duration.ofSeconds(30);

    private final Cluster cluster;
    private final byte[] heartbeat;
    private final Set<String> announced = ConcurrentHashMap.newKeySet();

    ProducerHeartbeat(ClientConfig client, String group) {
        cluster = new Cluster(client, loop -> new ReconnectListener());
        heartbeat =
                new HeartbeatBody(cluster.clientId(), List.of(), 0, List.of(new ProducerEntry(group)), false).write();
        cluster.every(PERIOD, this::sendToAll);
    }

    /** The cluster whose connections carry the heartbeats. */
    Cluster cluster() {
        return cluster;
    }

    /** Sends a heartbeat to a broker, unless one was sent on the present connection. */
    void beforeSend(String broker) {
        if (!announced.contains(broker) && announced.add(broker)) {
            send(broker);
        }
    }

    /** The brokers that got a heartbeat. */
    Set<String> brokers() {
        return Set.copyOf(announced);
    }

    private void sendToAll() {
        announced.addAll(cluster.routes().knownMasters());
        announced.forEach(this::send);
    }

    private void send(String broker) {
        CompletableFuture<Void> unused = cluster.call(
                        broker, Frame.request(RequestCode.HEART_BEAT, null, heartbeat), cluster.timeout())
                .handle((answer, failure) -> {
                    if (answer == null || !answer.isOk()) {
                        announced.remove(broker);
                        LOG.debug(
                                "heartbeat-failed broker={} cause=\"{}\"",
                                broker,
                                answer == null ? failure.getMessage() : answer.remark());
                    }
                    return null;
                });
    }

    /** A broker forgets its clients with their connections. Whichever one ended, all brokers get a new heartbeat. */
    private final class ReconnectListener implements LoopService {
        private final LoopService refusing = Cluster.refusing();

        @Override
        public void frame(Connection connection, FrameScan frame) {
            refusing.frame(connection, frame);
        }

        @Override
        public void closed(Connection connection) {
            announced.clear();
        }
    }
}
