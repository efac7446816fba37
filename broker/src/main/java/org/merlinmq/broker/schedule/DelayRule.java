package org.merlinmq.broker.schedule;

import static org.merlinmq.broker.schedule.ScheduleTopics.NAME_END;
import static org.merlinmq.broker.schedule.ScheduleTopics.VALUE_END;

import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.message.PropertyBytes;
import org.merlinmq.storage.facts.RecordFacts;

/**
 * Says whether and until when a message is to be held back, and how its record is changed for that: it is stored under
 * a topic of the schedule, with its own topic and queue among its properties.
 *
 * <p>A delay level wins over the timer properties, which are then not stored. Of these, the delay in seconds wins over
 * the one in milliseconds and that over the time of delivery. A time that has passed means no delay. Times are kept to
 * the millisecond, where RocketMQ rounds to seconds.
 *
 * <p>Use: {@link #decide}; on {@link #HELD} store the record under {@link #topic()} and {@link #queueId()}, with the
 * properties that {@link #writeProperties} writes.
 *
 * <p>Threading: one per event loop, reused for each message that has a property DELAY or TIMER_…; allocates nothing.
 */
public final class DelayRule {
    /** To be delivered at once; the properties stay as they are. */
    public static final int AT_ONCE = 0;

    /** To be held back. */
    public static final int HELD = 1;

    /** Asks for more than the longest delay, or for no level or number: to be refused as MESSAGE_ILLEGAL. */
    public static final int REFUSED = 2;

    private static final long NONE = Long.MIN_VALUE;

    private final ScheduleConfig config;
    private final long maxDelayMillis;

    private int level;
    private long deliverMillis;
    private long delaySeconds;
    private long delayMillis;
    private boolean malformed;
    private boolean malformedLevel;
    private boolean cancels;

    private byte[] topic = ScheduleTopics.LEVELS_BYTES;
    private int queueId;
    private long dueMillis;

    /**
     * A rule, to be used by one event loop.
     *
     * @param config levels and limits
     */
    public DelayRule(ScheduleConfig config) {
        this.config = config;
        this.maxDelayMillis = config.maxDelay().toMillis();
    }

    /**
     * Decides on a message by its properties.
     *
     * @param bytes where its properties stand
     * @param at their first byte
     * @param length their length
     * @param nowMillis the time
     * @return {@link #AT_ONCE}, {@link #HELD} or {@link #REFUSED}
     */
    public int decide(byte[] bytes, int at, int length, long nowMillis) {
        scan(bytes, at, length);
        if (malformedLevel) {
            return REFUSED;
        }
        if (level > 0) {
            level = Math.min(level, config.levels().max());
            topic = ScheduleTopics.LEVELS_BYTES;
            queueId = level - 1;
            dueMillis = nowMillis + config.levels().millis(level);
            return HELD;
        }
        if (malformed) {
            return REFUSED;
        }
        if (!config.timers()) {
            return AT_ONCE;
        }
        return timer(nowMillis);
    }

    private int timer(long nowMillis) {
        long due;
        if (delaySeconds != NONE) {
            due = delaySeconds > maxDelayMillis / 1000 ? Long.MAX_VALUE : nowMillis + delaySeconds * 1000;
        } else if (delayMillis != NONE) {
            due = delayMillis > maxDelayMillis ? Long.MAX_VALUE : nowMillis + delayMillis;
        } else if (deliverMillis != NONE) {
            due = deliverMillis;
        } else {
            return AT_ONCE;
        }
        if (due <= nowMillis) {
            return AT_ONCE;
        }
        if (due - nowMillis > maxDelayMillis) {
            return REFUSED;
        }
        topic = ScheduleTopics.TIMERS_BYTES;
        queueId = 0;
        dueMillis = due;
        return HELD;
    }

    private void scan(byte[] b, int at, int length) {
        level = 0;
        deliverMillis = NONE;
        delaySeconds = NONE;
        delayMillis = NONE;
        malformed = false;
        malformedLevel = false;
        cancels = false;
        int end = at + length;
        for (int item = at; item < end; ) {
            int itemEnd = until(b, item, end, VALUE_END);
            int nameEnd = until(b, item, itemEnd, NAME_END);
            if (nameEnd > item && nameEnd + 1 < itemEnd) {
                property(b, item, nameEnd - item, nameEnd + 1, itemEnd - nameEnd - 1);
            }
            item = itemEnd + 1;
        }
    }

    private void property(byte[] b, int name, int nameBytes, int value, int valueBytes) {
        if (is(b, name, nameBytes, ScheduleTopics.DELAY)) {
            long asked = number(b, value, valueBytes);
            malformedLevel = asked < 0;
            level = Math.clamp(asked, 0, Integer.MAX_VALUE);
        } else if (is(b, name, nameBytes, ScheduleTopics.TIMER_DELAY_SEC)) {
            delaySeconds = timerNumber(b, value, valueBytes);
        } else if (is(b, name, nameBytes, ScheduleTopics.TIMER_DELAY_MS)) {
            delayMillis = timerNumber(b, value, valueBytes);
        } else if (is(b, name, nameBytes, ScheduleTopics.TIMER_DELIVER_MS)) {
            deliverMillis = timerNumber(b, value, valueBytes);
        } else if (is(b, name, nameBytes, ScheduleTopics.TIMER_DEL_UNIQKEY)) {
            cancels = true;
        }
    }

    private long timerNumber(byte[] b, int at, int length) {
        long number = number(b, at, length);
        malformed |= number == NONE;
        return number;
    }

    /** The number, or {@link #NONE} if it is none: without the exception that a general parser would make. */
    private static long number(byte[] b, int at, int length) {
        boolean negative = b[at] == '-';
        long number = 0;
        int digits = at + (negative ? 1 : 0);
        if (digits == at + length || length > 18) {
            return NONE;
        }
        for (int i = digits; i < at + length; i++) {
            int digit = b[i] - '0';
            if (digit < 0 || digit > 9) {
                return NONE;
            }
            number = number * 10 + digit;
        }
        return negative ? -number : number;
    }

    /**
     * Why the message was {@link #REFUSED}.
     *
     * @param bytes where its properties stand, as given to {@link #decide}
     * @param at their first byte
     * @param length their length
     * @return a sentence
     */
    public String refusal(byte[] bytes, int at, int length) {
        if (!malformedLevel) {
            return "the delay is no number, or longer than the longest allowed: " + config.maxDelay();
        }
        int value = PropertyBytes.find(bytes, at, length, ScheduleTopics.DELAY);
        String asked = Bytes.text(bytes, value, PropertyBytes.valueBytes(bytes, value, at + length));
        return "DELAY=" + asked + " is no delay level; levels are the whole numbers from 1 to "
                + config.levels().max() + ", and 0 is no delay";
    }

    /** The name of the topic that a held record is stored under; not to be changed. */
    public byte[] topic() {
        return topic;
    }

    /** The id of the queue that a held record is stored in. */
    public int queueId() {
        return queueId;
    }

    /**
     * When a held message is to be delivered; of a delay level a little later, if it is stored later.
     *
     * @return milliseconds since 1970
     */
    public long dueMillis() {
        return dueMillis;
    }

    /**
     * Says of a held record when it is due: that of a delay level its delay after the store takes it, that of a timer at its
     * time.
     *
     * @param facts takes it
     */
    public void describe(RecordFacts facts) {
        if (isLevel()) {
            facts.dueAfterStore(config.levels().millis(level));
        } else {
            // What asks for a cancellation has to come first: see DelayedRecords.
            facts.due(cancels ? Math.max(1, dueMillis - 1) : dueMillis);
        }
    }

    private boolean isLevel() {
        return level > 0;
    }

    /** Whether a held message can be taken back by a handle: one of a level cannot, as with RocketMQ. */
    public boolean isRecallable() {
        return !isLevel() && !cancels;
    }

    /**
     * Writes the properties of a held record: those of the message, without the timer properties if a level wins, and
     * where the message belongs.
     *
     * @param bytes where the message's properties stand
     * @param at their first byte
     * @param length their length
     * @param realTopic the message's own topic
     * @param realTopicAt its first byte
     * @param realTopicBytes its length
     * @param realQueueId the message's own queue
     * @param out takes the properties string, closed by 0x02
     */
    public void writeProperties(
            byte[] bytes,
            int at,
            int length,
            byte[] realTopic,
            int realTopicAt,
            int realTopicBytes,
            int realQueueId,
            ByteWriter out) {
        copyWithout(bytes, at, length, isLevel(), out);
        out.put(ScheduleTopics.REAL_TOPIC).putByte(NAME_END);
        out.put(realTopic, realTopicAt, realTopicBytes).putByte(VALUE_END);
        out.put(ScheduleTopics.REAL_QID)
                .putByte(NAME_END)
                .putDecimal(realQueueId)
                .putByte(VALUE_END);
        if (!isLevel()) {
            out.put(ScheduleTopics.TIMER_OUT_MS)
                    .putByte(NAME_END)
                    .putDecimal(dueMillis)
                    .putByte(VALUE_END);
        }
    }

    /** Items that the broker itself writes are left out, so that each stands there once. */
    private static void copyWithout(byte[] b, int at, int length, boolean dropTimers, ByteWriter out) {
        int end = at + length;
        for (int item = at; item < end; ) {
            int itemEnd = until(b, item, end, VALUE_END);
            int nameBytes = until(b, item, itemEnd, NAME_END) - item;
            boolean drop = is(b, item, nameBytes, ScheduleTopics.REAL_TOPIC)
                    || is(b, item, nameBytes, ScheduleTopics.REAL_QID)
                    || is(b, item, nameBytes, ScheduleTopics.TIMER_OUT_MS)
                    || is(b, item, nameBytes, ScheduleTopics.CANCELLED_BY)
                    || (dropTimers && isTimer(b, item, nameBytes));
            if (!drop && itemEnd > item) {
                out.put(b, item, itemEnd - item).putByte(VALUE_END);
            }
            item = itemEnd + 1;
        }
    }

    private static boolean isTimer(byte[] b, int at, int length) {
        return is(b, at, length, ScheduleTopics.TIMER_DELIVER_MS)
                || is(b, at, length, ScheduleTopics.TIMER_DELAY_MS)
                || is(b, at, length, ScheduleTopics.TIMER_DELAY_SEC);
    }

    private static boolean is(byte[] b, int at, int length, byte[] name) {
        return length == name.length && Bytes.equals(b, at, name, 0, length);
    }

    private static int until(byte[] b, int from, int end, byte stop) {
        int at = from;
        while (at < end && b[at] != stop) {
            at++;
        }
        return at;
    }
}
