package org.merlinmq.storage;

import org.merlinmq.storage.log.LogReader;
import org.merlinmq.storage.queue.EntrySlice;
import org.merlinmq.storage.queue.Queue;

/** Finds a message of a queue by its store time, which grows with the queue offset: a binary search over the log. */
final class TimeSearch {
    private final LogReader log;
    private final Queue queue;
    private final EntrySlice one = new EntrySlice(1);

    TimeSearch(LogReader log, Queue queue) {
        this.log = log;
        this.queue = queue;
    }

    long find(long timeMillis, boolean upper) {
        long min = queue.minOffset();
        if (!upper) {
            return firstFrom(timeMillis, min);
        }
        long later = timeMillis == Long.MAX_VALUE ? queue.readableOffset() : firstFrom(timeMillis + 1, min);
        return Math.max(min, later - 1);
    }

    /** The first message that was stored at the time or later. */
    private long firstFrom(long timeMillis, long min) {
        long low = min;
        long high = queue.readableOffset();
        while (low < high) {
            long middle = (low + high) >>> 1;
            if (storeMillis(middle) < timeMillis) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** A message that was deleted meanwhile counts as older than all. */
    private long storeMillis(long queueOffset) {
        return queue.read(queueOffset, 1, one) == 0 ? -1 : log.storeMillisAt(one.logOffset[0]);
    }
}
