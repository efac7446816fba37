package org.merlinmq.storage.timer;

/**
 * A place in the order of all timers, which is by due time and then by log offset.
 *
 * @param dueMillis a due time
 * @param logOffset among timers due at that time, the place is before this one
 */
record Place(long dueMillis, long logOffset) {

    /** Whether a timer comes before this place. */
    boolean isBehind(long due, long at) {
        return due < dueMillis || (due == dueMillis && at < logOffset);
    }

    boolean isBehind(Place other) {
        return isBehind(other.dueMillis, other.logOffset);
    }
}
