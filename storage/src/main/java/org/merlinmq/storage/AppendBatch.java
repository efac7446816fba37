package org.merlinmq.storage;

import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.storage.log.CommitLog;
import org.merlinmq.storage.log.LogBatch;
import org.merlinmq.storage.queue.Queue;

/**
 * Records staged by one event loop: one place in the log and one write for all of them. Made once, used again and again.
 *
 * <p>Threading: owned by its maker until {@link Storage#append}, by the storage until {@link AppendListener#appended}.
 */
public final class AppendBatch {
    private final LogBatch log;
    private final boolean waitsByDefault;

    AppendBatch(CommitLog commitLog, boolean waitsByDefault, AppendListener listener) {
        log = commitLog.newBatch(() -> listener.appended(this));
        this.waitsByDefault = waitsByDefault;
        log.waitForFlush(waitsByDefault);
    }

    /**
     * Where records are encoded, one right behind the other.
     *
     * @return the bytes
     */
    public ByteWriter bytes() {
        return log.bytes();
    }

    /**
     * Takes up a record that was just encoded.
     *
     * @param queue the queue it goes to
     * @param recordAt where it begins in {@link #bytes}: where the one before it ends
     * @param recordBytes its size
     * @param tagsCode hash of its tag, or what the queue keeps in its place
     * @param dueMillis when it is due, in milliseconds since 1970; 0 if it is not delayed
     * @return its index in the batch
     */
    public int add(Queue queue, int recordAt, int recordBytes, long tagsCode, long dueMillis) {
        return log.add(queue, recordAt, recordBytes, tagsCode, dueMillis);
    }

    /**
     * Makes the record added last be found by a key: its unique key and each word of its keys.
     *
     * @param keyHash see {@link KeyHash}
     */
    public void addKey(long keyHash) {
        log.addKey(keyHash);
    }

    /**
     * Says that the records added last belong together, as those of a batch message do: they will lie one after another.
     *
     * @param entries how many
     */
    public void group(int entries) {
        log.group(entries);
    }

    /**
     * Says whether the listener is told only when the disk has confirmed the records. Unsaid, the configured flush mode
     * holds.
     *
     * @param wait true to wait
     */
    public void waitForFlush(boolean wait) {
        log.waitForFlush(wait);
    }

    /**
     * Says that the batch only copies what lies in the log already, so that segments can be deleted for it: it is taken even
     * while sends are refused because the disk is nearly full, as long as the log has a segment for it. Holds until said
     * otherwise.
     *
     * @param makes true if it does
     */
    public void makesRoom(boolean makes) {
        log.makesRoom(makes);
    }

    /**
     * Takes the records added last out again, and whatever else was encoded behind those that stay.
     *
     * @param entries how many stay
     * @param length how many bytes of {@link #bytes} stay
     */
    public void truncate(int entries, int length) {
        log.truncate(entries, length);
    }

    /**
     * How many records were added.
     *
     * @return entries
     */
    public int count() {
        return log.count();
    }

    /**
     * Where a record was stored.
     *
     * @param i its index
     * @return its log offset; known once the listener is told
     */
    public long logOffset(int i) {
        return log.logOffset(i);
    }

    /**
     * Where a record stands in its queue.
     *
     * @param i its index
     * @return its queue offset; known once the listener is told
     */
    public long queueOffset(int i) {
        return log.queueOffset(i);
    }

    /**
     * A record's size.
     *
     * @param i its index
     * @return bytes
     */
    public int recordBytes(int i) {
        return log.recordBytes(i);
    }

    /**
     * When the records were stored.
     *
     * @return milliseconds since 1970; known once the listener is told
     */
    public long storeMillis() {
        return log.storeMillis();
    }

    /**
     * What became of the batch.
     *
     * @return the status; known once the listener is told
     */
    public AppendStatus status() {
        return switch (log.outcome()) {
            case STORED -> AppendStatus.STORED;
            case FLUSH_TIMEOUT -> AppendStatus.FLUSH_TIMEOUT;
            case REFUSED -> AppendStatus.REFUSED;
        };
    }

    /**
     * Why the batch was refused, for whoever has to act.
     *
     * @return a sentence; empty if it was not refused
     */
    public String reason() {
        return log.reason();
    }

    /** Empties the batch for its next use. */
    public void clear() {
        log.clear();
        log.waitForFlush(waitsByDefault);
    }

    LogBatch log() {
        return log;
    }
}
