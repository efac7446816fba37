package org.merlinmq.broker.dispatch;

import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.FieldException;
import org.merlinmq.protocol.frame.FrameScan;
import org.merlinmq.storage.disk.DiskException;
import org.merlinmq.transport.Connection;
import org.merlinmq.transport.LoopService;

/**
 * Brings each frame to who answers it. Sends and pulls run to completion on the event loop; all others go by a table, on
 * the loop or, where they may block, on a virtual thread each.
 *
 * <p>Threading: one per event loop.
 */
public final class Dispatcher implements LoopService {
    private static final int SEND_MESSAGE = 10;
    private static final int PULL_MESSAGE = 11;
    private static final int SEND_MESSAGE_V2 = 310;
    private static final int SEND_BATCH_MESSAGE = 320;
    private static final int LITE_PULL_MESSAGE = 361;

    private final Handlers handlers;
    private final LoopReplies replies;
    private final LoopHandler sends;
    private final LoopHandler pulls;
    private final ConnectionListener connections;

    /**
     * Makes the dispatcher of one loop.
     *
     * @param handlers the table of all that is not hot
     * @param replies how this loop answers
     * @param sends the loop's sends
     * @param pulls the loop's pulls
     * @param connections told of connections that end
     */
    public Dispatcher(
            Handlers handlers,
            LoopReplies replies,
            LoopHandler sends,
            LoopHandler pulls,
            ConnectionListener connections) {
        this.handlers = handlers;
        this.replies = replies;
        this.sends = sends;
        this.pulls = pulls;
        this.connections = connections;
    }

    @Override
    public void opened(Connection connection) {
        connection.attach(new Session(connection.remote()));
    }

    @Override
    public void frame(Connection connection, FrameScan frame) {
        try {
            switch (frame.code()) {
                case SEND_MESSAGE, SEND_MESSAGE_V2, SEND_BATCH_MESSAGE -> sends.frame(connection, frame);
                case PULL_MESSAGE, LITE_PULL_MESSAGE -> pulls.frame(connection, frame);
                default -> byTable(connection, frame);
            }
        } catch (FieldException e) {
            replies.refuse(connection, frame, new Refusal(ResponseCode.SYSTEM_ERROR, String.valueOf(e.getMessage())));
        } catch (DiskException e) {
            replies.writer().abandon();
            replies.refuse(connection, frame, LoopReplies.refusal(frame.code(), connection, e));
        }
    }

    @Override
    public void readDone(Connection connection) {
        sends.readDone();
        pulls.readDone();
    }

    @Override
    public void closed(Connection connection) {
        sends.closed(connection);
        pulls.closed(connection);
        connections.closed(connection);
    }

    private void byTable(Connection connection, FrameScan frame) {
        Handlers.Entry entry = handlers.find(frame.code());
        if (entry == null) {
            replies.refuse(connection, frame, notSupported(frame.code()));
            return;
        }
        Request request = new Request(connection, frame.toFrame());
        if (entry.blocking()) {
            long since = System.nanoTime();
            Thread.ofVirtual()
                    .name("request-" + frame.code())
                    .start(() -> replies.answerLater(request, runCounted(entry, request, since)));
            return;
        }
        Answer answer = run(entry, request);
        if (answer.later() != null) {
            replies.answerLater(request, answer);
        } else if (request.isOneway()) {
            replies.countOneway(connection, frame.code(), answer.code(), answer.remark());
        } else {
            replies.answer(connection, frame.form(), frame.requestId(), answer);
        }
    }

    private Answer runCounted(Handlers.Entry entry, Request request, long sinceNanos) {
        handlers.running().begin(sinceNanos);
        try {
            return run(entry, request);
        } finally {
            handlers.running().end();
        }
    }

    private static Answer run(Handlers.Entry entry, Request request) {
        try {
            return entry.handler().handle(request);
        } catch (RuntimeException e) {
            return LoopReplies.fault(request.code(), request.connection(), e);
        }
    }

    private static Refusal notSupported(int code) {
        return new Refusal(
                ResponseCode.REQUEST_CODE_NOT_SUPPORTED, " request type " + code + " not supported by this broker yet");
    }
}
