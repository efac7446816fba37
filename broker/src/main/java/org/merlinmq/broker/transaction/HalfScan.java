package org.merlinmq.broker.transaction;

import org.merlinmq.protocol.bytes.ByteSlice;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.message.PropertyBytes;
import org.merlinmq.protocol.message.PropertyName;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.storage.facts.RecordFacts;

/**
 * What must be known of a half message to decide on it, found in one pass over its properties.
 *
 * <p>Threading: one owner at a time; valid as long as the record is. Nothing is allocated.
 *
 * <p>Format: as {@link PropertyBytes} has it.
 */
final class HalfScan {
    private static final byte[] TAGS = Bytes.ascii(PropertyName.TAGS);
    private static final byte[] KEYS = Bytes.ascii(PropertyName.KEYS);

    final ByteSlice group = new ByteSlice();
    final ByteSlice topic = new ByteSlice();

    private final ByteSlice queueId = new ByteSlice();
    private final ByteSlice delay = new ByteSlice();
    private final ByteSlice tags = new ByteSlice();
    private final ByteSlice keys = new ByteSlice();
    private final ByteSlice uniqueKey = new ByteSlice();

    /** Scans a half message's record. */
    HalfScan on(RecordView half) {
        byte[] b = half.bytes();
        int at = half.propertiesAt();
        int end = at + half.propertiesBytes();
        group.set(b, at, 0);
        topic.set(b, at, 0);
        queueId.set(b, at, 0);
        delay.set(b, at, 0);
        tags.set(b, at, 0);
        keys.set(b, at, 0);
        uniqueKey.set(b, at, 0);
        for (int item = at; item < end; ) {
            int nameEnd = Bytes.indexOfEither(b, item, end, PropertyBytes.NAME_END, PropertyBytes.VALUE_END);
            int itemEnd = nameEnd;
            if (nameEnd < end && b[nameEnd] == PropertyBytes.NAME_END) {
                itemEnd = Bytes.indexOf(b, nameEnd + 1, end, PropertyBytes.VALUE_END);
                if (itemEnd > nameEnd + 1) {
                    property(b, item, nameEnd, itemEnd);
                }
            }
            item = itemEnd + 1;
        }
        return this;
    }

    private void property(byte[] b, int item, int nameEnd, int itemEnd) {
        switch (nameEnd - item) {
            case 4 -> {
                take(tags, TAGS, b, item, itemEnd);
                take(keys, KEYS, b, item, itemEnd);
            }
            case 6 -> take(group, HalfProperties.GROUP, b, item, itemEnd);
            case 8 -> {
                take(queueId, HalfProperties.REAL_QID, b, item, itemEnd);
                take(uniqueKey, HalfProperties.UNIQ_KEY, b, item, itemEnd);
            }
            case 10 -> take(topic, HalfProperties.REAL_TOPIC, b, item, itemEnd);
            case 20 -> take(delay, HalfProperties.DELAY_AFTER_COMMIT, b, item, itemEnd);
            default -> {
                // It decides nothing.
            }
        }
    }

    private static void take(ByteSlice into, byte[] name, byte[] b, int item, int itemEnd) {
        if (Bytes.equals(b, item, name, 0, name.length)) {
            int value = item + name.length + 1;
            into.set(b, value, itemEnd - value);
        }
    }

    /** The queue of the message's topic that it goes to; −1 if there is none. */
    long queueId() {
        return HalfProperties.number(queueId);
    }

    /** How long after its commit the message is to be delivered, in milliseconds; not above 0 for at once. */
    long delayAfterCommit() {
        return HalfProperties.number(delay);
    }

    /**
     * Tells of a record with the same properties what finds it.
     *
     * @param facts begun with the record
     * @param moved how far its properties lie behind the half message's, as indexes
     */
    void describe(RecordFacts facts, int moved) {
        facts.tag(tags.at() + moved, tags.length());
        facts.uniqueKey(uniqueKey.at() + moved, uniqueKey.length());
        facts.keys(keys.at() + moved, keys.length());
    }
}
