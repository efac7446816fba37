package org.merlinmq.storage.queue;

/**
 * A stretch of a queue's tail: entries of three longs each (log offset; size and CRC; tags code) in one array.
 *
 * <p>Threading: written by the appender; an entry never changes once the queue's maximum has passed it.
 */
final class TailChunk {

    static final int FIRST_CAPACITY = 4;
    static final int MAX_CAPACITY = 2048;
    static final int LONGS = 3;

    final long first;
    final long[] entries;

    TailChunk(long first, int capacity) {
        this.first = first;
        entries = new long[capacity * LONGS];
    }

    int capacity() {
        return entries.length / LONGS;
    }

    /** The first queue offset that has no room here. */
    long limit() {
        return first + capacity();
    }

    /** Writes an entry into a chunk's array: the queue keeps the array of its newest chunk at hand. */
    static void put(long[] entries, int slot, long logOffset, int size, int crc, long tagsCode) {
        int at = slot * LONGS;
        entries[at] = logOffset;
        entries[at + 1] = ((long) size << 32) | (crc & 0xFFFF_FFFFL);
        entries[at + 2] = tagsCode;
    }

    long logOffset(long queueOffset) {
        return entries[(int) (queueOffset - first) * LONGS];
    }

    long sizeAndCrc(long queueOffset) {
        return entries[(int) (queueOffset - first) * LONGS + 1];
    }

    long tagsCode(long queueOffset) {
        return entries[(int) (queueOffset - first) * LONGS + 2];
    }

    void copy(long queueOffset, int count, EntrySlice into) {
        add(entries, (int) (queueOffset - first), count, into);
    }

    /** Adds entries to a slice that lie in an array as in a chunk's, and in a run. */
    static void add(long[] entries, int slot, int count, EntrySlice into) {
        for (int i = 0, at = slot * LONGS; i < count; i++, at += LONGS) {
            long sizeAndCrc = entries[at + 1];
            into.add(entries[at], (int) (sizeAndCrc >>> 32), (int) sizeAndCrc, entries[at + 2]);
        }
    }
}
