package org.merlinmq.broker.send;

import org.merlinmq.protocol.bytes.ByteSlice;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.storage.log.AppendStatus;

/**
 * Where the messages of one send were stored. One per batch of the log, filled anew for each send.
 *
 * <p>Threading: its loop.
 */
public final class StoredSend {
    StoredSend() {}

    /** SUCCESS, or how much less safe the messages are than was asked. */
    ResponseCode code = ResponseCode.SUCCESS;

    /** The message ids, a comma between two. */
    final ByteWriter messageIds = new ByteWriter(0);

    int queueId;

    /** Of the first message. */
    long queueOffset;

    /** The sender's unique key; empty if it gave none with a batch. */
    final ByteSlice uniqueKey = new ByteSlice();

    /** What takes the message back as long as it waits for its time; empty if it does not. */
    final ByteSlice recallHandle = new ByteSlice();

    /** The code by which clients know how safe stored messages are. */
    static ResponseCode code(AppendStatus status) {
        return switch (status) {
            case STORED -> ResponseCode.SUCCESS;
            case FLUSH_TIMEOUT -> ResponseCode.FLUSH_DISK_TIMEOUT;
            case TOO_FEW_COPIES -> ResponseCode.SLAVE_NOT_AVAILABLE;
            case COPY_TIMEOUT -> ResponseCode.FLUSH_SLAVE_TIMEOUT;
            case REFUSED -> throw new IllegalArgumentException("what was refused is not stored");
        };
    }
}
