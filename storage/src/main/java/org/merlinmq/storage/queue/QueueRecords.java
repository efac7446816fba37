package org.merlinmq.storage.queue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * What the table's own log says; docs/formats/queue-table.md.
 *
 * <pre>
 * CREATE  handle 4 | queueId 4 | topic in UTF-8      a queue
 * DELETE  logOffset 8 | topic in UTF-8               all queues of a topic, and its records below the offset
 * NEXT    handle 4 | queueOffset 8                   where a queue goes on whose entries are all gone
 * HANDLES handle 4                                   the lowest handle never used
 * AGAIN   handle 4 | queueId 4 | logOffset 8 | topic a queue in place of a former one, whose records lie below
 * </pre>
 */
final class QueueRecords {

    static final int CREATE = 1;
    static final int DELETE = 2;
    static final int NEXT = 3;
    static final int HANDLES = 4;
    static final int AGAIN = 5;

    private static final int AGAIN_TOPIC_AT = 16;

    private QueueRecords() {}

    static byte[] create(int handle, int queueId, byte[] topic) {
        return ByteBuffer.wrap(new byte[8 + topic.length])
                .putInt(handle)
                .putInt(queueId)
                .put(topic)
                .array();
    }

    static byte[] delete(long logOffset, String topic) {
        byte[] name = topic.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.wrap(new byte[8 + name.length])
                .putLong(logOffset)
                .put(name)
                .array();
    }

    static byte[] next(int handle, long queueOffset) {
        return ByteBuffer.wrap(new byte[12]).putInt(handle).putLong(queueOffset).array();
    }

    static byte[] handles(int next) {
        return ByteBuffer.wrap(new byte[4]).putInt(next).array();
    }

    static byte[] again(int handle, int queueId, long logOffset, byte[] topic) {
        return ByteBuffer.wrap(new byte[AGAIN_TOPIC_AT + topic.length])
                .putInt(handle)
                .putInt(queueId)
                .putLong(logOffset)
                .put(topic)
                .array();
    }

    /** The topic's name in AGAIN. */
    static String topicAgain(byte[] record) {
        return new String(record, AGAIN_TOPIC_AT, record.length - AGAIN_TOPIC_AT, StandardCharsets.UTF_8);
    }

    /** The topic's name behind the first eight bytes of CREATE and DELETE. */
    static String topic(byte[] record) {
        return new String(record, 8, record.length - 8, StandardCharsets.UTF_8);
    }
}
