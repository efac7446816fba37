package org.merlinmq.broker.send;

import org.merlinmq.broker.dispatch.Session;
import org.merlinmq.protocol.frame.FrameScan;
import org.merlinmq.transport.Connection;
import org.merlinmq.transport.dispatch.LoopHandler;
import org.merlinmq.transport.dispatch.LoopReplies;
import org.merlinmq.transport.dispatch.Refusal;

/**
 * Sends that come in frames: reads their header fields in place and hands them to the core.
 *
 * <p>Threading: one per event loop; every method on that loop.
 *
 * <p>Source: requests 10, 310 and 320.
 */
public final class SendHandler implements LoopHandler {
    private final SendCore<Connection> core;
    private final SendAnswers answers;
    private final LoopReplies replies;
    private final SendRequest request = new SendRequest();

    /**
     * The handler of one loop.
     *
     * @param core takes the sends in
     * @param answers writes the answers
     * @param replies counts what is refused and cannot be answered
     */
    public SendHandler(SendCore<Connection> core, SendAnswers answers, LoopReplies replies) {
        this.core = core;
        this.answers = answers;
        this.replies = replies;
    }

    @Override
    public void frame(Connection connection, FrameScan frame) {
        SendFields.read(frame, request.of(Session.of(connection)));
        long token = LoopReplies.token(frame);
        Refusal refusal = core.send(request, frame.isOneway() ? null : connection, token);
        if (refusal == null) {
            return;
        }
        if (frame.isOneway()) {
            replies.countOneway(connection, frame.code(), refusal.code(), refusal.sentence());
        } else {
            answers.refused(connection, token, refusal);
        }
    }

    @Override
    public void readsDone() {
        core.commit();
    }
}
