package org.merlinmq.storage;

import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.storage.log.AppendBatch;
import org.merlinmq.storage.transaction.OpenHalf;

/** Copies the record of an open half message, so that the transaction outlives the segment that it waits in. */
@FunctionalInterface
public interface HalfCopier {
    /**
     * Stages a copy in the batch, as its last record: in the queue of half messages, naming the original in its {@code
     * preparedTransactionOffset}, and with the place of the first record and the number of checks among its properties. By
     * that one record takes the place of the other.
     *
     * <p>Threading: called on {@code store-tail}.
     *
     * @param record the original; valid only during the call
     * @param half what is known of it
     * @param to takes the copy
     * @return false if there can be no copy, and none was staged: the original stays until it is decided
     */
    boolean copy(RecordView record, OpenHalf half, AppendBatch to);
}
