package org.merlinmq.broker.admin;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.client.ConsumerGroup;
import org.merlinmq.broker.client.ConsumerGroups;
import org.merlinmq.broker.dispatch.Answer;
import org.merlinmq.broker.dispatch.Handlers;
import org.merlinmq.broker.group.Topics;
import org.merlinmq.broker.offset.ConsumeProgress;
import org.merlinmq.broker.offset.OffsetTable;
import org.merlinmq.broker.offset.StoredMessages;
import org.merlinmq.broker.stats.ThroughputStats;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.json.JsonWriter;
import org.merlinmq.storage.queue.Queue;

/**
 * Answers how far groups lag behind what was sent.
 *
 * <p>Threading: on virtual threads.
 * <p>Source: requests 208, 303 and 317.
 */
final class ConsumeQueries {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd'#'HH:mm:ss:SSS");

    private final OffsetTable offsets;
    private final ConsumerGroups consumers;
    private final Topics topics;
    private final StoredMessages messages;
    private final ThroughputStats throughput;
    private final LongSupplier nowMillis;
    private final String brokerName;
    private final String brokerAddress;

    ConsumeQueries(AdminParts parts) {
        this.offsets = parts.offsets();
        this.consumers = parts.consumers();
        this.topics = parts.topics();
        this.messages = parts.messages();
        this.throughput = parts.throughput();
        this.nowMillis = parts.nowMillis();
        this.brokerName = parts.brokerName();
        this.brokerAddress = parts.brokerAddress();
    }

    void register(Handlers handlers) {
        handlers.blocking(RequestCode.GET_CONSUME_STATS, this::lagOfGroup)
                .blocking(RequestCode.QUERY_CONSUME_TIME_SPAN, this::timeSpan)
                .blocking(RequestCode.GET_BROKER_CONSUME_STATS, request -> lagOfAll());
    }

    /** One queue as a group sees it. */
    private record Lag(
            String topic, int queueId, long brokerOffset, long consumerOffset, long pullOffset, long lastMillis) {
        long messages() {
            return Math.max(0, brokerOffset - consumerOffset);
        }

        long inFlight() {
            return Math.max(0, pullOffset - consumerOffset);
        }
    }

    Answer lagOfGroup(Fields request) {
        String group = request.requiredText("consumerGroup");
        JsonWriter out = new JsonWriter().beginObject();
        List<Lag> all = new ArrayList<>();
        double perSecond = 0;
        for (String topic : topicsOf(group, request)) {
            all.addAll(lagOf(group, topic));
            ConsumeProgress of = offsets.find(group, topic);
            perSecond += of == null ? 0 : throughput.perSecond(of.consumed(), 60);
        }
        out.field("consumeTps", perSecond);
        write(out, all);
        return Answer.ok(out.endObject().toByteArray());
    }

    private Collection<String> topicsOf(String group, Fields request) {
        String listed = request.textOr("topicList", "");
        String one = request.textOr("topic", "");
        TreeSet<String> found = new TreeSet<>();
        if (!listed.isEmpty()) {
            found.addAll(Arrays.asList(listed.split(";", -1)));
        } else if (!one.isEmpty()) {
            found.add(one);
        } else {
            offsets.ofGroup(group).forEach(of -> found.add(of.topic()));
        }
        ConsumerGroup online = consumers.find(group);
        if (online != null && !online.subscriptions().isEmpty()) {
            found.removeIf(topic -> online.subscription(topic) == null);
        }
        found.removeIf(topic -> topics.find(topic) == null);
        return found;
    }

    private List<Lag> lagOf(String group, String topic) {
        Topics.Shape shape = topics.find(topic);
        List<Lag> lags = new ArrayList<>();
        for (int queueId = 0; shape != null && queueId < shape.readQueueCount(); queueId++) {
            Queue queue = messages.queue(topic, queueId);
            ConsumeProgress of = offsets.find(group, topic);
            long consumed = of == null ? 0 : Math.max(0, of.committed(queueId));
            long pulled = of == null ? consumed : Math.max(consumed, of.pulled(queueId));
            long last = queue == null || consumed == 0 ? 0 : Math.max(0, messages.storeMillis(queue, consumed - 1));
            lags.add(new Lag(topic, queueId, queue == null ? 0 : queue.maxOffset(), consumed, pulled, last));
        }
        return lags;
    }

    private void write(JsonWriter out, List<Lag> lags) {
        out.key("offsetTable").beginObject();
        for (Lag lag : lags) {
            queueKey(out, lag.topic(), lag.queueId());
            out.beginObject()
                    .field("brokerOffset", lag.brokerOffset())
                    .field("consumerOffset", lag.consumerOffset())
                    .field("lastTimestamp", lag.lastMillis())
                    .field("pullOffset", lag.pullOffset())
                    .endObject();
        }
        out.endObject();
    }

    private void queueKey(JsonWriter out, String topic, int queueId) {
        out.beginObject()
                .field("brokerName", brokerName)
                .field("queueId", queueId)
                .field("topic", topic)
                .endObject();
    }

    /** Request 317: every group's lag, topic by topic. */
    Answer lagOfAll() {
        Map<String, List<ConsumeProgress>> groups = new TreeMap<>();
        offsets.forEach(of ->
                groups.computeIfAbsent(of.group(), made -> new ArrayList<>()).add(of));
        JsonWriter out = new JsonWriter()
                .beginObject()
                .field("brokerAddr", brokerAddress)
                .key("consumeStatsList")
                .beginArray();
        long total = 0;
        long inFlight = 0;
        for (Map.Entry<String, List<ConsumeProgress>> group : groups.entrySet()) {
            out.beginObject().key(group.getKey()).beginArray();
            for (ConsumeProgress of : group.getValue()) {
                List<Lag> lags = lagOf(group.getKey(), of.topic());
                out.beginObject().field("consumeTps", throughput.perSecond(of.consumed(), 60));
                write(out, lags);
                out.endObject();
                total += lags.stream().mapToLong(Lag::messages).sum();
                inFlight += lags.stream().mapToLong(Lag::inFlight).sum();
            }
            out.endArray().endObject();
        }
        return Answer.ok(out.endArray()
                .field("totalDiff", total)
                .field("totalInflightDiff", inFlight)
                .endObject()
                .toByteArray());
    }

    /** Request 303: the times that a group's queues span, and how long the oldest unread message waits. */
    Answer timeSpan(Fields request) {
        String topic = request.requiredText("topic");
        String group = request.requiredText("group");
        Topics.Shape shape = topics.find(topic);
        if (shape == null) {
            return Answer.refuse(ResponseCode.TOPIC_NOT_EXIST, "the topic " + topic + " does not exist");
        }
        JsonWriter out =
                new JsonWriter().beginObject().key("consumeTimeSpanSet").beginArray();
        for (int queueId = 0; queueId < shape.writeQueueCount(); queueId++) {
            span(out, topic, group, queueId, messages.queue(topic, queueId));
        }
        return Answer.ok(out.endArray().endObject().toByteArray());
    }

    private void span(JsonWriter out, String topic, String group, int queueId, @Nullable Queue queue) {
        long min = queue == null ? -1 : messages.storeMillis(queue, queue.minOffset());
        long max = queue == null ? -1 : messages.storeMillis(queue, queue.maxOffset() - 1);
        long consumed = offsets.committed(group, topic, queueId);
        long at = queue == null || consumed <= 0 ? min : messages.storeMillis(queue, consumed - 1);
        long unread = queue == null || consumed >= queue.maxOffset()
                ? -1
                : messages.storeMillis(queue, Math.max(consumed, queue.minOffset()));
        out.beginObject();
        time(out, "consumeTimeStamp", at);
        out.field("delayTime", unread < 0 ? 0 : Math.max(0, nowMillis.getAsLong() - unread));
        time(out, "maxTimeStamp", max);
        out.key("messageQueue");
        queueKey(out, topic, queueId);
        time(out, "minTimeStamp", min);
        out.endObject();
    }

    private static void time(JsonWriter out, String name, long millis) {
        out.field(name, millis)
                .field(name + "Str", TIME.format(Instant.ofEpochMilli(millis).atZone(ZoneId.systemDefault())));
    }
}
