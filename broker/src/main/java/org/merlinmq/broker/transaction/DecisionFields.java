package org.merlinmq.broker.transaction;

import org.merlinmq.protocol.bytes.ByteSlice;
import org.merlinmq.protocol.frame.FieldException;
import org.merlinmq.protocol.frame.FrameScan;
import org.merlinmq.protocol.request.EndTransactionRequest;

/**
 * What decides a transaction in the header of request 37, read in place: what a decision costs is mostly this, and its record.
 *
 * <p>Threading: one owner at a time; valid as long as the frame is. Nothing is allocated.
 *
 * <p>Source: {@link EndTransactionRequest}, which has all of the header.
 */
final class DecisionFields {
    final ByteSlice group = new ByteSlice();
    long queueOffset;
    long logOffset;
    int decision;
    boolean fromCheck;

    /**
     * Reads a frame.
     *
     * @throws FieldException naming the field that is missing or is no number
     */
    DecisionFields read(FrameScan frame) {
        frame.slice(frame.requiredField("producerGroup"), group);
        queueOffset = frame.longValue(frame.requiredField("tranStateTableOffset"));
        logOffset = frame.longValue(frame.requiredField("commitLogOffset"));
        decision = frame.intValue(frame.requiredField("commitOrRollback"));
        int check = frame.field("fromTransactionCheck");
        fromCheck = check >= 0 && frame.booleanValue(check);
        return this;
    }
}
