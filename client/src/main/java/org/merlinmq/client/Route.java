package org.merlinmq.client;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.body.BrokerAddresses;
import org.merlinmq.protocol.body.MessageQueueId;
import org.merlinmq.protocol.body.QueueRoute;
import org.merlinmq.protocol.body.TopicConfig;
import org.merlinmq.protocol.body.TopicRoute;

/**
 * Where a topic lives, with its queues counted out once.
 *
 * @param topic the topic
 * @param brokers the broker groups that carry it
 * @param writeQueues what may be sent to: writable queues of groups that have a master
 * @param readQueues what may be read
 */
record Route(
        String topic,
        List<BrokerAddresses> brokers,
        List<MessageQueueId> writeQueues,
        List<MessageQueueId> readQueues) {
    /** The order in which all members of a group must see the queues of a topic. */
    static final Comparator<MessageQueueId> ORDER = Comparator.comparing(MessageQueueId::topic)
            .thenComparing(MessageQueueId::brokerName)
            .thenComparingInt(MessageQueueId::queueId);

    static Route of(String topic, TopicRoute from) {
        return of(topic, from, Integer.MAX_VALUE);
    }

    /** At most so many queues per broker: what a topic gets that is created by its first message. */
    static Route of(String topic, TopicRoute from, int maxQueues) {
        return new Route(
                topic,
                from.brokerDatas(),
                queues(topic, from, TopicConfig.WRITE, of -> Math.min(maxQueues, of.writeQueueNums())),
                queues(topic, from, TopicConfig.READ, of -> Math.min(maxQueues, of.readQueueNums())));
    }

    private static List<MessageQueueId> queues(
            String topic, TopicRoute from, int perm, ToIntFunction<QueueRoute> count) {
        List<MessageQueueId> found = new ArrayList<>();
        for (QueueRoute some : from.queueDatas()) {
            BrokerAddresses broker = named(some.brokerName(), from.brokerDatas());
            boolean served = broker != null && (perm == TopicConfig.READ || master(broker) != null);
            if (served && (some.perm() & perm) != 0) {
                for (int id = 0; id < count.applyAsInt(some); id++) {
                    found.add(new MessageQueueId(topic, some.brokerName(), id));
                }
            }
        }
        found.sort(ORDER);
        return List.copyOf(found);
    }

    @Nullable BrokerAddresses broker(String name) {
        return named(name, brokers);
    }

    private static @Nullable BrokerAddresses named(String name, List<BrokerAddresses> brokers) {
        for (BrokerAddresses broker : brokers) {
            if (broker.brokerName().equals(name)) {
                return broker;
            }
        }
        return null;
    }

    static @Nullable String master(BrokerAddresses broker) {
        return broker.brokerAddrs().get(0L);
    }
}
