package org.merlinmq.verification.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.frame.HeaderForm;
import org.merlinmq.protocol.frame.ProtocolVersion;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.message.RecordView;

/** Requests to a broker, whichever it is, as plain calls. Fields are text: a wrong name in {@code protocol} must show. */
public final class Talk implements AutoCloseable {
    private static final int ANSWER_MILLIS = 30_000;
    private static final int SUBSCRIPTION = 4;

    private final RawConnection connection;

    /** Connects. */
    public Talk(InetSocketAddress broker) throws IOException {
        connection = new RawConnection(broker, ANSWER_MILLIS);
    }

    /** A call that must succeed. */
    public Frame ask(RequestCode code, Map<String, String> fields, byte[] body) throws IOException {
        Frame reply = call(code, fields, body);
        if (!reply.isOk()) {
            throw new AssertionError(code + " " + fields + ": " + reply.code() + " " + reply.remark());
        }
        return reply;
    }

    /** A call that may be refused. */
    public Frame call(RequestCode code, Map<String, String> fields, byte[] body) throws IOException {
        return connection.call(
                new Frame(HeaderForm.JSON, code.number(), 0, ProtocolVersion.CURRENT, 0, 0, null, fields, body));
    }

    /** Sends one message, or a batch of them. */
    public Frame send(RequestCode code, String topic, int queueId, int sysFlag, String properties, byte[] body)
            throws IOException {
        Map<String, String> fields = sendFields(topic, queueId, properties);
        fields.put("f", Integer.toString(sysFlag));
        fields.put("m", Boolean.toString(code == RequestCode.SEND_BATCH_MESSAGE));
        return ask(code, fields, body);
    }

    /** The header of a send in its short spelling; it may be changed. */
    public static Map<String, String> sendFields(String topic, int queueId, String properties) {
        String now = Long.toString(System.currentTimeMillis());
        String[] values = {
            "Producer", topic, "TBW102", "4", Integer.toString(queueId), "0", now, "7", properties, "0", "false"
        };
        Map<String, String> fields = new HashMap<>();
        for (int i = 0; i < values.length; i++) {
            fields.put(String.valueOf((char) ('a' + i)), values[i]);
        }
        return fields;
    }

    /** Makes or changes a topic that can be read and written. */
    public void topic(String name, int queues) throws IOException {
        topic(name, queues, queues, 6, false);
    }

    /** Makes or changes a topic. */
    public void topic(String name, int readQueues, int writeQueues, int perm, boolean order) throws IOException {
        Map<String, String> fields = new HashMap<>(Map.of("topic", name, "defaultTopic", "TBW102"));
        fields.put("readQueueNums", Integer.toString(readQueues));
        fields.put("writeQueueNums", Integer.toString(writeQueues));
        fields.put("perm", Integer.toString(perm));
        fields.put("topicFilterType", "SINGLE_TAG");
        fields.put("topicSysFlag", "0");
        fields.put("order", Boolean.toString(order));
        ask(RequestCode.UPDATE_AND_CREATE_TOPIC, fields, new byte[0]);
    }

    /** Sends one message. */
    public Frame send(String topic, int queueId, String properties, String body) throws IOException {
        return send(RequestCode.SEND_MESSAGE_V2, topic, queueId, 0, properties, body.getBytes(UTF_8));
    }

    /** An offset of a queue, by one of the requests that answer with one. */
    public long offset(RequestCode which, String topic, int queueId) throws IOException {
        return ask(which, Map.of("topic", topic, "queueId", Integer.toString(queueId)), new byte[0])
                .requiredLong("offset");
    }

    /** The next offset of a queue. */
    public long maxOffset(String topic, int queueId) throws IOException {
        return offset(RequestCode.GET_MAX_OFFSET, topic, queueId);
    }

    /** All records of a queue, in order, each as it came. */
    public List<byte[]> read(String topic, int queueId) throws IOException {
        List<byte[]> records = new ArrayList<>();
        RecordView record = new RecordView();
        long at = offset(RequestCode.GET_MIN_OFFSET, topic, queueId);
        long end = maxOffset(topic, queueId);
        while (at < end) {
            Frame reply = ask(RequestCode.PULL_MESSAGE, pullFields(topic, queueId, at), new byte[0]);
            byte[] body = reply.body();
            for (int from = 0; from < body.length; from += record.totalBytes()) {
                if (!record.on(body, from, body.length - from) || record.queueOffset() != at) {
                    throw new AssertionError(topic + "/" + queueId + " at " + at + ": no whole record of that offset");
                }
                records.add(java.util.Arrays.copyOfRange(body, from, from + record.totalBytes()));
                at++;
            }
        }
        return records;
    }

    /** The header of a pull of all there is, which does not wait; it may be changed. */
    public static Map<String, String> pullFields(String topic, int queueId, long offset) {
        Map<String, String> fields = new HashMap<>();
        fields.put("consumerGroup", "Reader");
        fields.put("topic", topic);
        fields.put("queueId", Integer.toString(queueId));
        fields.put("queueOffset", Long.toString(offset));
        fields.put("maxMsgNums", "32");
        fields.put("sysFlag", Integer.toString(SUBSCRIPTION));
        fields.put("commitOffset", "0");
        fields.put("suspendTimeoutMillis", "0");
        fields.put("subVersion", "0");
        fields.put("subscription", "*");
        fields.put("expressionType", "TAG");
        return fields;
    }

    /** Where the messages with a key lie in the log; none if there are none. */
    public Set<Long> find(String topic, String key, boolean unique) throws IOException {
        Map<String, String> fields = new HashMap<>(Map.of("topic", topic, "key", key, "maxNum", "32"));
        fields.put("beginTimestamp", "0");
        fields.put("endTimestamp", Long.toString(Long.MAX_VALUE));
        if (unique) {
            fields.put("_UNIQUE_KEY_QUERY", "true");
        }
        Frame reply = call(RequestCode.QUERY_MESSAGE, fields, new byte[0]);
        Set<Long> found = new TreeSet<>();
        if (reply.code() == ResponseCode.QUERY_NOT_FOUND.number()) {
            return found;
        }
        RecordView record = new RecordView();
        for (int at = 0; at < reply.body().length; at += record.totalBytes()) {
            if (!record.on(reply.body(), at, reply.body().length - at)) {
                throw new AssertionError("the answer to a query for " + key + " holds no record at " + at);
            }
            found.add(record.logOffset());
        }
        return found;
    }

    /** The record at a place of the log. */
    public byte[] view(long logOffset) throws IOException {
        return ask(RequestCode.VIEW_MESSAGE_BY_ID, Map.of("offset", Long.toString(logOffset)), new byte[0])
                .body();
    }

    /** What a group has committed; -1 if it has not. */
    public long committed(String group, String topic, int queueId) throws IOException {
        Map<String, String> fields =
                Map.of("consumerGroup", group, "topic", topic, "queueId", Integer.toString(queueId));
        Frame reply = call(RequestCode.QUERY_CONSUMER_OFFSET, fields, new byte[0]);
        return reply.isOk() ? reply.requiredLong("offset") : -1;
    }

    /** An object in the JSON that answers a request without fields. */
    public JsonObject table(RequestCode code, String member) throws IOException {
        JsonObject all = JsonReader.readObject(ask(code, Map.of(), new byte[0]).body());
        return java.util.Objects.requireNonNull(all.object(member));
    }

    @Override
    public void close() {
        connection.close();
    }
}
