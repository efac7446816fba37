package org.merlinmq.broker.schedule;

import java.util.Map;
import org.merlinmq.protocol.bytes.Bytes;

/**
 * How far RocketMQ had delivered delayed messages when its store was migrated. Its files are never written here and are
 * read at every start, so that a timer index that is rebuilt leaves out the same messages.
 *
 * <p>Messages delayed after the migration have higher queue offsets and are not covered.
 *
 * @param levels by delay level, the queue offset of the first message that is still to be delivered
 * @param timersTaken how many messages of the timers' queue were entered in RocketMQ's timer wheel
 * @param timersReadMillis the time up to which that wheel was emptied
 */
public record RocketMqDelayProgress(Map<Integer, Long> levels, long timersTaken, long timersReadMillis) {
    /** No progress, as in a store of our own. */
    public static final RocketMqDelayProgress NOTHING = new RocketMqDelayProgress(Map.of(), 0, 0);

    private static final int READ_MILLIS_AT = 0;
    private static final int TAKEN_AT = 16;
    /** What the file of the timers has at least. */
    public static final int TIMER_BYTES = 24;

    private static final long DAY_MILLIS = 86_400_000;

    /** RocketMQ's wheel turns once in two days; what is due later is entered earlier and then put back again. */
    private static final long WHEEL_MILLIS = 2 * DAY_MILLIS;

    /** A message is entered in the wheel a little after it was stored. */
    private static final long SLACK_MILLIS = 60_000;

    /** Keeps the map from changing. */
    public RocketMqDelayProgress {
        levels = Map.copyOf(levels);
    }

    /**
     * Reads RocketMQ's files.
     *
     * @param delayOffsets {@code delayOffset.json}; empty if it is not there
     * @param wheel the file {@code config/timercheck}: big-endian, 8 bytes each: the time up to which the wheel was read, the size
     *     of its log, how many messages were taken into it; empty if it is not there
     * @return the progress
     */
    public static RocketMqDelayProgress read(byte[] delayOffsets, byte[] wheel) {
        Map<Integer, Long> levels = delayOffsets.length == 0 ? Map.of() : DelayOffsets.read(delayOffsets);
        if (wheel.length < TIMER_BYTES) {
            return new RocketMqDelayProgress(levels, 0, 0);
        }
        return new RocketMqDelayProgress(levels, Bytes.getLong(wheel, TAKEN_AT), Bytes.getLong(wheel, READ_MILLIS_AT));
    }

    /**
     * Whether RocketMQ can have written these numbers.
     *
     * @param nowMillis the time
     * @return false if they are of the future, or no numbers of a queue or a time
     */
    public boolean isPossible(long nowMillis) {
        return timersTaken >= 0 && timersReadMillis >= 0 && timersReadMillis < nowMillis + DAY_MILLIS;
    }

    /**
     * The same, as if no message of the timers' queue had been delivered.
     *
     * @return the progress of the levels alone
     */
    public RocketMqDelayProgress withoutTimers() {
        return new RocketMqDelayProgress(levels, 0, 0);
    }

    boolean coversLevel(int level, long queueOffset) {
        return queueOffset < levels.getOrDefault(level, 0L);
    }

    /** Whether a timer message was delivered, or put back for the wheel's next turn: then its successor counts. */
    boolean coversTimer(long queueOffset, long storeMillis, long dueMillis) {
        if (queueOffset >= timersTaken) {
            return false;
        }
        long delay = dueMillis - storeMillis;
        if (delay < WHEEL_MILLIS) {
            return dueMillis < timersReadMillis;
        }
        // Half a turn for what is then due within the next, so that the last wait is not short; else a whole one.
        long turn = delay - WHEEL_MILLIS < WHEEL_MILLIS / 3 ? WHEEL_MILLIS / 2 : WHEEL_MILLIS;
        return storeMillis + turn + SLACK_MILLIS < timersReadMillis;
    }
}
