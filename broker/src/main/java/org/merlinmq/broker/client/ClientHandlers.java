package org.merlinmq.broker.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.dispatch.Session;
import org.merlinmq.broker.group.GroupRules;
import org.merlinmq.broker.group.GroupTable;
import org.merlinmq.broker.subscription.Compiled;
import org.merlinmq.broker.subscription.FilterConfig;
import org.merlinmq.broker.subscription.Subscription;
import org.merlinmq.protocol.body.CheckClientConfig;
import org.merlinmq.protocol.body.ConsumerEntry;
import org.merlinmq.protocol.body.HeartbeatBody;
import org.merlinmq.protocol.body.ProducerEntry;
import org.merlinmq.protocol.body.SubscriptionEntry;
import org.merlinmq.protocol.code.RequestCode;
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
 * Heartbeats, departures and checks of subscriptions: what clients send about themselves.
 *
 * <p>Threading: heartbeats may make groups and retry topics and run on virtual threads; the rest on event loops.
 * <p>Source: requests 34, 35 and 46.
 */
public final class ClientHandlers implements ConnectionListener {
    private final GroupTable groups;
    private final ConsumerGroups consumers;
    private final ProducerGroups producers;
    private final QueueLocks locks;
    private final Supplier<FilterConfig> filters;
    private final Runnable expireLater;

    /**
     * Handlers over these tables.
     *
     * @param groups the settings of groups
     * @param consumers the consumers that are connected
     * @param producers the producers that are connected
     * @param locks which client holds which queue; hears of clients that leave
     * @param filters which expressions clients may subscribe by, as the settings are now
     * @param expireLater asks for a call of {@link #expire} within 10 s; called with each heartbeat
     */
    public ClientHandlers(
            GroupTable groups,
            ConsumerGroups consumers,
            ProducerGroups producers,
            QueueLocks locks,
            Supplier<FilterConfig> filters,
            Runnable expireLater) {
        this.groups = groups;
        this.consumers = consumers;
        this.producers = producers;
        this.locks = locks;
        this.filters = filters;
        this.expireLater = expireLater;
    }

    /**
     * Registers requests 34, 35 and 46, and those that list connected clients.
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
            Refusal one = consumer(client, entry, body.withoutSub());
            refusal = one != null ? one : refusal;
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

    /**
     * Returns why the group's name is none, or why an expression cannot be used; all else of the heartbeat counts. That
     * groups are not made by clients is no refusal: their pulls hear of it.
     */
    private @Nullable Refusal consumer(
            ConsumerGroups.Client client, ConsumerEntry entry, boolean withoutSubscriptions) {
        String group = entry.groupName();
        if (groups.findOrCreateWithRetryTopic(group, entry.unitMode()) == null) {
            return GroupRules.check(group);
        }
        ConsumerGroup.ConsumeSettings settings =
                new ConsumerGroup.ConsumeSettings(entry.consumeType(), entry.messageModel(), entry.consumeFromWhere());
        if (withoutSubscriptions) {
            consumers.heartbeat(group, client, settings, null);
            return null;
        }
        List<Subscription> subscriptions = subscriptions(entry);
        consumers.heartbeat(group, client, settings, subscriptions);
        for (Subscription one : subscriptions) {
            if (one.compiled() instanceof Compiled.Refused refused) {
                return inHeartbeat(group, one.topic(), refused.refusal());
            }
        }
        return null;
    }

    private static Refusal inHeartbeat(String group, String topic, Refusal of) {
        return new Refusal(of.code(), "the group " + group + " cannot subscribe to " + topic + ": " + of.sentence());
    }

    private List<Subscription> subscriptions(ConsumerEntry entry) {
        @Nullable ConsumerGroup known = consumers.find(entry.groupName());
        List<Subscription> all = new ArrayList<>();
        for (SubscriptionEntry one : entry.subscriptions()) {
            all.add(Subscription.of(one, known == null ? null : known.subscription(one.topic()), filters.get()));
        }
        return all;
    }

    Answer unregister(UnregisterClientRequest request, Channel channel) {
        if (request.producerGroup() != null) {
            producers.unregister(request.producerGroup(), channel);
        }
        if (request.consumerGroup() != null) {
            consumers.unregister(request.consumerGroup(), channel);
            locks.unregistered(request.consumerGroup(), request.clientId(), channel);
        }
        return Answer.ok();
    }

    Answer check(CheckClientConfig config) {
        groups.findOrCreate(config.group());
        @Nullable SubscriptionEntry subscription = config.subscriptionData();
        if (subscription == null || subscription.expressionType().equals(Subscription.TAG)) {
            return Answer.ok();
        }
        return switch (Compiled.of(subscription.expressionType(), subscription.subString(), filters.get())) {
            case Compiled.Usable _ -> Answer.ok();
            case Compiled.Refused refused -> Answer.refuse(refused.refusal());
        };
    }

    @Override
    public void closed(Connection connection) {
        closed(new ConnectionChannel(connection));
    }

    void closed(Channel channel) {
        consumers.closed(channel);
        producers.closed(channel);
        locks.closed(channel);
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
