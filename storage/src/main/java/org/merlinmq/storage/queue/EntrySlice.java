package org.merlinmq.storage.queue;

/**
 * Room for consecutive entries of one queue, filled by {@link Queue#read} and used again for the next read.
 *
 * <p>Threading: owned by one thread.
 */
public final class EntrySlice {

    /** Where each record begins in the log. */
    public final long[] logOffset;

    /** Bytes of each record; 0 for a record that was lost to damage of the log: skip it. */
    public final int[] size;

    /** CRC32C of each record as it lies in the log. */
    public final int[] crc;

    /** Hash of each message's tag, or what the queue keeps in its place. */
    public final long[] tagsCode;

    /** Entries filled by the last read. */
    public int count;

    /** Whether whoever reads the records passes over many others, as through a filter; kept when the slice is filled. */
    public boolean filtered;

    /** Room for as many entries as they lie in a run. */
    private final long[] longs;

    /**
     * Makes room.
     *
     * @param capacity the most entries that one read fills
     */
    public EntrySlice(int capacity) {
        logOffset = new long[capacity];
        size = new int[capacity];
        crc = new int[capacity];
        tagsCode = new long[capacity];
        longs = new long[capacity * TailChunk.LONGS];
    }

    /** Room of this slice: the most entries that one read fills. */
    public int capacity() {
        return size.length;
    }

    long[] longs() {
        return longs;
    }

    /**
     * Adds one entry at the end.
     *
     * @param logOffset where the record begins
     * @param size bytes of the record
     * @param crc CRC32C of the record
     * @param tagsCode hash of the tag
     */
    public void add(long logOffset, int size, int crc, long tagsCode) {
        int i = count++;
        this.logOffset[i] = logOffset;
        this.size[i] = size;
        this.crc[i] = crc;
        this.tagsCode[i] = tagsCode;
    }
}
