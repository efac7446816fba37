package org.merlinmq.broker.send;

import org.merlinmq.protocol.frame.FieldException;
import org.merlinmq.protocol.frame.FrameScan;

/**
 * Reads the header fields of a send frame into a request, in place, from either of their two spellings.
 *
 * <p>Threading: any thread.
 *
 * <p>Source: requests 310 and 320 (one-letter names) and 10 (full names).
 */
final class SendFields {
    private static final int SEND_MESSAGE = 10;
    private static final int SEND_BATCH_MESSAGE = 320;
    private static final int DEFAULT_QUEUE_COUNT = 4;

    private SendFields() {}

    /**
     * Reads a frame.
     *
     * @throws FieldException naming the field that is missing or is no number
     */
    static void read(FrameScan f, SendRequest into) {
        if (f.code() == SEND_MESSAGE) {
            readLong(f, into);
        } else {
            readShort(f, into);
        }
        into.version = f.version();
        into.body.set(f.bytes(), f.bodyAt(), f.bodyBytes());
    }

    private static void readShort(FrameScan f, SendRequest into) {
        f.slice(required(f.field('a'), "a (producerGroup)"), into.group);
        f.slice(required(f.field('b'), "b (topic)"), into.topic);
        f.slice(f.field('c'), into.defaultTopic);
        into.defaultQueueCount = number(f, f.field('d'), DEFAULT_QUEUE_COUNT);
        into.queueId = f.intValue(required(f.field('e'), "e (queueId)"));
        into.sysFlag = number(f, f.field('f'), 0);
        into.bornMillis = longNumber(f, f.field('g'), 0);
        into.flag = number(f, f.field('h'), 0);
        f.slice(f.field('i'), into.properties);
        into.reconsumeTimes = number(f, f.field('j'), 0);
        into.unitMode = truth(f, f.field('k'));
        into.maxReconsumeTimes = number(f, f.field('l'), SendRequest.NO_MAXIMUM);
        into.batch = f.code() == SEND_BATCH_MESSAGE || truth(f, f.field('m'));
    }

    private static void readLong(FrameScan f, SendRequest into) {
        f.slice(required(f.field("producerGroup"), "producerGroup"), into.group);
        f.slice(required(f.field("topic"), "topic"), into.topic);
        f.slice(f.field("defaultTopic"), into.defaultTopic);
        into.defaultQueueCount = number(f, f.field("defaultTopicQueueNums"), DEFAULT_QUEUE_COUNT);
        into.queueId = f.intValue(required(f.field("queueId"), "queueId"));
        into.sysFlag = number(f, f.field("sysFlag"), 0);
        into.bornMillis = longNumber(f, f.field("bornTimestamp"), 0);
        into.flag = number(f, f.field("flag"), 0);
        f.slice(f.field("properties"), into.properties);
        into.reconsumeTimes = number(f, f.field("reconsumeTimes"), 0);
        into.unitMode = truth(f, f.field("unitMode"));
        into.maxReconsumeTimes = number(f, f.field("maxReconsumeTimes"), SendRequest.NO_MAXIMUM);
        into.batch = truth(f, f.field("batch"));
    }

    private static int required(int field, String name) {
        if (field < 0) {
            throw new FieldException("the header field " + name + " is missing");
        }
        return field;
    }

    private static int number(FrameScan f, int field, int otherwise) {
        return field < 0 ? otherwise : f.intValue(field);
    }

    private static long longNumber(FrameScan f, int field, long otherwise) {
        return field < 0 ? otherwise : f.longValue(field);
    }

    private static boolean truth(FrameScan f, int field) {
        return field >= 0 && f.booleanValue(field);
    }
}
