package org.merlinmq.broker.send;

import org.merlinmq.protocol.bytes.ByteSlice;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.code.ResponseCode;

/**
 * Where the messages of one send were stored. One per batch of the log, filled anew for each send.
 *
 * <p>Threading: its loop.
 */
public final class StoredSend {
    StoredSend() {}

    /** SUCCESS, or FLUSH_DISK_TIMEOUT if the disk did not confirm in time. */
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
}
