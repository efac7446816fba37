package org.merlinmq.broker.send;

import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.client.QueueLocks;
import org.merlinmq.broker.group.GroupTable;
import org.merlinmq.broker.group.RetryPolicy;
import org.merlinmq.broker.group.Topics;
import org.merlinmq.broker.identity.BrokerIdentity;
import org.merlinmq.broker.schedule.CarriedRecord;
import org.merlinmq.broker.schedule.DelayRule;
import org.merlinmq.broker.schedule.RecordCopy;
import org.merlinmq.broker.schedule.ScheduleConfig;
import org.merlinmq.protocol.body.SubscriptionGroup;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.ProtocolVersion;
import org.merlinmq.protocol.message.MessageId;
import org.merlinmq.protocol.message.MessageProperties;
import org.merlinmq.protocol.message.PropertyName;
import org.merlinmq.protocol.message.RecordLayout;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.protocol.request.SendBackRequest;
import org.merlinmq.storage.Storage;
import org.merlinmq.storage.log.AppendBatch;
import org.merlinmq.storage.queue.Queue;
import org.merlinmq.transport.dispatch.Access;
import org.merlinmq.transport.dispatch.Access.Action;
import org.merlinmq.transport.dispatch.Access.Resource;
import org.merlinmq.transport.dispatch.Answer;
import org.merlinmq.transport.dispatch.Handlers;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes back messages that a consumer could not deal with: a copy goes to the group's retry topic, after the delay that
 * the group's retry policy says or else one by levels that grows with each time, and in the end to the topic of its dead
 * letters.
 *
 * <p>Threading: on virtual threads; each request has a batch of its own. {@link #destination} on any thread.
 * <p>Source: request 36, and the retry rule of ordinary sends.
 */
public final class SendBack {
    private static final int FIRST_LEVEL = 3;

    /** By how much two IPv6 hosts make a record larger. */
    private static final int HOSTS_BYTES = 24;

    /** What a consumer can do without. */
    private static final Set<String> ADDED_WHEN_STORED = Set.of("MSG_REGION", "TRACE_ON", "CLUSTER");

    private static final Logger LOG = LoggerFactory.getLogger(SendBack.class);

    private final Parts parts;
    private final byte[] host;

    /**
     * What is worked on.
     *
     * @param storage holds the messages and takes the copies
     * @param topics the topics that exist
     * @param groups the groups that exist
     * @param locks who consumes in order
     * @param schedule delay levels
     * @param identity stands in the copies as their store
     * @param nowMillis the wall clock
     * @param dice chooses retry queues; used by many threads
     */
    public record Parts(
            Storage storage,
            Topics topics,
            GroupTable groups,
            QueueLocks locks,
            ScheduleConfig schedule,
            BrokerIdentity identity,
            LongSupplier nowMillis,
            RandomGenerator dice) {}

    /**
     * Takes messages back.
     *
     * @param parts what is worked on
     */
    public SendBack(Parts parts) {
        this.parts = parts;
        this.host = parts.identity().host().getAddress();
    }

    /**
     * Registers request 36.
     *
     * @param handlers takes it
     */
    public void register(Handlers handlers) {
        handlers.blocking(
                RequestCode.CONSUMER_SEND_MSG_BACK,
                Access.of(Resource.GROUP, Action.SUB),
                request -> takeBack(SendBackRequest.read(request), request.version()));
    }

    Answer takeBack(SendBackRequest request, int clientVersion) {
        SubscriptionGroup group = parts.groups().findOrCreate(request.group());
        if (group == null) {
            return Answer.refuse(
                    ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST,
                    "subscription group not exist: " + parts.groups().whyNone(request.group()));
        }
        if (group.retryQueueNums() <= 0) {
            return Answer.ok();
        }
        Topics.Shape retry = retryTopic(group, request.unitMode());
        if (retry == null) {
            return Answer.refuse(ResponseCode.INVALID_PARAMETER, parts.groups().whyNone(group.groupName()));
        }
        if (!retry.isWritable()) {
            return Answer.refuse(
                    ResponseCode.NO_PERMISSION, "the topic[" + retry.name() + "] sending message is forbidden");
        }
        byte[] bytes = parts.storage().readRecord(request.offset());
        RecordView record = new RecordView();
        if (bytes == null || !record.on(bytes, 0, bytes.length)) {
            return Answer.refuse(
                    ResponseCode.SYSTEM_ERROR,
                    "look message by offset failed, " + request.offset() + ": no record begins there");
        }
        Integer own = clientVersion >= ProtocolVersion.V3_4_9 ? request.maxReconsumeTimes() : null;
        int max = own != null && own >= 0 ? own : group.retryMaxTimes();
        boolean dead = record.reconsumeTimes() >= max || request.delayLevel() < 0;
        if (!dead) {
            Pause pause = request.delayLevel() > 0
                    ? new Pause(request.delayLevel(), 0)
                    : pauseOf(RetryPolicy.of(group), record.reconsumeTimes());
            RecordCopy.Target again = target(record, retry.name(), anyQueue(group, retry), pause);
            if (again != null) {
                return Answer.later(store(record, again));
            }
            LOG.warn(
                    "message-buried group={} topic={} logOffset={} cause=\"its properties leave no room for a retry\"",
                    group.groupName(),
                    record.topic(),
                    request.offset());
        }
        String grave = deadTopic(group.groupName()).name();
        RecordCopy.Target buried = target(record, grave, 0, Pause.NONE);
        return Answer.later(store(record, buried != null ? buried : unchanged(record, grave)));
    }

    /** How long a copy waits: by a delay level, or if that is 0 by milliseconds. */
    private record Pause(int level, long millis) {
        static final Pause NONE = new Pause(0, 0);
    }

    /** Without timers there is nothing between the levels, and they decide. */
    private Pause pauseOf(RetryPolicy policy, int times) {
        long millis = policy.delayMillis(times);
        if (millis == RetryPolicy.BY_LEVEL || !parts.schedule().timers()) {
            return new Pause(FIRST_LEVEL + times, 0);
        }
        return new Pause(0, Math.min(millis, parts.schedule().maxDelay().toMillis()));
    }

    private Topics.@Nullable Shape retryTopic(SubscriptionGroup group, boolean unitMode) {
        return parts.topics()
                .findOrCreate(
                        Topics.RETRY + group.groupName(),
                        group.retryQueueNums(),
                        Topics.READ_WRITE,
                        unitMode ? Topics.UNIT_SUBSCRIPTION : 0);
    }

    private Topics.Shape deadTopic(String group) {
        return Objects.requireNonNull(
                parts.topics().findOrCreate(Topics.DEAD + group, 1, Topics.READ_WRITE, 0),
                "its name is shorter than that of the group's retry topic, which is there");
    }

    /** One that is read: the topic has as many queues as the group wanted when it was made. */
    private int anyQueue(SubscriptionGroup group, Topics.Shape retry) {
        return parts.dice().nextInt(Math.clamp(group.retryQueueNums(), 1, Math.max(1, retry.readQueueCount())));
    }

    private CompletableFuture<Answer> store(RecordView record, RecordCopy.Target target) {
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        AppendBatch batch = parts.storage().newBatch(done -> answer.complete(answerOf(done)));
        new RecordCopy()
                .stage(batch, record, target.storedBy(host, parts.identity().port()));
        parts.storage().append(batch);
        return answer;
    }

    /**
     * A copy for a topic, or for the schedule on the way there. One that would be too large goes without what the broker
     * added when it stored the message; null if it is too large even so. Only messages of an older store can be.
     */
    private RecordCopy.@Nullable Target target(RecordView record, String topic, int queueId, Pause pause) {
        Map<String, String> properties = record.properties();
        properties.putIfAbsent(PropertyName.RETRY_TOPIC, record.topic());
        properties.putIfAbsent(
                PropertyName.ORIGIN_MESSAGE_ID,
                MessageId.encode(storeHostOf(record), storePortOf(record), record.logOffset()));
        properties.put(PropertyName.WAIT, "false");
        properties.put(PropertyName.DELAY, Integer.toString(pause.level()));
        // What held the message back before is over; a timer property would hold it back again.
        properties.keySet().removeIf(name -> name.startsWith("TIMER_"));
        if (pause.millis() > 0) {
            properties.put(PropertyName.TIMER_DELAY_MS, Long.toString(pause.millis()));
        }
        RecordCopy.Target whole = fitting(record, Bytes.utf8(topic), queueId, properties);
        if (whole != null) {
            return whole;
        }
        properties.keySet().removeAll(ADDED_WHEN_STORED);
        return fitting(record, Bytes.utf8(topic), queueId, properties);
    }

    private RecordCopy.@Nullable Target fitting(
            RecordView record, byte[] topic, int queueId, Map<String, String> properties) {
        byte[] own = Bytes.utf8(MessageProperties.write(properties));
        int times = record.reconsumeTimes() + 1;
        DelayRule rule = new DelayRule(parts.schedule());
        if (rule.decide(own, 0, own.length, parts.nowMillis().getAsLong()) != DelayRule.HELD) {
            return fits(record, topic, own.length)
                    ? new RecordCopy.Target(topic, queue(topic, queueId), own, times)
                    : null;
        }
        ByteWriter delayed = new ByteWriter(own.length + 128);
        rule.writeProperties(own, 0, own.length, topic, 0, topic.length, queueId, delayed);
        // What is held may be carried over to the end of the log, with its time among its properties.
        return fits(record, rule.topic(), delayed.length() + CarriedRecord.DUE_BYTES)
                ? new RecordCopy.Target(rule.topic(), queue(rule.topic(), rule.queueId()), delayed.toByteArray(), times)
                        .due(rule)
                : null;
    }

    private boolean fits(RecordView record, byte[] topic, int propertiesBytes) {
        return propertiesBytes <= RecordLayout.MAX_PROPERTIES_BYTES
                && RecordLayout.recordBytes(0, record.bodyBytes(), topic.length, propertiesBytes) + HOSTS_BYTES
                        <= parts.storage().maxRecordBytes();
    }

    /** A message that has no room for anything else is buried as it is. */
    private RecordCopy.Target unchanged(RecordView record, String topic) {
        byte[] properties = Arrays.copyOfRange(
                record.bytes(), record.propertiesAt(), record.propertiesAt() + record.propertiesBytes());
        byte[] name = Bytes.utf8(topic);
        return new RecordCopy.Target(name, queue(name, 0), properties, record.reconsumeTimes() + 1);
    }

    private Queue queue(byte[] topic, int queueId) {
        return parts.storage().queue(Bytes.text(topic, 0, topic.length), queueId);
    }

    private static byte[] storeHostOf(RecordView record) {
        return Arrays.copyOfRange(record.bytes(), record.storeHostAt(), record.storeHostAt() + record.storeHostBytes());
    }

    private static int storePortOf(RecordView record) {
        return Bytes.getInt(record.bytes(), record.storeHostAt() + record.storeHostBytes());
    }

    /** A consumer that hears an error sends the message to its retry topic itself. */
    private static Answer answerOf(AppendBatch batch) {
        return switch (batch.status()) {
            case STORED, FLUSH_TIMEOUT -> Answer.ok();
            case TOO_FEW_COPIES ->
                Answer.refuse(
                        ResponseCode.SYSTEM_ERROR, "the message was stored, but too few slaves are there to copy it");
            case COPY_TIMEOUT ->
                Answer.refuse(ResponseCode.SYSTEM_ERROR, "the message was stored, but too few slaves have it yet");
            case REFUSED -> Answer.refuse(ResponseCode.SYSTEM_ERROR, "the message was not stored: " + batch.reason());
        };
    }

    /**
     * Where an ordinary send to a retry topic goes: back to the group, or to its dead letters.
     *
     * @param topic the retry topic, or the topic of dead letters in queue 0
     * @param dead the message was consumed in vain too often: its delay is to be taken off
     * @param unknownGroup no such group: to be refused with SUBSCRIPTION_GROUP_NOT_EXIST
     */
    public record Destination(String topic, boolean dead, boolean unknownGroup) {}

    /**
     * Decides on an ordinary send to a retry topic, which consumers make when sending back fails, and ordered consumers
     * always.
     *
     * @param retryTopic the topic sent to, {@code %RETRY%} and a group
     * @param reconsumeTimes how often the message was consumed in vain
     * @param maxReconsumeTimes the sender's own maximum, or −1
     * @param version the sender's version ordinal
     * @return where it goes
     */
    public Destination destination(String retryTopic, int reconsumeTimes, int maxReconsumeTimes, int version) {
        String name = retryTopic.substring(Topics.RETRY.length());
        SubscriptionGroup group = parts.groups().findOrCreate(name);
        if (group == null) {
            return new Destination(retryTopic, false, true);
        }
        int max =
                version >= ProtocolVersion.V3_4_9 && maxReconsumeTimes >= 0 ? maxReconsumeTimes : group.retryMaxTimes();
        if (reconsumeTimes > max || (reconsumeTimes > 0 && parts.locks().holdsAny(name))) {
            return new Destination(deadTopic(name).name(), true, false);
        }
        return new Destination(retryTopic, false, false);
    }
}
