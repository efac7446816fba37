package org.merlinmq.broker.client;

import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.merlinmq.broker.group.GroupTable;
import org.merlinmq.protocol.body.SubscriptionGroup;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.request.ConsumerGroupRequest;

/**
 * Notifies the members of a group that it changed, so that they rebalance; not the members of a broadcasting group, which
 * share nothing.
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
        SubscriptionGroup config = groups.find(group.name());
        boolean wanted = config == null || config.notifyConsumerIdsChangedEnable();
        if (!wanted || !enabled.getAsBoolean() || group.isBroadcasting()) {
            return;
        }
        Frame notice =
                Frame.oneway(RequestCode.NOTIFY_CONSUMER_IDS_CHANGED, new ConsumerGroupRequest(group.name()), NO_BODY);
        for (Member member : group.members()) {
            member.channel().send(notice);
        }
    }
}
