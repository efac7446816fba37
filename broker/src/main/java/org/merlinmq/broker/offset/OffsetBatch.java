package org.merlinmq.broker.offset;

import java.nio.charset.StandardCharsets;
import org.merlinmq.broker.group.Journal;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;

/**
 * Offsets on their way to the journal, as many to a record as fit in {@link #MAX_BYTES}.
 *
 * <p>Format, repeated to the end of the record:
 *
 * <pre>
 *  0        2      2+g        4+g    4+g+t       8+g+t
 *  +--------+-------+----------+-------+-----------+----------------+
 *  | g: u16 | group | t: u16   | topic | queueId 4 | queueOffset 8  |
 *  +--------+-------+----------+-------+-----------+----------------+
 * </pre>
 */
final class OffsetBatch implements ConsumeProgress.OffsetSink {
    /** A record is written when it has grown beyond this. */
    static final int MAX_BYTES = 64 * 1024;

    private final Journal journal;
    private final int type;
    private final ByteWriter bytes = new ByteWriter();
    private boolean written;

    OffsetBatch(Journal journal, int type) {
        this.journal = journal;
        this.type = type;
    }

    @Override
    public void offset(ConsumeProgress of, int queueId, long queueOffset) {
        putName(of.group());
        putName(of.topic());
        bytes.putInt(queueId).putLong(queueOffset);
        if (bytes.length() > MAX_BYTES) {
            write();
        }
    }

    private void putName(String name) {
        byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
        bytes.putShort(utf8.length).put(utf8);
    }

    /** Writes the last record; true if the batch had anything to say. */
    boolean write() {
        if (bytes.length() > 0) {
            journal.append(type, bytes.toByteArray());
            bytes.clear();
            written = true;
        }
        return written;
    }

    /** Takes what a record holds. */
    @FunctionalInterface
    interface Reader {
        void offset(String group, String topic, int queueId, long queueOffset);
    }

    /** Reads a record that {@link #write} wrote. */
    static void read(byte[] record, Reader into) {
        int at = 0;
        while (at < record.length) {
            int groupBytes = Short.toUnsignedInt(Bytes.getShort(record, at));
            String group = Bytes.text(record, at + 2, groupBytes);
            at += 2 + groupBytes;
            int topicBytes = Short.toUnsignedInt(Bytes.getShort(record, at));
            String topic = Bytes.text(record, at + 2, topicBytes);
            at += 2 + topicBytes;
            into.offset(group, topic, Bytes.getInt(record, at), Bytes.getLong(record, at + 4));
            at += 12;
        }
    }
}
