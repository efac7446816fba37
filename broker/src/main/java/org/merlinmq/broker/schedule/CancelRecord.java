package org.merlinmq.broker.schedule;

import java.util.Arrays;
import java.util.Map;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.message.PropertyName;
import org.merlinmq.protocol.message.RecordLayout;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.protocol.message.RecordWriter;
import org.merlinmq.storage.Storage;
import org.merlinmq.storage.facts.RecordFacts;
import org.merlinmq.storage.facts.RecordRule;
import org.merlinmq.storage.log.AppendBatch;

/**
 * The record that cancels a delayed message: what RocketMQ writes when one is recalled, which its brokers understand, and
 * which names the delayed record, so that ours know it settled, also after a crash.
 *
 * <p>Threading: one owner at a time.
 * <p>Format: docs/formats/record.md.
 */
final class CancelRecord {
    private static final byte[] BODY = {'0'};
    private static final String TAG = "_RECALL_TAG_";

    private final Storage storage;
    private final RecordWriter writer = new RecordWriter().queueId(0);
    private final RecordView view = new RecordView();
    private final RecordFacts facts = new RecordFacts();
    private final ByteWriter properties = new ByteWriter(256);

    CancelRecord(Storage storage) {
        this.storage = storage;
    }

    /**
     * Encodes the record and enters it into a batch.
     *
     * @param batch takes it
     * @param delayed the record that it cancels
     * @param dueMillis when that is due
     * @param by on whose behalf
     * @param nowMillis the time
     */
    void stage(AppendBatch batch, RecordView delayed, long dueMillis, String by, long nowMillis) {
        byte[] b = delayed.bytes();
        writer.bornMillis(nowMillis)
                .bornHost(
                        host(b, delayed.bornHostAt(), delayed.bornHostBytes()),
                        port(b, delayed.bornHostAt(), delayed.bornHostBytes()))
                .storeHost(
                        host(b, delayed.storeHostAt(), delayed.storeHostBytes()),
                        port(b, delayed.storeHostAt(), delayed.storeHostBytes()))
                .preparedOffset(RecordLayout.naming(delayed.logOffset()));
        writeProperties(delayed, dueMillis, by);
        ByteWriter out = batch.bytes();
        byte[] topic = ScheduleTopics.TIMERS_BYTES;
        int at = writer.begin(out, BODY, 0, BODY.length, topic, 0, topic.length);
        out.put(properties.array(), 0, properties.length());
        int size = writer.end(out);
        view.on(out.array(), at, size);
        batch.add(storage.queue(ScheduleTopics.TIMERS, 0), at, size, facts.read(view, RecordRule.NONE));
    }

    private static byte[] host(byte[] b, int at, int bytes) {
        return Arrays.copyOfRange(b, at, at + bytes);
    }

    private static int port(byte[] b, int at, int bytes) {
        return Bytes.getInt(b, at + bytes);
    }

    private void writeProperties(RecordView delayed, long dueMillis, String by) {
        Map<String, String> own = delayed.properties();
        String topic = own.getOrDefault(PropertyName.REAL_TOPIC, "");
        String key = own.getOrDefault(PropertyName.UNIQ_KEY, "");
        properties.clear();
        item(PropertyName.TAGS, TAG);
        item(PropertyName.UNIQ_KEY, key);
        item(PropertyName.TIMER_DEL_UNIQKEY, key);
        item(PropertyName.REAL_TOPIC, topic);
        item(PropertyName.REAL_QID, "0");
        item(PropertyName.TIMER_DELIVER_MS, Long.toString(dueMillis + 1));
        item(PropertyName.TIMER_OUT_MS, Long.toString(dueMillis));
        properties.put(ScheduleTopics.CANCELLED_BY).putByte(ScheduleTopics.NAME_END);
        properties.putUtf8(by).putByte(ScheduleTopics.VALUE_END);
    }

    private void item(String name, String value) {
        if (!value.isEmpty()) {
            properties.putUtf8(name).putByte(ScheduleTopics.NAME_END);
            properties.putUtf8(value).putByte(ScheduleTopics.VALUE_END);
        }
    }
}
