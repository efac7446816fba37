package org.merlinmq.broker.admin;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.client.ConsumerGroup;
import org.merlinmq.broker.client.ConsumerGroups;
import org.merlinmq.broker.filter.Filter;
import org.merlinmq.broker.filter.FoundProperties;
import org.merlinmq.broker.filter.RecordFilter;
import org.merlinmq.broker.offset.StoredMessages;
import org.merlinmq.broker.subscription.Compiled;
import org.merlinmq.broker.subscription.Subscription;
import org.merlinmq.protocol.body.QueueEntries;
import org.merlinmq.protocol.body.QueueEntryView;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.json.JsonWriter;
import org.merlinmq.protocol.message.PropertyName;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.protocol.reply.QueryMessageReply;
import org.merlinmq.protocol.request.QueryMessageRequest;
import org.merlinmq.protocol.request.QueryQueueRequest;
import org.merlinmq.protocol.request.ViewMessageRequest;
import org.merlinmq.storage.Storage;
import org.merlinmq.storage.queue.EntrySlice;
import org.merlinmq.storage.queue.Queue;
import org.merlinmq.transport.dispatch.Access;
import org.merlinmq.transport.dispatch.Access.Action;
import org.merlinmq.transport.dispatch.Access.Resource;
import org.merlinmq.transport.dispatch.Answer;
import org.merlinmq.transport.dispatch.Handlers;

/**
 * Finds messages by key or place, and shows the entries of a queue.
 *
 * <p>The index finds by hash; topic and key are compared here, so that an answer holds nothing else. Messages of a topic
 * that was deleted are not found, although they are in the log until retention takes them. A query for a
 * unique key looks at all times: its time window is of the client's making and often wrong.
 *
 * <p>Threading: on virtual threads.
 * <p>Source: requests 12, 33 and 321.
 */
public final class MessageHandlers {
    private static final int MAX_UNIQUE = 32;
    private static final int MAX_BYTES = 8 << 20;
    private static final int MAX_ENTRIES = 1024;

    private final Storage storage;
    private final StoredMessages messages;
    private final ConsumerGroups consumers;
    private final IntSupplier maxMessages;

    /**
     * Handlers over a store.
     *
     * @param storage the store
     * @param messages single messages of it
     * @param consumers the groups whose filters are tried on entries
     * @param maxMessages most messages in one answer (maxMsgsNumBatch); of messages with one unique key, fewer
     */
    public MessageHandlers(
            Storage storage, StoredMessages messages, ConsumerGroups consumers, IntSupplier maxMessages) {
        this.storage = storage;
        this.messages = messages;
        this.consumers = consumers;
        this.maxMessages = maxMessages;
    }

    /**
     * Registers requests 12, 33 and 321.
     *
     * @param handlers takes them
     */
    public void register(Handlers handlers) {
        handlers.blocking(
                        RequestCode.QUERY_MESSAGE,
                        Access.of(Resource.TOPIC, Action.GET),
                        request -> byKey(QueryMessageRequest.read(request)))
                .blocking(
                        RequestCode.VIEW_MESSAGE_BY_ID,
                        Access.of(Resource.TOPIC, Action.GET),
                        request -> byPlace(ViewMessageRequest.read(request)))
                .blocking(
                        RequestCode.QUERY_CONSUME_QUEUE,
                        Access.of(Resource.TOPIC, Action.GET),
                        request -> entries(QueryQueueRequest.read(request)));
    }

    Answer byKey(QueryMessageRequest request) {
        String topic = request.topic();
        String key = request.key();
        boolean unique = request.uniqueKey() || "U".equals(request.indexType());
        int wanted = unique ? MAX_UNIQUE : Math.clamp(request.maxNum(), 1, maxMessages.getAsInt());
        long from = unique ? 0 : request.beginTimestamp();
        long to = unique ? Long.MAX_VALUE : request.endTimestamp();

        ByteWriter found = new ByteWriter();
        int count = 0;
        long lastMillis = 0;
        long lastOffset = 0;
        for (long logOffset : storage.findByKey(topic, key, wanted, from, to)) {
            RecordView record = messages.message(logOffset);
            if (record == null
                    || !record.topic().equals(topic)
                    || !hasKey(record, key, unique)
                    || count >= wanted
                    || (count > 0 && found.length() + record.totalBytes() > MAX_BYTES)) {
                continue;
            }
            found.put(record.bytes(), record.recordAt(), record.totalBytes());
            count++;
            lastMillis = Math.max(lastMillis, record.storeMillis());
            lastOffset = Math.max(lastOffset, record.logOffset());
        }
        QueryMessageReply header = new QueryMessageReply(lastMillis, lastOffset);
        return count == 0
                ? Answer.of(ResponseCode.QUERY_NOT_FOUND, "can not find message, maybe time range not correct", header)
                : Answer.ok(header, found.toByteArray());
    }

    private static boolean hasKey(RecordView record, String key, boolean unique) {
        var properties = record.properties();
        if (key.equals(properties.get(PropertyName.UNIQ_KEY))) {
            return true;
        }
        String keys = properties.get(PropertyName.KEYS);
        return !unique && keys != null && Arrays.asList(keys.split(" ", -1)).contains(key);
    }

    Answer byPlace(ViewMessageRequest request) {
        RecordView record = messages.message(request.offset());
        return record == null
                ? Answer.refuse(
                        ResponseCode.SYSTEM_ERROR,
                        "can not find message by the offset, " + request.offset() + ": no message lies there")
                : Answer.ok(
                        Arrays.copyOfRange(record.bytes(), record.recordAt(), record.recordAt() + record.totalBytes()));
    }

    Answer entries(QueryQueueRequest request) {
        Queue queue = messages.queue(request.topic(), request.queueId());
        if (queue == null) {
            return Answer.refuse(
                    ResponseCode.SYSTEM_ERROR,
                    "no message was ever stored in queue " + request.queueId() + " of " + request.topic());
        }
        String group = Objects.requireNonNullElse(request.consumerGroup(), "");
        boolean isTried = !group.isEmpty();
        Subscription subscription = isTried ? subscription(group, request.topic()) : null;
        List<QueueEntryView> entries =
                read(queue, request.index(), Math.clamp(request.count(), 0, MAX_ENTRIES), subscription);
        return Answer.ok(new QueueEntries(
                        isTried ? filterData(group, request.topic(), subscription) : null,
                        queue.readableOffset(),
                        queue.minOffset(),
                        entries,
                        subscription == null ? null : subscription.asEntry())
                .write());
    }

    private @Nullable Subscription subscription(String group, String topic) {
        ConsumerGroup live = consumers.find(group);
        return live == null ? null : live.subscription(topic);
    }

    /** What is known of a group's filter, as the tools print it. */
    private static String filterData(String group, String topic, @Nullable Subscription subscription) {
        if (subscription == null) {
            return group + "@" + topic + " is not online!";
        }
        if (subscription.isTag()) {
            return "null";
        }
        return new JsonWriter()
                .beginObject()
                .field("consumerGroup", group)
                .field("expression", subscription.expression())
                .field("expressionType", subscription.expressionType())
                .field("topic", topic)
                .endObject()
                .toText();
    }

    private List<QueueEntryView> read(Queue queue, long index, int count, @Nullable Subscription subscription) {
        List<QueueEntryView> entries = new ArrayList<>();
        if (count > 0 && index >= queue.minOffset()) {
            EntrySlice slice = new EntrySlice(count);
            queue.read(index, count, slice);
            for (int i = 0; i < slice.count; i++) {
                boolean taken = subscription != null
                        && subscription.compiled() instanceof Compiled.Usable usable
                        && takes(usable.filter(), slice.logOffset[i], slice.tagsCode[i]);
                entries.add(
                        new QueueEntryView(null, taken, null, slice.logOffset[i], slice.size[i], slice.tagsCode[i]));
            }
        }
        return entries;
    }

    private boolean takes(Filter filter, long logOffset, long tagsCode) {
        if (!filter.mayMatch(tagsCode) || !(filter instanceof RecordFilter byRecord)) {
            return filter.mayMatch(tagsCode);
        }
        RecordView record = messages.message(logOffset);
        return record != null && byRecord.matches(record, new FoundProperties());
    }
}
