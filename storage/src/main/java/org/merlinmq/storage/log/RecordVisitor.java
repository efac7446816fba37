package org.merlinmq.storage.log;

import org.merlinmq.protocol.message.RecordView;

/** Takes the records that a scan of the log finds, in their order. */
@FunctionalInterface
public interface RecordVisitor {
    /**
     * One whole record.
     *
     * @param view the record, valid only during the call
     * @param crc32c its CRC32C
     */
    void record(RecordView view, int crc32c);
}
