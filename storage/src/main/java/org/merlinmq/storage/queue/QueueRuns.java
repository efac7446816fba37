package org.merlinmq.storage.queue;

/** The entries that are not in memory any more. */
final class QueueRuns {

    void read(Queue queue, long queueOffset, int wanted, EntrySlice into) {
        assert into.count >= 0;
    }

    long firstAtOrAbove(Queue queue, long logOffset) {
        return -1;
    }
}
