package org.merlinmq.broker.client;

import java.util.List;
import org.merlinmq.broker.group.GroupTable;
import org.merlinmq.protocol.body.LockBatch;
import org.merlinmq.protocol.body.LockedQueues;
import org.merlinmq.protocol.body.MessageQueueId;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.transport.dispatch.Access;
import org.merlinmq.transport.dispatch.Access.Action;
import org.merlinmq.transport.dispatch.Access.Resource;
import org.merlinmq.transport.dispatch.Answer;
import org.merlinmq.transport.dispatch.Handlers;

/**
 * Locks queues for the clients of orderly groups.
 *
 * <p>Threading: on event loops, so that what one connection locks and gives back keeps its order: a client may give a queue
 * back one-way and ask for it again at once.
 * <p>Source: requests 41 and 42.
 */
public final class LockHandlers {
    private final GroupTable groups;
    private final QueueLocks locks;
    private final Runnable expireLater;

    /**
     * Handlers over these tables.
     *
     * @param groups the settings of groups
     * @param locks which client holds which queue
     * @param expireLater asks for a call of {@link QueueLocks#expire} within 10 s
     */
    public LockHandlers(GroupTable groups, QueueLocks locks, Runnable expireLater) {
        this.groups = groups;
        this.locks = locks;
        this.expireLater = expireLater;
    }

    /**
     * Registers requests 41 and 42.
     *
     * @param handlers takes them
     */
    public void register(Handlers handlers) {
        Access access = Access.of(Resource.GROUP, Action.SUB);
        handlers.on(
                        RequestCode.LOCK_BATCH_MQ,
                        access,
                        request -> lock(LockBatch.read(request.body()), new ConnectionChannel(request.connection())))
                .on(RequestCode.UNLOCK_BATCH_MQ, access, request -> unlock(LockBatch.read(request.body())));
    }

    Answer lock(LockBatch request, Channel channel) {
        groups.findOrCreate(request.consumerGroup());
        List<MessageQueueId> held = locks.lock(request.consumerGroup(), request.clientId(), channel, request.queues());
        expireLater.run();
        return Answer.ok(new LockedQueues(held).write());
    }

    Answer unlock(LockBatch request) {
        locks.unlock(request.consumerGroup(), request.clientId(), request.queues());
        return Answer.ok();
    }
}
