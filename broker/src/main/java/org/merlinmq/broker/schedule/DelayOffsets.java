package org.merlinmq.broker.schedule;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.storage.queue.EntrySlice;
import org.merlinmq.storage.queue.Queue;

/**
 * How far each delay level has been delivered, as RocketMQ counts it: one offset for each queue of {@code
 * SCHEDULE_TOPIC_XXXX}. This broker keeps no such offsets; what is pending stands in the timer index. They are worked
 * out from the queue entries, which hold times of delivery in place of tag hashes.
 *
 * <p>Format of {@code delayOffset.json} and of the answer to request 45: {@code {"offsetTable":{"level":queueOffset}}}.
 */
public final class DelayOffsets {
    private DelayOffsets() {}

    /** Finds a level's queue. */
    @FunctionalInterface
    public interface LevelQueues {
        /**
         * The queue of a level.
         *
         * @param level from 1
         * @return null if no message ever had this level
         */
        @Nullable Queue queue(int level);
    }

    /**
     * The first message of each level that is not due yet.
     *
     * @param levels the delay levels
     * @param queues their queues
     * @param nowMillis the time
     * @return queue offset by level, for levels that were ever used
     */
    public static Map<Integer, Long> at(DelayLevels levels, LevelQueues queues, long nowMillis) {
        Map<Integer, Long> offsets = new TreeMap<>();
        for (int level = 1; level <= levels.max(); level++) {
            Queue queue = queues.queue(level);
            if (queue != null) {
                offsets.put(level, firstAfter(queue, nowMillis));
            }
        }
        return offsets;
    }

    /**
     * Entries of one level come in the order of their due times, but for those that were relocated to the log's end:
     * around these the offset is only about right.
     */
    private static long firstAfter(Queue queue, long nowMillis) {
        EntrySlice one = new EntrySlice(1);
        long low = queue.minOffset();
        long high = queue.maxOffset();
        while (low < high) {
            long middle = (low + high) >>> 1;
            if (queue.readStored(middle, 1, one) == 1 && one.tagsCode[0] > nowMillis) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    /**
     * Reads {@code delayOffset.json}.
     *
     * @param text the file's text
     * @return queue offset by level
     */
    public static Map<Integer, Long> read(byte[] text) {
        Map<Integer, Long> offsets = new TreeMap<>();
        for (JsonObject.Member entry : JsonReader.readObject(text).membersOf("offsetTable")) {
            long level = entry.keyNumber();
            if (level == (int) level) {
                offsets.put((int) level, entry.number());
            }
        }
        return offsets;
    }
}
