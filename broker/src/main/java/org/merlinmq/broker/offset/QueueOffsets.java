package org.merlinmq.broker.offset;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * An offset for each queue of a topic; room is made for a queue when it first gets one.
 *
 * <p>Offsets stand in blocks that never move: more room is more blocks, so that what one thread sets while another makes
 * room is not lost.
 *
 * <p>Threading: any thread, lock-free, except that room is made under this object's monitor.
 * <p>Units: queue offsets; {@link ConsumeProgress#NONE} stands for no offset.
 */
final class QueueOffsets {
    private static final int BLOCK = OffsetEntries.QUEUES;

    private volatile AtomicLongArray[] blocks = {};

    /** How many queues there is room for; those without an offset among them. */
    int length() {
        return blocks.length * BLOCK;
    }

    long get(int queueId) {
        AtomicLongArray[] now = blocks;
        return queueId >= 0 && queueId < now.length * BLOCK
                ? now[queueId / BLOCK].get(queueId % BLOCK)
                : ConsumeProgress.NONE;
    }

    /** Sets the offset of a queue; the number is from 0, and its caller has looked at how high it is. */
    void set(int queueId, long queueOffset) {
        blockOf(queueId).set(queueId % BLOCK, queueOffset);
    }

    /** Takes the offset of a queue: of those who call at the same time, one gets it. */
    long take(int queueId) {
        return get(queueId) == ConsumeProgress.NONE
                ? ConsumeProgress.NONE
                : blockOf(queueId).getAndSet(queueId % BLOCK, ConsumeProgress.NONE);
    }

    private AtomicLongArray blockOf(int queueId) {
        AtomicLongArray[] now = blocks;
        int block = queueId / BLOCK;
        return block < now.length ? now[block] : withRoom(block);
    }

    private synchronized AtomicLongArray withRoom(int block) {
        AtomicLongArray[] now = blocks;
        if (block >= now.length) {
            AtomicLongArray[] more = Arrays.copyOf(now, block + 1);
            for (int i = now.length; i < more.length; i++) {
                more[i] = empty();
            }
            blocks = more;
            now = more;
        }
        return now[block];
    }

    private static AtomicLongArray empty() {
        long[] none = new long[BLOCK];
        Arrays.fill(none, ConsumeProgress.NONE);
        return new AtomicLongArray(none);
    }

    @Override
    public String toString() {
        return Arrays.toString(blocks);
    }
}
