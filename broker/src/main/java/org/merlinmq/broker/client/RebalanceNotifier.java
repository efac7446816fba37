package org.merlinmq.broker.client;

import java.util.Collection;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.merlinmq.broker.group.GroupTable;
import org.merlinmq.protocol.body.SubscriptionGroup;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.request.ConsumerGroupRequest;

/**
 * Notifies the members of a group that it changed, or that a queue is free which they were refused, so that they rebalance;
 * not the members of a broadcasting group, which share nothing.
 *
 * <p>Threading: any thread; sending does not block.
 * <p>Source: request 40.
 */
public final class RebalanceNotifier implements Consumer<ConsumerGroup> {
    private static final byte[] NO_BODY = {};

    private final GroupTable groups;
    private final BooleanSupplier enabled;

    /**
     * Notifies members.
     *
     * @param groups the groups that may have switched notices off
     * @param enabled whether the broker notifies at all (notifyConsumerIdsChangedEnable)
     */
    public RebalanceNotifier(GroupTable groups, BooleanSupplier enabled) {
        this.groups = groups;
        this.enabled = enabled;
    }

    @Override
    public void accept(ConsumerGroup group) {
        if (!group.isBroadcasting()) {
            send(group.name(), group.members().stream().map(Member::channel).toList());
        }
    }

    /**
     * Notifies some clients of a group that there is something to rebalance for.
     *
     * @param group the group's name
     * @param channels the clients' connections
     */
    public void send(String group, Collection<Channel> channels) {
        SubscriptionGroup config = groups.find(group);
        boolean wanted = config == null || config.notifyConsumerIdsChangedEnable();
        if (!wanted || !enabled.getAsBoolean()) {
            return;
        }
        Frame notice = Frame.oneway(RequestCode.NOTIFY_CONSUMER_IDS_CHANGED, new ConsumerGroupRequest(group), NO_BODY);
        channels.forEach(channel -> channel.send(notice));
    }
}
