package org.merlinmq.broker.admin;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.dispatch.Answer;
import org.merlinmq.broker.dispatch.Handlers;
import org.merlinmq.broker.offset.StoredMessages;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;
import org.merlinmq.protocol.json.JsonWriter;
import org.merlinmq.protocol.message.PropertyName;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.storage.Storage;
import org.merlinmq.storage.queue.EntrySlice;
import org.merlinmq.storage.queue.Queue;

/**
 * Finds messages by key or place, and shows the entries of a queue.
 *
 * <p>The index finds by hash; topic and key are compared here, so that an answer holds nothing else. A query for a
 * unique key looks at all times: its time window is of the client's making and often wrong.
 *
 * <p>Threading: on virtual threads.
 * <p>Source: requests 12, 33 and 321.
 */
final class MessageQueries {
    private static final String UNIQUE_KEY_QUERY = "_UNIQUE_KEY_QUERY";
    private static final int MAX_UNIQUE = 32;
    private static final int MAX_BYTES = 8 << 20;
    private static final int MAX_ENTRIES = 1024;

    private final Storage storage;
    private final StoredMessages messages;
    private final int maxMessages;

    /** At most so many messages are in one answer; of messages with one unique key, fewer. */
    MessageQueries(Storage storage, StoredMessages messages, int maxMessages) {
        this.storage = storage;
        this.messages = messages;
        this.maxMessages = maxMessages;
    }

    void register(Handlers handlers) {
        handlers.blocking(RequestCode.QUERY_MESSAGE, this::byKey)
                .blocking(RequestCode.VIEW_MESSAGE_BY_ID, this::byPlace)
                .blocking(RequestCode.QUERY_CONSUME_QUEUE, this::entries);
    }

    Answer byKey(Fields request) {
        String topic = request.requiredText("topic");
        String key = request.requiredText("key");
        boolean unique = request.flagOr(UNIQUE_KEY_QUERY, false)
                || request.textOr("indexType", "").equals("U");
        int wanted = unique ? MAX_UNIQUE : Math.clamp(request.requiredInt("maxNum"), 1, maxMessages);
        long from = unique ? 0 : request.requiredLong("beginTimestamp");
        long to = unique ? Long.MAX_VALUE : request.requiredLong("endTimestamp");

        ByteWriter found = new ByteWriter();
        int count = 0;
        long lastMillis = 0;
        long lastOffset = 0;
        for (long logOffset : storage.findByKey(topic, key, wanted, from, to)) {
            RecordView record = messages.record(logOffset);
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
        Header header = updated(lastMillis, lastOffset);
        return count == 0
                ? Answer.of(ResponseCode.QUERY_NOT_FOUND, "can not find message, maybe time range not correct", header)
                : Answer.ok(header, found.toByteArray());
    }

    private static Header updated(long millis, long logOffset) {
        return out -> out.put("indexLastUpdateTimestamp", millis).put("indexLastUpdatePhyoffset", logOffset);
    }

    private static boolean hasKey(RecordView record, String key, boolean unique) {
        var properties = record.properties();
        if (key.equals(properties.get(PropertyName.UNIQ_KEY))) {
            return true;
        }
        String keys = properties.get(PropertyName.KEYS);
        return !unique && keys != null && Arrays.asList(keys.split(" ", -1)).contains(key);
    }

    Answer byPlace(Fields request) {
        long logOffset = request.requiredLong("offset");
        RecordView record = messages.record(logOffset);
        return record == null
                ? Answer.refuse(
                        ResponseCode.SYSTEM_ERROR,
                        "can not find message by the offset, " + logOffset + ": no record begins there")
                : Answer.ok(
                        Arrays.copyOfRange(record.bytes(), record.recordAt(), record.recordAt() + record.totalBytes()));
    }

    Answer entries(Fields request) {
        String topic = request.requiredText("topic");
        int queueId = request.requiredInt("queueId");
        long index = request.requiredLong("index");
        int count = Math.clamp(request.requiredInt("count"), 0, MAX_ENTRIES);
        Queue queue = messages.queue(topic, queueId);
        if (queue == null) {
            return Answer.refuse(
                    ResponseCode.SYSTEM_ERROR, "no message was ever stored in queue " + queueId + " of " + topic);
        }
        JsonWriter out = new JsonWriter()
                .beginObject()
                .field("maxQueueIndex", queue.maxOffset())
                .field("minQueueIndex", queue.minOffset())
                .key("queueData")
                .beginArray();
        write(out, read(queue, index, count));
        return Answer.ok(out.endArray().endObject().toByteArray());
    }

    private static @Nullable EntrySlice read(Queue queue, long index, int count) {
        if (count == 0 || index < queue.minOffset()) {
            return null;
        }
        EntrySlice slice = new EntrySlice(count);
        return queue.read(index, count, slice) == 0 ? null : slice;
    }

    private static void write(JsonWriter out, @Nullable EntrySlice slice) {
        for (int i = 0; slice != null && i < slice.count; i++) {
            out.beginObject()
                    .field("eval", false)
                    .field("physicOffset", slice.logOffset[i])
                    .field("physicSize", slice.size[i])
                    .field("tagsCode", slice.tagsCode[i])
                    .endObject();
        }
    }
}
