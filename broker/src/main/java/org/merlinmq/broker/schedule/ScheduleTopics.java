package org.merlinmq.broker.schedule;

import org.merlinmq.protocol.bytes.Bytes;

/** The topics and properties that delayed messages are stored under, in the protocol's own names. */
public final class ScheduleTopics {
    /** Where a message with a delay level waits, in queue level − 1. */
    public static final String LEVELS = "SCHEDULE_TOPIC_XXXX";

    /** Where a message with any other delay waits, in queue 0. */
    public static final String TIMERS = "rmq_sys_wheel_timer";

    static final byte[] LEVELS_BYTES = Bytes.ascii(LEVELS);
    static final byte[] TIMERS_BYTES = Bytes.ascii(TIMERS);

    static final byte[] DELAY = Bytes.ascii("DELAY");
    static final byte[] REAL_TOPIC = Bytes.ascii("REAL_TOPIC");
    static final byte[] REAL_QID = Bytes.ascii("REAL_QID");
    static final byte[] TIMER_DELIVER_MS = Bytes.ascii("TIMER_DELIVER_MS");
    static final byte[] TIMER_DELAY_SEC = Bytes.ascii("TIMER_DELAY_SEC");
    static final byte[] TIMER_DELAY_MS = Bytes.ascii("TIMER_DELAY_MS");
    static final byte[] TIMER_OUT_MS = Bytes.ascii("TIMER_OUT_MS");
    static final byte[] TIMER_ENQUEUE_MS = Bytes.ascii("TIMER_ENQUEUE_MS");
    static final byte[] TIMER_DEQUEUE_MS = Bytes.ascii("TIMER_DEQUEUE_MS");

    /** Names the delayed message that a record cancels, as RocketMQ and its applications write it. */
    static final byte[] TIMER_DEL_UNIQKEY = Bytes.ascii("TIMER_DEL_UNIQKEY");

    /** Ours: the record has cancelled the one that it names, and is itself not delayed. Its value says on whose behalf. */
    static final byte[] CANCELLED_BY = Bytes.ascii("MERLIN_CANCELLED_BY");

    static final byte NAME_END = 1;
    static final byte VALUE_END = 2;

    private ScheduleTopics() {}
}
