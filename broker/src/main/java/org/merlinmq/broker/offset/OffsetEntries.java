package org.merlinmq.broker.offset;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.state.Journal;
import org.merlinmq.broker.state.StateTypes;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.storage.state.StateChange;

/**
 * Offsets on their way to the journal, in blocks of {@value #QUEUES} queues, as many to a change as it takes.
 *
 * <pre>
 * key    group and topic, each with its length in 2 bytes | block 2: the first queue's number by 8
 * value  queueOffset 8 × up to 8, the block's queues in order; -1 for none
 * </pre>
 */
final class OffsetEntries {
    /** Queues whose offsets are written together. */
    static final int QUEUES = 8;

    private final Journal journal;
    private StateChange change = new StateChange();
    private boolean written;

    OffsetEntries(Journal journal) {
        this.journal = journal;
    }

    /** Adds a block: the queues from a number on, which is a multiple of 8. */
    void put(int type, ConsumeProgress of, int firstQueue, long[] offsets) {
        byte[] key = StateTypes.key(of.group(), of.topic(), firstQueue / QUEUES);
        int end = firstQueue + QUEUES;
        while (end > firstQueue && offsets[end - 1] == ConsumeProgress.NONE) {
            end--;
        }
        if (end == firstQueue) {
            change.remove(type, key);
        } else {
            ByteWriter value = new ByteWriter(QUEUES * Long.BYTES);
            Arrays.stream(offsets, firstQueue, end).forEach(value::putLong);
            change.put(type, key, value.toByteArray());
        }
        if (change.bytes() >= journal.maxBytes()) {
            write();
        }
    }

    /** Adds the removal of one entry. */
    void remove(int type, byte[] key) {
        change.remove(type, key);
    }

    /** Writes what is left; true if there was anything to write at all. */
    boolean write() {
        if (!change.isEmpty()) {
            journal.append(change);
            change = new StateChange();
            written = true;
        }
        return written;
    }

    /** Takes the offsets of a block. */
    @FunctionalInterface
    interface Reader {
        void offset(int queueId, long queueOffset);
    }

    /** Reads an entry's value; null has no offsets. */
    static void read(int block, byte @Nullable [] value, Reader into) {
        ByteBuffer in = ByteBuffer.wrap(value == null ? new byte[0] : value);
        for (int queueId = block * QUEUES; queueId < (block + 1) * QUEUES; queueId++) {
            into.offset(queueId, in.hasRemaining() ? in.getLong() : ConsumeProgress.NONE);
        }
    }

    /** Adds the removal of all blocks of a group in a topic. */
    static void remove(ConsumeProgress of, StateChange from) {
        for (int type : new int[] {StateTypes.OFFSETS, StateTypes.RESETS}) {
            int queues = type == StateTypes.OFFSETS ? of.queues() : of.resetQueues();
            for (int queue = 0; queue < queues; queue += QUEUES) {
                from.remove(type, StateTypes.key(of.group(), of.topic(), queue / QUEUES));
            }
        }
    }
}
