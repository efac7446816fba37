package org.merlinmq.broker.client;

import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.merlinmq.broker.group.GroupTable;
import org.merlinmq.protocol.body.SubscriptionGroup;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.request.ConsumerGroupRequest;

/**
 * Tells the members of a group that it changed, so that they share the queues anew; not when every member gets all
 * messages anyway.
 *
 * <p>Threading: any thread; sending does not block.
 * <p>Source: request 40.
 */
public final class RebalanceNotifier implements Consumer<ConsumerGroup> {
    private static final byte[] NO_BODY = {};

    private final GroupTable groups;
    private final BooleanSupplier enabled;

    /**
     * Tells members.
     *
     * @param groups which groups want to be told
     * @param enabled whether the broker tells at all (notifyConsumerIdsChangedEnable)
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
