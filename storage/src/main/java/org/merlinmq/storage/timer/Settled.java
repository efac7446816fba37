package org.merlinmq.storage.timer;

/**
 * The end of a timer, kept until a flush has made it durable.
 *
 * @param dueMillis of the timer; {@link #UNKNOWN} until it was looked up
 * @param byLogOffset the record that ended it
 */
record Settled(long dueMillis, long byLogOffset) {

    static final long UNKNOWN = -1;

    boolean isKnown() {
        return dueMillis != UNKNOWN;
    }
}
