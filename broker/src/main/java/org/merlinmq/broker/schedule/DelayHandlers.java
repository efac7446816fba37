package org.merlinmq.broker.schedule;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.group.Topics;
import org.merlinmq.broker.identity.BrokerIdentity;
import org.merlinmq.protocol.body.DataVersion;
import org.merlinmq.protocol.body.DelayedMessageList;
import org.merlinmq.protocol.body.TimerMetrics;
import org.merlinmq.protocol.body.TimingCount;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.FieldException;
import org.merlinmq.protocol.message.PropertyName;
import org.merlinmq.protocol.message.RecallHandle;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.protocol.reply.DelayedMessageReply;
import org.merlinmq.protocol.reply.MessageIdReply;
import org.merlinmq.protocol.request.DelayedMessageRequest;
import org.merlinmq.protocol.request.ListDelayedRequest;
import org.merlinmq.protocol.request.RecallMessageRequest;
import org.merlinmq.storage.Storage;
import org.merlinmq.storage.queue.Queue;
import org.merlinmq.transport.dispatch.Access;
import org.merlinmq.transport.dispatch.Access.Action;
import org.merlinmq.transport.dispatch.Access.Resource;
import org.merlinmq.transport.dispatch.Answer;
import org.merlinmq.transport.dispatch.Handlers;

/**
 * Takes delayed messages back for their producers, and lists, shows and cancels them for administrators.
 *
 * <p>Threading: on virtual threads.
 * <p>Source: requests 60, 61 and 370; 77010 to 77012 are ours, see docs/wire/merlin-requests.md.
 */
public final class DelayHandlers {
    /** Most messages on a page of the list. */
    static final int MAX_PAGE = 256;

    /** What is pending is counted by topic up to so many messages: each record is read. */
    static final int MAX_COUNTED = 20_000;

    private static final int CHECKPOINT_BYTES = 56;
    private static final long SECOND_MILLIS = 1_000;
    private static final String RECALL = "recall";
    private static final String ADMINISTRATOR = "administrator";

    private final Storage storage;
    private final DelayedMessages messages;
    private final Topics topics;
    private final ScheduleConfig config;
    private final BrokerIdentity identity;
    private final LongSupplier nowMillis;

    /**
     * Handlers over a broker's schedule.
     *
     * @param storage holds the messages
     * @param topics the topics that exist
     * @param config the levels, and whether messages may be taken back
     * @param identity names the broker in handles and ids
     * @param nowMillis the wall clock
     */
    public DelayHandlers(
            Storage storage, Topics topics, ScheduleConfig config, BrokerIdentity identity, LongSupplier nowMillis) {
        this.storage = storage;
        this.messages = new DelayedMessages(storage, config.levels(), nowMillis);
        this.topics = topics;
        this.config = config;
        this.identity = identity;
        this.nowMillis = nowMillis;
    }

    /**
     * Registers requests 60, 61, 370 and 77010 to 77012.
     *
     * @param handlers takes them
     */
    public void register(Handlers handlers) {
        handlers.blocking(
                        RequestCode.RECALL_MESSAGE,
                        Access.of(Resource.TOPIC, Action.PUB),
                        request -> recall(RecallMessageRequest.read(request)))
                .blocking(
                        RequestCode.LIST_DELAYED_MESSAGES,
                        Access.of(Resource.TOPIC, Action.LIST),
                        request -> list(ListDelayedRequest.read(request)))
                .blocking(
                        RequestCode.GET_DELAYED_MESSAGE,
                        Access.of(Resource.TOPIC, Action.GET),
                        request -> show(DelayedMessageRequest.read(request)))
                .blocking(
                        RequestCode.CANCEL_DELAYED_MESSAGE,
                        Access.of(Resource.TOPIC, Action.UPDATE),
                        request -> cancel(DelayedMessageRequest.read(request)))
                .on(
                        RequestCode.GET_TIMER_CHECK_POINT,
                        Access.of(Resource.CLUSTER, Action.GET),
                        request -> Answer.ok(timerCheckpoint()))
                .blocking(RequestCode.GET_TIMER_METRICS, Access.of(Resource.CLUSTER, Action.GET), request -> metrics());
    }

    /** How many messages were cancelled since the start. */
    public long cancelled() {
        return messages.cancelled();
    }

    // ---- 370

    Answer recall(RecallMessageRequest request) {
        if (!config.recall()) {
            return Answer.refuse(
                    ResponseCode.NO_PERMISSION,
                    "delayed messages cannot be taken back on this broker: recallMessageEnable=false");
        }
        if (topics.find(request.topic()) == null) {
            return Answer.refuse(
                    ResponseCode.TOPIC_NOT_EXIST,
                    "recall failed, the topic[" + request.topic() + "] not exist: nothing of it can wait here");
        }
        RecallHandle handle;
        try {
            handle = RecallHandle.read(request.recallHandle());
        } catch (FieldException none) {
            return illegal("recall handle is invalid: " + none.getMessage());
        }
        String foreign = foreign(handle, request.topic());
        return foreign != null ? illegal(foreign) : recall(handle);
    }

    private @Nullable String foreign(RecallHandle handle, String topic) {
        if (!handle.topic().equals(topic)) {
            return "recall failed, topic not match: the handle is of a message of " + handle.topic() + ", not of "
                    + topic;
        }
        if (!handle.brokerName().equals(identity.brokerName())) {
            return "recall failed, the handle is of a message at the broker " + handle.brokerName() + ", and this is "
                    + identity.brokerName() + ": send the request there";
        }
        if (handle.dueMillis() <= nowMillis.getAsLong()) {
            return "recall failed, timestamp invalid: the message was due at "
                    + Instant.ofEpochMilli(handle.dueMillis()) + " and is delivered";
        }
        return null;
    }

    private Answer recall(RecallHandle handle) {
        List<RecordView> found = messages.byUniqueKey(handle.topic(), handle.uniqueKey());
        if (found.isEmpty()) {
            found = messages.byDueTime(handle.topic(), handle.uniqueKey(), handle.dueMillis());
        }
        return found.isEmpty()
                ? illegal("recall failed, no delayed message of " + handle.topic() + " has the id " + handle.uniqueKey()
                        + ": the handle was made up, or the message is gone")
                : cancel(found, handle.uniqueKey(), RECALL);
    }

    // ---- 77010 to 77012

    Answer list(ListDelayedRequest request) {
        if (request.max() < 1 || request.max() > MAX_PAGE) {
            throw FieldException.wrong("max", "1 to " + MAX_PAGE, Integer.toString(request.max()));
        }
        String cursor = request.cursor();
        DelayedMessages.Cursor from = cursor == null
                ? new DelayedMessages.Cursor(Math.max(0, request.fromMillis()), 0)
                : DelayedMessages.Cursor.read(cursor);
        String topic = request.topic();
        DelayedMessages.Page page =
                messages.list(topic == null || topic.isEmpty() ? null : topic, from, request.toMillis(), request.max());
        DelayedMessages.Cursor next = page.next();
        return Answer.ok(
                new DelayedMessageList(next == null ? null : next.toString(), page.messages(), messages.pending())
                        .write());
    }

    /** A message that was moved within the log has several records, of which one is pending. */
    Answer show(DelayedMessageRequest request) {
        List<RecordView> found = messages.find(request.topic(), request.id());
        if (found.isEmpty()) {
            return unknown(request);
        }
        RecordView record =
                found.stream().filter(messages::isPending).findFirst().orElse(null);
        if (record == null) {
            return over(request.id(), messages.dueMillis(found.getFirst()));
        }
        return Answer.ok(
                new DelayedMessageReply(idOf(record), messages.dueMillis(record)),
                Arrays.copyOfRange(record.bytes(), record.recordAt(), record.recordAt() + record.totalBytes()));
    }

    Answer cancel(DelayedMessageRequest request) {
        List<RecordView> found = messages.find(request.topic(), request.id());
        return found.isEmpty() ? unknown(request) : cancel(found, request.id(), ADMINISTRATOR);
    }

    private Answer cancel(List<RecordView> found, String id, String by) {
        String key = idOf(found.getFirst());
        long due = messages.dueMillis(found.getFirst());
        return Answer.later(messages.cancel(found, by).thenApply(done -> switch (done.outcome()) {
            case CANCELLED -> Answer.ok(new MessageIdReply(key));
            case TAKEN ->
                illegal("the message " + id + " is being delivered, or moved within the log, at this moment:"
                        + " ask again, it may be too late");
            case ENDED -> over(id, due);
            case REFUSED ->
                Answer.refuse(
                        ResponseCode.SERVICE_NOT_AVAILABLE,
                        "the message " + id + " is not cancelled: " + done.reason());
        }));
    }

    private static Answer over(String id, long due) {
        return illegal("the message " + id + ", due at " + Instant.ofEpochMilli(due)
                + ", waits no more: it was delivered or cancelled before");
    }

    private static Answer unknown(DelayedMessageRequest request) {
        return Answer.refuse(
                ResponseCode.QUERY_NOT_FOUND,
                "no delayed message of " + request.topic() + " has the id " + request.id()
                        + ": name a unique key, or a message id of the list, and the topic that it is to arrive in");
    }

    private static String idOf(RecordView record) {
        return record.properties().getOrDefault(PropertyName.UNIQ_KEY, DelayedMessages.messageId(record));
    }

    private static Answer illegal(String sentence) {
        return Answer.refuse(ResponseCode.ILLEGAL_OPERATION, sentence);
    }

    // ---- 60 and 61

    /**
     * How far the timers were delivered, as RocketMQ's slaves ask a master: up to the second before the first that waits.
     *
     * <pre>
     * readMillis 8 | end of the wheel's log 8 = 0 | queueOffset 8 | queueOffset of the master 8 | stateVersion 8 | time 8 | counter 8
     * </pre>
     */
    byte[] timerCheckpoint() {
        long now = nowMillis.getAsLong();
        long readMillis = Math.min(now, storage.timers().nextDueMillis() - 1);
        Queue queue = storage.findQueue(ScheduleTopics.TIMERS, 0);
        long taken = queue == null ? 0 : queue.maxOffset();
        return new ByteWriter(CHECKPOINT_BYTES)
                .putLong(readMillis - readMillis % SECOND_MILLIS)
                .putLong(0)
                .putLong(taken)
                .putLong(taken)
                .putLong(0)
                .putLong(now)
                .putLong(taken)
                .toByteArray();
    }

    Answer metrics() {
        Map<String, Long> counts = messages.countByTopic(MAX_COUNTED);
        if (counts == null) {
            return Answer.refuse(
                    ResponseCode.SYSTEM_ERROR,
                    messages.pending() + " delayed messages wait; they are counted by topic up to " + MAX_COUNTED
                            + ". 'merlin delayed list --topic' lists those of a topic.");
        }
        long now = nowMillis.getAsLong();
        Map<String, TimingCount> table = new TreeMap<>();
        counts.forEach((topic, count) -> table.put(topic, new TimingCount(count, now)));
        // RocketMQ's slaves take no table without a version, and none of a version that they have.
        return Answer.ok(new TimerMetrics(new DataVersion(counts.size(), 0, now), table).write());
    }
}
