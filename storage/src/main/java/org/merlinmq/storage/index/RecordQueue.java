package org.merlinmq.storage.index;

/**
 * A queue as the log sees it: it numbers its records.
 *
 * <p>Threading: under the append lock.
 */
public interface RecordQueue {
    /** The topic's name. */
    String topic();

    /**
     * Takes the next queue offsets, for records that are about to be written.
     *
     * @param count how many
     * @return the first of them; -1 if the topic was deleted
     */
    long reserve(int count);

    /**
     * Gives back the newest reservations, for records that are not written.
     *
     * @param queueOffset the first offset given back; all above it are given back too
     */
    void unreserve(long queueOffset);

    /**
     * Reads what the append of a record will use, to have it in the cache when it is used under the lock. On any thread.
     *
     * @return anything
     */
    long touch();
}
