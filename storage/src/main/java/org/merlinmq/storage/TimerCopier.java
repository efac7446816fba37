package org.merlinmq.storage;

import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.storage.log.AppendBatch;

/** Copies the record of a delayed message, so that the message outlives the segment that it waits in. */
@FunctionalInterface
public interface TimerCopier {
    /**
     * Stages a copy in the batch, as its last record: delayed until the same time, and naming the original in its {@code
     * preparedTransactionOffset}. By that one record settles the old timer and enters the new one.
     *
     * <p>Threading: called on {@code store-tail}.
     *
     * @param record the original; valid only during the call
     * @param dueMillis when it is due, in milliseconds since 1970
     * @param to takes the copy
     * @return false if there can be no copy, and none was staged: the original stays until it was delivered
     */
    boolean copy(RecordView record, long dueMillis, AppendBatch to);
}
