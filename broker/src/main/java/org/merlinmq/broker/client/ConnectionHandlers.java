package org.merlinmq.broker.client;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.merlinmq.broker.group.GroupTable;
import org.merlinmq.broker.subscription.Subscription;
import org.merlinmq.protocol.body.ClientConnection;
import org.merlinmq.protocol.body.ConsumerConnections;
import org.merlinmq.protocol.body.ConsumerIdList;
import org.merlinmq.protocol.body.DifferingSubscription;
import org.merlinmq.protocol.body.GroupSubscription;
import org.merlinmq.protocol.body.ProducerConnections;
import org.merlinmq.protocol.body.ProducerDetail;
import org.merlinmq.protocol.body.ProducerTable;
import org.merlinmq.protocol.body.SubscriptionEntry;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.Language;
import org.merlinmq.protocol.request.ConsumerGroupRequest;
import org.merlinmq.protocol.request.GroupTopicRequest;
import org.merlinmq.protocol.request.ProducerGroupRequest;
import org.merlinmq.transport.dispatch.Access;
import org.merlinmq.transport.dispatch.Access.Action;
import org.merlinmq.transport.dispatch.Access.Resource;
import org.merlinmq.transport.dispatch.Answer;
import org.merlinmq.transport.dispatch.Handlers;

/**
 * Answers who is connected and who subscribes to what.
 *
 * <p>Threading: on event loops; reads tables only.
 * <p>Source: requests 38, 203, 204, 328 and 345.
 */
final class ConnectionHandlers {
    /** Of how many topics an answer names subscriptions that differ. */
    private static final int MAX_DIFFERING = 100;

    private final GroupTable groups;
    private final ConsumerGroups consumers;
    private final ProducerGroups producers;

    ConnectionHandlers(GroupTable groups, ConsumerGroups consumers, ProducerGroups producers) {
        this.groups = groups;
        this.consumers = consumers;
        this.producers = producers;
    }

    void register(Handlers handlers) {
        handlers.on(
                        RequestCode.GET_CONSUMER_LIST_BY_GROUP,
                        Access.of(Resource.GROUP, Action.SUB),
                        request -> clientIds(ConsumerGroupRequest.read(request)))
                .on(
                        RequestCode.GET_CONSUMER_CONNECTION_LIST,
                        Access.of(Resource.GROUP, Action.GET),
                        request -> consumerConnections(ConsumerGroupRequest.read(request)))
                .on(
                        RequestCode.GET_PRODUCER_CONNECTION_LIST,
                        Access.of(Resource.GROUP, Action.GET),
                        request -> producerConnections(ProducerGroupRequest.read(request)))
                .on(
                        RequestCode.GET_ALL_PRODUCER_INFO,
                        Access.of(Resource.GROUP, Action.LIST),
                        request -> allProducers())
                .on(
                        RequestCode.QUERY_SUBSCRIPTION_BY_CONSUMER,
                        Access.of(Resource.GROUP, Action.GET),
                        request -> subscription(GroupTopicRequest.read(request)));
    }

    /** Each id once: RocketMQ lists a client with two connections twice, and nobody consumes a share of the queues then. */
    Answer clientIds(ConsumerGroupRequest request) {
        groups.findOrCreate(request.consumerGroup());
        ConsumerGroup group = consumers.find(request.consumerGroup());
        if (group == null) {
            return Answer.refuse(ResponseCode.SYSTEM_ERROR, "no consumer for this group, " + request.consumerGroup());
        }
        return Answer.ok(new ConsumerIdList(List.copyOf(group.clientIds())).write());
    }

    Answer consumerConnections(ConsumerGroupRequest request) {
        ConsumerGroup group = consumers.find(request.consumerGroup());
        if (group == null) {
            return Answer.refuse(
                    ResponseCode.CONSUMER_NOT_ONLINE, "the consumer group[" + request.consumerGroup() + "] not online");
        }
        ConsumerGroup.ConsumeSettings settings = group.settings();
        Map<String, SubscriptionEntry> subscriptions = new TreeMap<>();
        group.subscriptions().forEach((topic, subscription) -> subscriptions.put(topic, subscription.asEntry()));
        return Answer.ok(new ConsumerConnections(
                        connections(group.members()),
                        settings.consumeFromWhere(),
                        settings.consumeType(),
                        settings.messageModel(),
                        subscriptions,
                        differing(group))
                .write());
    }

    private static List<DifferingSubscription> differing(ConsumerGroup group) {
        List<DifferingSubscription> all = new ArrayList<>();
        for (DifferingSubscriptions each : group.differingSubscriptions()) {
            if (all.size() >= 2 * MAX_DIFFERING) {
                break;
            }
            all.add(differing(each.one(), each.ones()));
            all.add(differing(each.other(), each.others()));
        }
        return all;
    }

    private static DifferingSubscription differing(Member member, Subscription of) {
        return new DifferingSubscription(member.clientId(), of.expressionType(), of.expression(), of.topic());
    }

    Answer producerConnections(ProducerGroupRequest request) {
        Collection<Member> members = producers.members(request.producerGroup());
        return members.isEmpty()
                ? Answer.refuse(
                        ResponseCode.SYSTEM_ERROR, "the producer group[" + request.producerGroup() + "] not exist")
                : Answer.ok(new ProducerConnections(connections(members)).write());
    }

    private static List<ClientConnection> connections(Collection<Member> members) {
        List<ClientConnection> all = new ArrayList<>();
        for (Member member : members) {
            all.add(new ClientConnection(
                    member.channel().address(),
                    member.clientId(),
                    language(member),
                    member.sharesClientId(),
                    member.version()));
        }
        return all;
    }

    private static String language(Member member) {
        return Language.of(member.language()).name();
    }

    Answer allProducers() {
        Map<String, List<ProducerDetail>> all = new TreeMap<>();
        producers.all().forEach((group, members) -> {
            List<ProducerDetail> details = new ArrayList<>();
            for (Member member : members) {
                details.add(new ProducerDetail(
                        member.clientId(),
                        language(member),
                        member.seenMillis(),
                        "/" + member.channel().address(),
                        member.version()));
            }
            all.put(group, details);
        });
        return Answer.ok(new ProducerTable(all).write());
    }

    Answer subscription(GroupTopicRequest request) {
        String topic = Objects.requireNonNullElse(request.topic(), "");
        ConsumerGroup group = consumers.find(request.group());
        Subscription found = group == null ? null : group.subscription(topic);
        return Answer.ok(new GroupSubscription(request.group(), found == null ? null : found.asEntry(), topic).write());
    }
}
