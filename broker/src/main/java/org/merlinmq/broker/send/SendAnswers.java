package org.merlinmq.broker.send;

import org.merlinmq.broker.dispatch.LoopReplies;
import org.merlinmq.broker.dispatch.Refusal;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.frame.HeaderForm;
import org.merlinmq.protocol.frame.ReplyWriter;
import org.merlinmq.transport.Connection;

/**
 * What every answer to a send carries, refusals included: clients read the region and the trace switch without asking
 * whether they are there.
 *
 * <p>Threading: immutable.
 */
final class SendAnswers {
    private static final byte[] MSG_REGION = Bytes.ascii("MSG_REGION");
    private static final byte[] TRACE_ON = Bytes.ascii("TRACE_ON");

    private final byte[] region;
    private final byte[] trace;

    SendAnswers(SendConfig config) {
        region = Bytes.utf8(config.regionId());
        trace = Bytes.ascii(Boolean.toString(config.traceOn()));
    }

    void writeCommon(ReplyWriter writer) {
        writer.field(MSG_REGION, region);
        writer.field(TRACE_ON, trace);
    }

    void refuse(LoopReplies replies, Connection connection, HeaderForm form, int requestId, Refusal refusal) {
        ReplyWriter writer = replies.writer();
        writer.begin(connection.out(), form, refusal.code().number(), requestId);
        writer.remark(refusal.sentence());
        writeCommon(writer);
        writer.endHeader();
        writer.end();
    }
}
