package org.merlinmq.storage;

import org.merlinmq.protocol.message.RecordView;

/**
 * Derives from a stored record what {@link AppendBatch#add} was told of it, when the log is read again after a crash or
 * for the first time after another broker wrote it.
 *
 * <p>It must come to the same answers as the sender of the batch did. {@link TagsAndKeys} knows tags and keys; what is
 * delayed, and until when, only the broker knows.
 */
@FunctionalInterface
public interface RecordIndexer {
    /**
     * One record.
     *
     * @param record valid only during the call
     * @param sink takes what is derived from it; its answers are none before the call
     */
    void index(RecordView record, IndexSink sink);
}
