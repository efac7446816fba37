package org.merlinmq.broker.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.dispatch.Session;
import org.merlinmq.broker.filter.TagFilter;
import org.merlinmq.broker.group.GroupRules;
import org.merlinmq.broker.group.GroupTable;
import org.merlinmq.protocol.body.CheckClientConfig;
import org.merlinmq.protocol.body.ConsumerEntry;
import org.merlinmq.protocol.body.HeartbeatBody;
import org.merlinmq.protocol.body.LockBatch;
import org.merlinmq.protocol.body.LockedQueues;
import org.merlinmq.protocol.body.MessageQueueId;
import org.merlinmq.protocol.body.ProducerEntry;
import org.merlinmq.protocol.body.SubscriptionEntry;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.request.UnregisterClientRequest;
import org.merlinmq.transport.Connection;
import org.merlinmq.transport.dispatch.Access;
import org.merlinmq.transport.dispatch.Access.Action;
import org.merlinmq.transport.dispatch.Access.Resource;
import org.merlinmq.transport.dispatch.Answer;
import org.merlinmq.transport.dispatch.ConnectionListener;
import org.merlinmq.transport.dispatch.Handlers;
import org.merlinmq.transport.dispatch.Refusal;
import org.merlinmq.transport.dispatch.Request;

/**
 * Heartbeats, departures, locks of queues and checks of subscriptions: what clients send about themselves.
 *
 * <p>Threading: heartbeats may make groups and retry topics and run on virtual threads; the rest on event loops.
 * <p>Source: requests 34, 35, 41, 42 and 46.
 */
public final class ClientHandlers implements ConnectionListener {
    private final GroupTable groups;
    private final ConsumerGroups consumers;
    private final ProducerGroups producers;
    private final QueueLocks locks;
    private final Runnable expireLater;

    /**
     * Handlers over these tables.
     *
     * @param groups the settings of groups
     * @param consumers the consumers that are connected
     * @param producers the producers that are connected
     * @param locks which client holds which queue
     * @param expireLater asks for a call of {@link #expire} within 10 s; called with each heartbeat and each lock
     */
    public ClientHandlers(
            GroupTable groups,
            ConsumerGroups consumers,
            ProducerGroups producers,
            QueueLocks locks,
            Runnable expireLater) {
        this.groups = groups;
        this.consumers = consumers;
        this.producers = producers;
        this.locks = locks;
        this.expireLater = expireLater;
    }

    /**
     * Registers requests 34, 35, 41, 42 and 46, and those that list connected clients.
     *
     * @param handlers takes them
     */
    public void register(Handlers handlers) {
        handlers.blocking(RequestCode.HEART_BEAT, Access.of(Resource.GROUP, Action.SUB), this::heartbeat)
                .on(
                        RequestCode.UNREGISTER_CLIENT,
                        Access.of(Resource.GROUP, Action.SUB),
                        request -> unregister(UnregisterClientRequest.read(request), channel(request)))
                .on(
                        RequestCode.LOCK_BATCH_MQ,
                        Access.of(Resource.GROUP, Action.SUB),
                        request -> lock(LockBatch.read(request.body())))
                .on(
                        RequestCode.UNLOCK_BATCH_MQ,
                        Access.of(Resource.GROUP, Action.SUB),
                        request -> unlock(LockBatch.read(request.body())))
                .on(
                        RequestCode.CHECK_CLIENT_CONFIG,
                        Access.of(Resource.GROUP, Action.SUB),
                        request -> check(CheckClientConfig.read(request.body())));
        new ConnectionHandlers(groups, consumers, producers).register(handlers);
    }

    private static Channel channel(Request request) {
        return new ConnectionChannel(request.connection());
    }

    private Answer heartbeat(Request request) {
        HeartbeatBody body = HeartbeatBody.read(request.body());
        Set<String> groups = new TreeSet<>();
        body.consumers().forEach(entry -> groups.add(entry.groupName()));
        body.producers().forEach(entry -> groups.add(entry.groupName()));
        Session.of(request.connection())
                .heartbeat(body.clientId(), request.frame().language(), request.version(), groups);
        return heartbeat(
                new ConsumerGroups.Client(
                        channel(request), body.clientId(), request.frame().language(), request.version()),
                body);
    }

    Answer heartbeat(ConsumerGroups.Client client, HeartbeatBody body) {
        Refusal refusal = null;
        for (ConsumerEntry entry : body.consumers()) {
            Refusal name = consumer(client, entry, body.withoutSub());
            refusal = name != null ? name : refusal;
        }
        for (ProducerEntry entry : body.producers()) {
            producers.heartbeat(entry.groupName(), client);
        }
        if (!client.channel().isOpen()) {
            // It was closed meanwhile, and that is notified only once.
            closed(client.channel());
        }
        expireLater.run();
        return refusal != null ? Answer.refuse(refusal) : Answer.ok();
    }

    /** Returns why the group's name is none. That groups are not made by clients is no refusal: their pulls hear of it. */
    private @Nullable Refusal consumer(
            ConsumerGroups.Client client, ConsumerEntry entry, boolean withoutSubscriptions) {
        if (groups.findOrCreateWithRetryTopic(entry.groupName(), entry.unitMode()) == null) {
            return GroupRules.check(entry.groupName());
        }
        ConsumerGroup.ConsumeSettings settings =
                new ConsumerGroup.ConsumeSettings(entry.consumeType(), entry.messageModel(), entry.consumeFromWhere());
        consumers.heartbeat(
                entry.groupName(),
                client,
                settings,
                withoutSubscriptions ? null : subscriptions(entry.subscriptions()));
        return null;
    }

    private static List<Subscription> subscriptions(List<SubscriptionEntry> entries) {
        List<Subscription> all = new ArrayList<>();
        for (SubscriptionEntry entry : entries) {
            all.add(new Subscription(
                    entry.topic(), entry.expressionType(), entry.subString(), entry.subVersion(), filter(entry)));
        }
        return all;
    }

    /** The expression decides; a client that sends only hashes is served by them. */
    private static TagFilter filter(SubscriptionEntry entry) {
        if (!entry.expressionType().equals(Subscription.TAG)) {
            return TagFilter.ALL;
        }
        TagFilter parsed = TagFilter.parse(entry.subString());
        return parsed != null ? parsed : TagFilter.ofHashes(entry.codeSet());
    }

    Answer unregister(UnregisterClientRequest request, Channel channel) {
        if (request.producerGroup() != null) {
            producers.unregister(request.producerGroup(), channel);
        }
        if (request.consumerGroup() != null) {
            consumers.unregister(request.consumerGroup(), channel);
        }
        return Answer.ok();
    }

    Answer lock(LockBatch request) {
        groups.findOrCreate(request.consumerGroup());
        List<MessageQueueId> held = locks.lock(request.consumerGroup(), request.clientId(), request.queues());
        expireLater.run();
        return Answer.ok(new LockedQueues(held).write());
    }

    Answer unlock(LockBatch request) {
        locks.unlock(request.consumerGroup(), request.clientId(), request.queues());
        return Answer.ok();
    }

    Answer check(CheckClientConfig config) {
        groups.findOrCreate(config.group());
        @Nullable SubscriptionEntry subscription = config.subscriptionData();
        if (subscription == null || subscription.expressionType().equals(Subscription.TAG)) {
            return Answer.ok();
        }
        return Answer.refuse(
                ResponseCode.SYSTEM_ERROR,
                "The broker does not support consumer to filter message by " + subscription.expressionType()
                        + ": the property filter is disabled; subscribe by TAG");
    }

    @Override
    public void closed(Connection connection) {
        closed(new ConnectionChannel(connection));
    }

    void closed(Channel channel) {
        consumers.closed(channel);
        producers.closed(channel);
    }

    /**
     * Takes out the clients that fell silent, and the locks that ran out.
     *
     * @return true if clients or locks remain, so that this is to be called again in 10 s
     */
    public boolean expire() {
        boolean anyConsumer = consumers.expire();
        boolean anyProducer = producers.expire();
        boolean anyLock = locks.expire();
        return anyConsumer || anyProducer || anyLock;
    }
}
