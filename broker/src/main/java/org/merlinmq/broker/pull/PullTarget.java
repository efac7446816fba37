package org.merlinmq.broker.pull;

import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.filter.Filter;
import org.merlinmq.broker.limit.DeliveryLimit;
import org.merlinmq.broker.offset.ConsumeProgress;
import org.merlinmq.storage.queue.Queue;

/**
 * What a pull that passed its checks reads from, and how much at most.
 *
 * @param queue the queue
 * @param filter which messages its group wants
 * @param topicSysFlag told to the client
 * @param groupSysFlag told to the client
 * @param usualBroker the id of the broker that the group reads from
 * @param slowBroker the id of the one that it reads from when it lags far behind
 * @param progress the group's offsets and counters for the topic
 * @param ownSubscription the pull brought its subscription: what is forbidden to subscribers does not hold for it
 * @param maxMessages most messages in the answer
 * @param maxBytes most bytes in the answer, beyond the first message
 * @param limit how fast messages may be given out; null for no limit
 */
public record PullTarget(
        Queue queue,
        Filter filter,
        int topicSysFlag,
        int groupSysFlag,
        long usualBroker,
        long slowBroker,
        ConsumeProgress progress,
        boolean ownSubscription,
        int maxMessages,
        int maxBytes,
        @Nullable DeliveryLimit limit) {}
