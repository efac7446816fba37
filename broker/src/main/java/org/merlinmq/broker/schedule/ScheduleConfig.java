package org.merlinmq.broker.schedule;

import java.time.Duration;

/**
 * How messages may be delayed.
 *
 * @param levels the named delays (messageDelayLevel)
 * @param timers take TIMER_DELAY_MS, TIMER_DELAY_SEC and TIMER_DELIVER_MS (timerWheelEnable)
 * @param maxDelay the longest delay that a message may ask for by a TIMER property (timerMaxDelaySec)
 * @param recall producers may take delayed messages back (recallMessageEnable)
 */
public record ScheduleConfig(DelayLevels levels, boolean timers, Duration maxDelay, boolean recall) {
    /** Ten years: a limit against mistakes such as microseconds taken for milliseconds. RocketMQ's is three days. */
    public static final Duration MAX_DELAY = Duration.ofDays(3653);

    /** Checks the bounds. */
    public ScheduleConfig {
        if (maxDelay.isNegative() || maxDelay.isZero() || maxDelay.compareTo(Duration.ofDays(36_530)) > 0) {
            throw new IllegalArgumentException(
                    "timerMaxDelaySec must lie between 1 and 3156192000 seconds, not " + maxDelay.toSeconds());
        }
    }

    /** The defaults: RocketMQ's levels, timers on, at most {@link #MAX_DELAY}, recall on. */
    public static ScheduleConfig defaults() {
        return new ScheduleConfig(DelayLevels.STANDARD, true, MAX_DELAY, true);
    }
}
