package org.merlinmq.broker.pull;

import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.frame.ReplyWriter;
import org.merlinmq.transport.Connection;
import org.merlinmq.transport.dispatch.LoopReplies;

/**
 * Answers pulls with frames.
 *
 * <p>Threading: one per event loop, on that loop.
 */
public final class PullAnswers implements PullReplies<Connection> {
    private static final byte[] SUGGEST_BROKER = Bytes.ascii("suggestWhichBrokerId");
    private static final byte[] NEXT_BEGIN_OFFSET = Bytes.ascii("nextBeginOffset");
    private static final byte[] MIN_OFFSET = Bytes.ascii("minOffset");
    private static final byte[] MAX_OFFSET = Bytes.ascii("maxOffset");
    private static final byte[] TOPIC_SYS_FLAG = Bytes.ascii("topicSysFlag");
    private static final byte[] GROUP_SYS_FLAG = Bytes.ascii("groupSysFlag");
    private static final byte[] FORBIDDEN_TYPE = Bytes.ascii("forbiddenType");

    private final LoopReplies replies;

    /**
     * The answers of one loop.
     *
     * @param replies writes frames
     */
    public PullAnswers(LoopReplies replies) {
        this.replies = replies;
    }

    @Override
    public boolean isOpen(Connection client) {
        return client.isOpen();
    }

    @Override
    public void nothing(Connection client, long token, PullResult result) {
        begin(client, token, result);
        end();
    }

    @Override
    public ByteWriter begin(Connection client, long token, PullResult result) {
        ReplyWriter writer = replies.begin(client, token, result.code);
        writer.remark(result.status.name());
        writer.field(SUGGEST_BROKER, result.suggestedBroker);
        writer.field(NEXT_BEGIN_OFFSET, result.nextOffset);
        writer.field(MIN_OFFSET, result.minOffset);
        writer.field(MAX_OFFSET, result.maxOffset);
        writer.field(TOPIC_SYS_FLAG, result.topicSysFlag);
        writer.field(GROUP_SYS_FLAG, result.groupSysFlag);
        writer.endHeader();
        return client.out();
    }

    @Override
    public void end() {
        replies.writer().end();
    }

    @Override
    public void abandon() {
        replies.writer().abandon();
    }

    @Override
    public void refused(Connection client, long token, PullOutcome.Refused refused) {
        ReplyWriter writer = replies.begin(client, token, refused.refusal().code());
        writer.remark(refused.refusal().sentence());
        if (refused.forbidden() != Forbidden.NOTHING) {
            writer.field(FORBIDDEN_TYPE, refused.forbidden().number());
        }
        writer.endHeader();
        writer.end();
    }
}
