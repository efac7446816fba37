package org.merlinmq.broker.schedule;

import java.util.Arrays;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.message.PropertyBytes;
import org.merlinmq.protocol.message.RecordLayout;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.storage.Storage;
import org.merlinmq.storage.TimerCopier;
import org.merlinmq.storage.log.AppendBatch;

/**
 * The record of a delayed message that was relocated to the log's end: as before, in the same topic and queue, but
 * naming the record it was copied from. One of a delay level has in {@code TIMER_OUT_MS} when it is due, as timers have
 * always: by its store time it would be due too late. The delivered copy is without it again.
 *
 * <p>Format: docs/formats/record.md.
 * <p>Threading: one thread at a time; the static methods on any.
 */
public final class CarriedRecord implements TimerCopier {
    /** What a record grows by when it is carried over, at most: name, value and the two ends. */
    public static final int DUE_BYTES = ScheduleTopics.TIMER_OUT_MS.length + 22;

    private final Storage storage;
    private final RecordCopy copy = new RecordCopy();

    /**
     * Copies records within a store.
     *
     * @param storage the store
     */
    public CarriedRecord(Storage storage) {
        this.storage = storage;
    }

    /** Whether a record is of a delay level. */
    static boolean isOfLevel(RecordView record) {
        return isOf(record, ScheduleTopics.LEVELS_BYTES);
    }

    static boolean isOf(RecordView record, byte[] topic) {
        return record.topicBytes() == topic.length
                && Bytes.equals(record.bytes(), record.topicAt(), topic, 0, topic.length);
    }

    /** Whether the properties of a record of a delay level end with when it is due. */
    static boolean hasDue(RecordView record) {
        return RecordLayout.named(record.preparedOffset()) != RecordLayout.NAMES_NONE
                && PropertyBytes.find(
                                record.bytes(),
                                record.propertiesAt(),
                                record.propertiesBytes(),
                                ScheduleTopics.TIMER_OUT_MS)
                        >= 0;
    }

    /** The properties that a message had before it was ever relocated. */
    static byte[] properties(RecordView record) {
        byte[] b = record.bytes();
        int at = record.propertiesAt();
        int end = at + record.propertiesBytes();
        if (isOfLevel(record) && hasDue(record)) {
            int value = PropertyBytes.find(b, at, end - at, ScheduleTopics.TIMER_OUT_MS);
            end = value - 1 - ScheduleTopics.TIMER_OUT_MS.length;
        }
        return Arrays.copyOfRange(b, at, end);
    }

    @Override
    public boolean copy(RecordView record, long dueMillis, AppendBatch to) {
        boolean level = isOfLevel(record);
        if (level && !hasDue(record) && !hasRoomForDue(record)) {
            return false;
        }
        byte[] properties = properties(record);
        byte[] topic = Arrays.copyOfRange(record.bytes(), record.topicAt(), record.topicAt() + record.topicBytes());
        RecordCopy.Target target = new RecordCopy.Target(
                topic,
                storage.queue(record.topic(), record.queueId()),
                level ? withDue(properties, dueMillis) : properties,
                record.reconsumeTimes());
        copy.stage(to, record, target.settles(record.logOffset()).due(dueMillis, level));
        return true;
    }

    /** All others keep their size, and have lain in a segment of this log. */
    private boolean hasRoomForDue(RecordView record) {
        return record.propertiesBytes() + DUE_BYTES <= RecordLayout.MAX_PROPERTIES_BYTES
                && record.totalBytes() + DUE_BYTES <= storage.maxRecordBytes();
    }

    private static byte[] withDue(byte[] properties, long dueMillis) {
        ByteWriter out = new ByteWriter(properties.length + DUE_BYTES);
        out.put(properties);
        if (PropertyBytes.lacksEnd(properties, 0, properties.length)) {
            out.putByte(PropertyBytes.VALUE_END);
        }
        return out.put(ScheduleTopics.TIMER_OUT_MS)
                .putByte(PropertyBytes.NAME_END)
                .putDecimal(dueMillis)
                .putByte(PropertyBytes.VALUE_END)
                .toByteArray();
    }
}
