package org.merlinmq.client;

import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.body.MessageQueueId;

/**
 * Chooses queues for a producer's messages: the queues of a topic in turn, and the masters that hold them.
 *
 * <p>Threading: any thread; waits where the route of a topic is not known.
 *
 * <p>Errors: {@link ClientException} if a topic has no queue to write to; the next call queries its route again.
 */
final class WriteQueues {
    private final Cluster cluster;
    private final AtomicInteger turn =
            new AtomicInteger(ThreadLocalRandom.current().nextInt(1 << 16));

    WriteQueues(Cluster cluster) {
        this.cluster = cluster;
    }

    /** The queues that a topic may be written to now, at least one. */
    List<MessageQueueId> of(String topic) {
        Route route = cluster.routes().ofOrTemplate(topic);
        if (route.writeQueues().isEmpty()) {
            cluster.routes().forget(topic);
            throw new ClientException("topic " + topic
                    + " has no queue to write to now: is it read-only, or are its brokers without a master?");
        }
        return route.writeQueues();
    }

    /** The next queue in turn, on another broker than the one that has just failed if there is one. */
    MessageQueueId next(String topic, @Nullable String failedBroker) {
        List<MessageQueueId> queues = of(topic);
        for (int i = 0; i < queues.size(); i++) {
            MessageQueueId queue = queues.get(Math.floorMod(turn.getAndIncrement(), queues.size()));
            if (!queue.brokerName().equals(failedBroker)) {
                return queue;
            }
        }
        return queues.get(Math.floorMod(turn.getAndIncrement(), queues.size()));
    }

    /** The address of the master that holds a queue of a topic. */
    String master(String topic, String brokerName) {
        var broker = cluster.routes().ofOrTemplate(topic).broker(brokerName);
        String master = broker == null ? null : Route.master(broker);
        if (master == null) {
            cluster.routes().forget(topic);
            throw new ClientException("broker " + brokerName + " has no master for topic " + topic + " now: is it up?");
        }
        return master;
    }
}
