package org.merlinmq.broker.send;

import org.merlinmq.protocol.bytes.ByteSlice;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.frame.ReplyWriter;
import org.merlinmq.transport.Connection;
import org.merlinmq.transport.dispatch.LoopReplies;
import org.merlinmq.transport.dispatch.Refusal;

/**
 * Answers sends with frames. Every answer, refusals included, carries the region and the trace switch: clients read them
 * without asking whether they are there.
 *
 * <p>Threading: one per event loop, on that loop.
 */
public final class SendAnswers implements SendReplies<Connection> {
    private static final byte[] MSG_ID = Bytes.ascii("msgId");
    private static final byte[] QUEUE_ID = Bytes.ascii("queueId");
    private static final byte[] QUEUE_OFFSET = Bytes.ascii("queueOffset");
    private static final byte[] TRANSACTION_ID = Bytes.ascii("transactionId");
    private static final byte[] RECALL_HANDLE = Bytes.ascii("recallHandle");
    private static final byte[] MSG_REGION = Bytes.ascii("MSG_REGION");
    private static final byte[] TRACE_ON = Bytes.ascii("TRACE_ON");

    private final LoopReplies replies;
    private final byte[] region;
    private final byte[] trace;

    /**
     * The answers of one loop.
     *
     * @param replies writes frames
     * @param config region and trace switch
     */
    public SendAnswers(LoopReplies replies, SendConfig config) {
        this.replies = replies;
        region = Bytes.utf8(config.regionId());
        trace = Bytes.ascii(Boolean.toString(config.traceOn()));
    }

    @Override
    public void stored(Connection client, long token, StoredSend what) {
        if (!client.isOpen()) {
            return;
        }
        ReplyWriter writer = replies.begin(client, token, what.code);
        writer.field(MSG_ID, what.messageIds.array(), 0, what.messageIds.length());
        writer.field(QUEUE_ID, what.queueId);
        writer.field(QUEUE_OFFSET, what.queueOffset);
        if (!what.uniqueKey.isEmpty()) {
            writer.field(TRANSACTION_ID, what.uniqueKey.array(), what.uniqueKey.at(), what.uniqueKey.length());
        }
        if (!what.recallHandle.isEmpty()) {
            ByteSlice handle = what.recallHandle;
            writer.field(RECALL_HANDLE, handle.array(), handle.at(), handle.length());
        }
        end(writer);
    }

    @Override
    public void refused(Connection client, long token, Refusal why) {
        if (client.isOpen()) {
            end(replies.begin(client, token, why.code()).remark(why.sentence()));
        }
    }

    private void end(ReplyWriter writer) {
        writer.field(MSG_REGION, region);
        writer.field(TRACE_ON, trace);
        writer.endHeader();
        writer.end();
    }
}
