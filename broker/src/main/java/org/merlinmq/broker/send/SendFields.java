package org.merlinmq.broker.send;

import org.merlinmq.protocol.frame.FieldException;
import org.merlinmq.protocol.frame.FrameScan;

/**
 * The header fields of a send, read in place from either of their two spellings.
 *
 * <p>Threading: one per event loop, reused for each request.
 *
 * <p>Source: requests 310 and 320 (one-letter names) and 10 (full names).
 */
final class SendFields {
    static final int SEND_MESSAGE = 10;
    static final int SEND_MESSAGE_V2 = 310;
    static final int SEND_BATCH_MESSAGE = 320;

    /** Indexes into the scan; -1 where absent. */
    int topic;

    int defaultTopic;
    int properties;
    int producerGroup;

    int queueId;
    int sysFlag;
    int flag;
    int reconsumeTimes;
    int defaultQueueCount;
    /** -1 where absent. */
    int maxReconsumeTimes;

    long bornMillis;
    boolean unitMode;
    boolean batch;

    /**
     * Reads the fields.
     *
     * @throws FieldException naming the field that is missing or is no number
     */
    void read(FrameScan f) {
        if (f.code() == SEND_MESSAGE) {
            readLong(f);
        } else {
            readShort(f);
        }
    }

    private void readShort(FrameScan f) {
        producerGroup = required(f.field('a'), "a (producerGroup)");
        topic = required(f.field('b'), "b (topic)");
        defaultTopic = f.field('c');
        defaultQueueCount = number(f, f.field('d'), 4);
        queueId = number(f, required(f.field('e'), "e (queueId)"), -1);
        sysFlag = number(f, f.field('f'), 0);
        bornMillis = longNumber(f, f.field('g'), 0);
        flag = number(f, f.field('h'), 0);
        properties = f.field('i');
        reconsumeTimes = number(f, f.field('j'), 0);
        unitMode = truth(f, f.field('k'));
        maxReconsumeTimes = number(f, f.field('l'), -1);
        batch = f.code() == SEND_BATCH_MESSAGE || truth(f, f.field('m'));
    }

    private void readLong(FrameScan f) {
        producerGroup = required(f.field("producerGroup"), "producerGroup");
        topic = required(f.field("topic"), "topic");
        defaultTopic = f.field("defaultTopic");
        defaultQueueCount = number(f, f.field("defaultTopicQueueNums"), 4);
        queueId = number(f, required(f.field("queueId"), "queueId"), -1);
        sysFlag = number(f, f.field("sysFlag"), 0);
        bornMillis = longNumber(f, f.field("bornTimestamp"), 0);
        flag = number(f, f.field("flag"), 0);
        properties = f.field("properties");
        reconsumeTimes = number(f, f.field("reconsumeTimes"), 0);
        unitMode = truth(f, f.field("unitMode"));
        maxReconsumeTimes = number(f, f.field("maxReconsumeTimes"), -1);
        batch = truth(f, f.field("batch"));
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
