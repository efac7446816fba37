package org.merlinmq.broker.schedule;

import org.merlinmq.protocol.message.PropertyBytes;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.storage.facts.RecordFacts;
import org.merlinmq.storage.facts.RecordRule;

/**
 * Knows from a record in the log whether and until when it is delayed: for indexes that are built from the log, after a
 * crash or from a store that RocketMQ wrote.
 *
 * <p>Only the topic decides. A delivered copy still carries its delay among its properties and is not delayed again.
 *
 * <p>Threading: immutable.
 */
public final class DelayedRecords implements RecordRule {
    private final DelayLevels levels;
    private final RocketMqDelayProgress before;

    /**
     * A rule for a log.
     *
     * @param levels the delay levels
     * @param before what RocketMQ had delivered when its store was taken over
     */
    public DelayedRecords(DelayLevels levels, RocketMqDelayProgress before) {
        this.levels = levels;
        this.before = before;
    }

    @Override
    public void refine(RecordView record, RecordFacts facts) {
        if (CarriedRecord.isOfLevel(record)) {
            long due = dueMillis(record);
            facts.tagsCode(due);
            // RocketMQ carries none over: whatever its offsets say, it has not delivered one of ours.
            boolean delivered = !carriesDue(record) && before.coversLevel(record.queueId() + 1, record.queueOffset());
            facts.due(delivered ? 0 : due);
        } else if (CarriedRecord.isOf(record, ScheduleTopics.TIMERS_BYTES)) {
            boolean delivered = before.coversTimer(record.queueOffset(), record.storeMillis(), timerDue(record));
            facts.due(delivered ? 0 : dueMillis(record));
        }
    }

    /**
     * When a record of the schedule is due, by what it says of itself. One that asks for a cancellation is due a millisecond
     * before the message that it names.
     *
     * @param record the record
     * @return milliseconds since 1970; 0 if it is of another topic, or records that another one was cancelled
     */
    long dueMillis(RecordView record) {
        if (CarriedRecord.isOfLevel(record)) {
            return carriesDue(record) ? timerDue(record) : levelDue(record);
        }
        if (!CarriedRecord.isOf(record, ScheduleTopics.TIMERS_BYTES) || recordsCancellation(record)) {
            return 0;
        }
        long due = timerDue(record);
        return due > 0 && asksToCancel(record) ? Math.max(1, due - 1) : due;
    }

    /** Whether a record is no message, but says that the one it names was cancelled. */
    static boolean recordsCancellation(RecordView record) {
        return has(record, ScheduleTopics.CANCELLED_BY);
    }

    /** Whether a record is no message, but asks that one be cancelled. */
    static boolean asksToCancel(RecordView record) {
        return has(record, ScheduleTopics.TIMER_DEL_UNIQKEY);
    }

    private static boolean has(RecordView record, byte[] property) {
        return PropertyBytes.find(record.bytes(), record.propertiesAt(), record.propertiesBytes(), property) >= 0;
    }

    private static boolean carriesDue(RecordView record) {
        return CarriedRecord.hasDue(record) && timerDue(record) > 0;
    }

    private long levelDue(RecordView record) {
        int level = Math.clamp(record.queueId() + 1L, 1, levels.max());
        return record.storeMillis() + levels.millis(level);
    }

    private static long timerDue(RecordView record) {
        byte[] b = record.bytes();
        int at = record.propertiesAt();
        int end = at + record.propertiesBytes();
        int value = PropertyBytes.find(b, at, record.propertiesBytes(), ScheduleTopics.TIMER_OUT_MS);
        if (value < 0) {
            return 0;
        }
        long due = 0;
        for (int i = value; i < value + PropertyBytes.valueBytes(b, value, end); i++) {
            int digit = b[i] - '0';
            if (digit < 0 || digit > 9 || due > Long.MAX_VALUE / 10 - 9) {
                return 0;
            }
            due = due * 10 + digit;
        }
        return due;
    }
}
