package org.merlinmq.broker.offset;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.storage.Storage;
import org.merlinmq.storage.queue.EntrySlice;
import org.merlinmq.storage.queue.Queue;

/**
 * Single messages of a queue, for what is asked rarely: their records and when they were stored.
 *
 * <p>Threading: any thread that may wait for the disk.
 */
public final class StoredMessages {
    /** Of no message. */
    public static final long NO_TIME = -1;

    private final Storage storage;
    private final long inMemoryBytes;

    /**
     * Messages of a store.
     *
     * @param storage the store
     * @param inMemoryBytes how much of the log's end counts as young (accessMessageInMemoryMaxRatio of the memory)
     */
    public StoredMessages(Storage storage, long inMemoryBytes) {
        this.storage = storage;
        this.inMemoryBytes = inMemoryBytes;
    }

    /**
     * A queue that has or had messages.
     *
     * @param topic its topic
     * @param queueId its id
     * @return null if nothing was ever stored in it
     */
    public @Nullable Queue queue(String topic, int queueId) {
        return queueId < 0 ? null : storage.findQueue(topic, queueId);
    }

    /**
     * Where a message's record lies.
     *
     * @param queue its queue
     * @param queueOffset its place there
     * @return the log offset, or −1 if there is no such message
     */
    public long logOffset(Queue queue, long queueOffset) {
        EntrySlice one = new EntrySlice(1);
        return queueOffset >= queue.minOffset() && queue.readStored(queueOffset, 1, one) == 1 ? one.logOffset[0] : -1;
    }

    /**
     * A message's record.
     *
     * @param queue its queue
     * @param queueOffset its place there
     * @return the record, or null if there is no such message
     */
    public @Nullable RecordView record(Queue queue, long queueOffset) {
        long logOffset = logOffset(queue, queueOffset);
        return logOffset < 0 ? null : record(logOffset);
    }

    /**
     * The record at a place in the log.
     *
     * @param logOffset the place
     * @return the record, or null if none begins there
     */
    public @Nullable RecordView record(long logOffset) {
        byte[] bytes = storage.readRecord(logOffset);
        if (bytes == null) {
            return null;
        }
        RecordView view = new RecordView();
        return view.on(bytes, 0, bytes.length) ? view : null;
    }

    /**
     * A message that its queue holds: of records in the log, those of a deleted topic are no messages any more, also if a
     * topic of that name was made again.
     *
     * @param logOffset where its record lies
     * @return the record, or null if none begins there or its queue does not hold it
     */
    public @Nullable RecordView message(long logOffset) {
        RecordView record = record(logOffset);
        if (record == null) {
            return null;
        }
        Queue queue = queue(record.topic(), record.queueId());
        return queue != null && logOffset(queue, record.queueOffset()) == logOffset ? record : null;
    }

    /**
     * When a message was stored.
     *
     * @param queue its queue
     * @param queueOffset its place there
     * @return milliseconds since 1970, or {@link #NO_TIME} if there is no such message
     */
    public long storeMillis(Queue queue, long queueOffset) {
        RecordView record = record(queue, queueOffset);
        return record == null ? NO_TIME : record.storeMillis();
    }

    /**
     * Finds a message by its time.
     *
     * @param queue the queue
     * @param timeMillis the time
     * @param upper false for the first message stored at or after the time, true for the last one at or before it
     * @return its queue offset, kept between the queue's bounds
     */
    public long offsetAt(Queue queue, long timeMillis, boolean upper) {
        return storage.queueOffsetAt(queue, timeMillis, upper);
    }

    /**
     * Whether a queue is so young that a group which has read nothing of it starts at its first message, whatever it
     * asked for: nothing was removed, and the first message is near the end of the log.
     *
     * @param queue the queue
     * @return true for a young queue, an empty one among them
     */
    public boolean isYoung(Queue queue) {
        if (queue.minOffset() > 0) {
            return false;
        }
        if (queue.maxOffset() == 0) {
            return true;
        }
        long first = logOffset(queue, 0);
        return first >= 0 && storage.maxLogOffset() - first <= inMemoryBytes;
    }
}
