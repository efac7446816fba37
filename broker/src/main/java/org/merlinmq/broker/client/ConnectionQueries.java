package org.merlinmq.broker.client;

import java.util.Collection;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.dispatch.Answer;
import org.merlinmq.broker.dispatch.Handlers;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Language;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Answers who is connected and who subscribes to what.
 *
 * <p>Threading: on event loops; reads tables only.
 * <p>Source: requests 38, 203, 204, 328 and 345.
 */
final class ConnectionQueries {
    private final ConsumerGroups consumers;
    private final ProducerGroups producers;

    ConnectionQueries(ConsumerGroups consumers, ProducerGroups producers) {
        this.consumers = consumers;
        this.producers = producers;
    }

    void register(Handlers handlers) {
        handlers.on(RequestCode.GET_CONSUMER_LIST_BY_GROUP, this::clientIds)
                .on(RequestCode.GET_CONSUMER_CONNECTION_LIST, this::consumerConnections)
                .on(RequestCode.GET_PRODUCER_CONNECTION_LIST, this::producerConnections)
                .on(RequestCode.GET_ALL_PRODUCER_INFO, request -> allProducers())
                .on(RequestCode.QUERY_SUBSCRIPTION_BY_CONSUMER, this::subscription);
    }

    /** Each id once: RocketMQ names a client of two connections twice, and a share of the queues is then consumed by nobody. */
    Answer clientIds(Fields request) {
        String name = request.requiredText("consumerGroup");
        ConsumerGroup group = consumers.find(name);
        if (group == null) {
            return Answer.refuse(ResponseCode.SYSTEM_ERROR, "no consumer for this group, " + name);
        }
        return Answer.ok(new JsonWriter()
                .beginObject()
                .field("consumerIdList", group.clientIds())
                .endObject()
                .toByteArray());
    }

    Answer consumerConnections(Fields request) {
        String name = request.requiredText("consumerGroup");
        ConsumerGroup group = consumers.find(name);
        if (group == null) {
            return Answer.refuse(ResponseCode.CONSUMER_NOT_ONLINE, "the consumer group[" + name + "] not online");
        }
        ConsumerGroup.ConsumeSettings settings = group.settings();
        JsonWriter out = new JsonWriter().beginObject();
        connections(out, group.members());
        out.field("consumeFromWhere", settings.consumeFromWhere())
                .field("consumeType", settings.consumeType())
                .field("messageModel", settings.messageModel())
                .key("subscriptionTable")
                .beginObject();
        group.subscriptions().forEach((topic, subscription) -> {
            out.key(topic);
            write(out, subscription);
        });
        return Answer.ok(out.endObject().endObject().toByteArray());
    }

    Answer producerConnections(Fields request) {
        String name = request.requiredText("producerGroup");
        Collection<Member> members = producers.members(name);
        if (members.isEmpty()) {
            return Answer.refuse(ResponseCode.SYSTEM_ERROR, "the producer group[" + name + "] not exist");
        }
        JsonWriter out = new JsonWriter().beginObject();
        connections(out, members);
        return Answer.ok(out.endObject().toByteArray());
    }

    private static void connections(JsonWriter out, Collection<Member> members) {
        out.key("connectionSet").beginArray();
        for (Member member : members) {
            out.beginObject()
                    .field("clientAddr", member.channel().address())
                    .field("clientId", member.clientId())
                    .field("language", Language.of(member.language()).name())
                    .field("version", member.version())
                    .endObject();
        }
        out.endArray();
    }

    Answer allProducers() {
        JsonWriter out = new JsonWriter().beginObject().key("data").beginObject();
        new TreeMap<>(producers.all()).forEach((group, members) -> {
            out.key(group).beginArray();
            for (Member member : members) {
                out.beginObject()
                        .field("clientId", member.clientId())
                        .field("language", Language.of(member.language()).name())
                        .field("lastUpdateTimestamp", member.seenMillis())
                        .field("remoteIP", "/" + member.channel().address())
                        .field("version", member.version())
                        .endObject();
            }
            out.endArray();
        });
        return Answer.ok(out.endObject().endObject().toByteArray());
    }

    Answer subscription(Fields request) {
        String name = request.requiredText("group");
        String topic = request.textOr("topic", "");
        ConsumerGroup group = consumers.find(name);
        Subscription found = group == null ? null : group.subscription(topic);
        JsonWriter out = new JsonWriter().beginObject().field("group", name);
        if (found != null) {
            out.key("subscriptionData");
            write(out, found);
        }
        return Answer.ok(out.field("topic", topic).endObject().toByteArray());
    }

    private static void write(JsonWriter out, @Nullable Subscription of) {
        if (of == null) {
            return;
        }
        out.beginObject().field("classFilterMode", false).key("codeSet").beginArray();
        of.filter().tags().forEach(tag -> out.value(tag.hashCode()));
        out.endArray()
                .field("expressionType", of.expressionType())
                .field("subString", of.expression())
                .field("subVersion", of.version())
                .field("tagsSet", of.filter().tags())
                .field("topic", of.topic())
                .endObject();
    }
}
