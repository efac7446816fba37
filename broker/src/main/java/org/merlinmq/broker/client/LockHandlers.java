package org.merlinmq.broker.client;

import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
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
 * <p>A client that gets nothing and asks for a queue whose lock ends within {@link #MAX_WAIT_MILLIS} is answered when it
 * has ended: the official client 5.x asks once a second at most, whatever it is notified of, so that the queue would stand
 * still for up to that long.
 *
 * <p>Threading: on event loops, so that what one connection locks and gives back keeps its order: a client may give a queue
 * back one-way and ask for it again at once.
 * <p>Source: requests 41 and 42.
 */
public final class LockHandlers {
    /** Clients wait for the answer for 1 s; it has to be there before. */
    static final long MAX_WAIT_MILLIS = 900;

    private final GroupTable groups;
    private final QueueLocks locks;
    private final Runnable expireLater;
    /** The connections that have a request waiting: one each, which is what clients do. */
    private final Set<Channel> waiting = ConcurrentHashMap.newKeySet();

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
        String group = request.consumerGroup();
        groups.findOrCreate(group);
        List<MessageQueueId> held = locks.lock(group, request.clientId(), channel, request.queues());
        expireLater.run();
        if (held.isEmpty()) {
            long millis = locks.freeInMillis(group, request.queues());
            if (millis <= MAX_WAIT_MILLIS && stays(request, channel) && waiting.add(channel)) {
                return lockIn(millis, request, channel);
            }
        }
        return answer(held);
    }

    /** The lease begins with the answer and not with the request: its owner relies on it from then on. */
    private Answer lockIn(long millis, LockBatch request, Channel channel) {
        CompletableFuture<Answer> later = new CompletableFuture<>();
        channel.runIn(millis, () -> {
            waiting.remove(channel);
            later.complete(answer(
                    stays(request, channel)
                            ? locks.lock(request.consumerGroup(), request.clientId(), channel, request.queues())
                            : List.of()));
        });
        return Answer.later(later);
    }

    /** Whoever has left the group or the connection by now would keep a queue and consume nothing of it. */
    private boolean stays(LockBatch request, Channel channel) {
        return channel.isOpen() && locks.isMember(request.consumerGroup(), request.clientId());
    }

    private static Answer answer(List<MessageQueueId> held) {
        return Answer.ok(new LockedQueues(held).write());
    }

    Answer unlock(LockBatch request) {
        locks.unlock(request.consumerGroup(), request.clientId(), request.queues());
        return Answer.ok();
    }
}
