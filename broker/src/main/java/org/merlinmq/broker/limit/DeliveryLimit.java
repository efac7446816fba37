package org.merlinmq.broker.limit;

import org.jspecify.annotations.Nullable;

/**
 * The limits that hold for a pull: of its topic and of its group.
 *
 * <p>Threading: any thread, without a lock.
 *
 * <p>Units: nanoseconds; bytes are those of records.
 *
 * @param ofTopic null if the topic has none
 * @param ofGroup null if the group has none
 */
public record DeliveryLimit(
        @Nullable RateLimit ofTopic, @Nullable RateLimit ofGroup) {
    /**
     * Joins two limits.
     *
     * @param ofTopic null if the topic has none
     * @param ofGroup null if the group has none
     * @return null if there is neither
     */
    public static @Nullable DeliveryLimit of(@Nullable RateLimit ofTopic, @Nullable RateLimit ofGroup) {
        return ofTopic == null && ofGroup == null ? null : new DeliveryLimit(ofTopic, ofGroup);
    }

    /**
     * As {@link RateLimit#waitNanos}, of both.
     *
     * @param nowNanos the time
     * @param most how many messages an answer has otherwise
     * @return 0 if it may go now
     */
    public long waitNanos(long nowNanos, int most) {
        return Math.max(
                ofTopic == null ? 0 : ofTopic.waitNanos(nowNanos, most),
                ofGroup == null ? 0 : ofGroup.waitNanos(nowNanos, most));
    }

    /**
     * As {@link RateLimit#messagesNow}, of both.
     *
     * @param nowNanos the time
     * @param most how many there would be otherwise
     * @return 1 or more
     */
    public int messagesNow(long nowNanos, int most) {
        int messages = ofTopic == null ? most : ofTopic.messagesNow(nowNanos, most);
        return ofGroup == null ? messages : ofGroup.messagesNow(nowNanos, messages);
    }

    /**
     * As {@link RateLimit#bytesNow}, of both.
     *
     * @param nowNanos the time
     * @param most how many there would be otherwise
     * @return bytes
     */
    public int bytesNow(long nowNanos, int most) {
        int bytes = ofTopic == null ? most : ofTopic.bytesNow(nowNanos, most);
        return ofGroup == null ? bytes : ofGroup.bytesNow(nowNanos, bytes);
    }

    /**
     * Takes what an answer had from both.
     *
     * @param nowNanos the time
     * @param messages how many
     * @param bytes of their records
     */
    public void take(long nowNanos, int messages, int bytes) {
        if (ofTopic != null) {
            ofTopic.take(nowNanos, messages, bytes);
        }
        if (ofGroup != null) {
            ofGroup.take(nowNanos, messages, bytes);
        }
    }

    /** Counts a pull that begins to wait, at both. */
    public void waits() {
        if (ofTopic != null) {
            ofTopic.waits();
        }
        if (ofGroup != null) {
            ofGroup.waits();
        }
    }

    /** Counts a pull that waits no more. */
    public void waitEnded() {
        if (ofTopic != null) {
            ofTopic.waitEnded();
        }
        if (ofGroup != null) {
            ofGroup.waitEnded();
        }
    }
}
