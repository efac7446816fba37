package org.merlinmq.storage;

import java.util.Arrays;
import org.merlinmq.protocol.message.RecordView;

/**
 * Takes what a {@link RecordIndexer} derives from one record.
 *
 * <p>Threading: one thread.
 */
public final class IndexSink {
    private long tagsCode;
    private long dueMillis;
    private boolean queued;
    private long[] keys = new long[8];
    private int keyCount;

    IndexSink() {}

    /**
     * What the queue entry says of the tag.
     *
     * @param code 0 if unsaid
     */
    public void tagsCode(long code) {
        tagsCode = code;
    }

    /**
     * When the record is due.
     *
     * @param millis since 1970; 0 if it is not delayed, also if unsaid
     */
    public void dueMillis(long millis) {
        dueMillis = millis;
    }

    /**
     * A key by which the record is found.
     *
     * @param hash see {@link KeyHash}
     */
    public void key(long hash) {
        if (keyCount == keys.length) {
            keys = Arrays.copyOf(keys, keyCount * 2);
        }
        keys[keyCount++] = hash;
    }

    /** Keeps the record out of its queue, as those are that only mark the state of a transaction. */
    public void unqueued() {
        queued = false;
    }

    /** Holds what is derived from one record, and nothing of the one before. */
    void derive(RecordIndexer indexer, RecordView record) {
        tagsCode = 0;
        dueMillis = 0;
        queued = true;
        keyCount = 0;
        indexer.index(record, this);
    }

    long tagsCode() {
        return tagsCode;
    }

    long dueMillis() {
        return dueMillis;
    }

    boolean queued() {
        return queued;
    }

    int keyCount() {
        return keyCount;
    }

    long key(int i) {
        return keys[i];
    }
}
