package org.merlinmq.transport.dispatch;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.FrameScan;
import org.merlinmq.transport.Connection;
import org.merlinmq.transport.LoopService;

/**
 * Brings each frame to who answers it. Hot requests run to completion on the event loop, by handlers of that loop; all
 * others go by a table that the loops share, on the loop or, where they may block, by an executor.
 *
 * <p>Threading: one per event loop; filled before its first connection.
 */
public final class Dispatcher implements LoopService {
    private static final int MAX_CODE = 1023;

    private final Handlers handlers;
    private final LoopReplies replies;
    private final Executor blocking;
    private final Function<Connection, Object> sessions;
    private final ConnectionListener connections;
    private final @Nullable LoopHandler[] inPlace = new @Nullable LoopHandler[MAX_CODE + 1];
    private final @Nullable Access[] accesses = new @Nullable Access[MAX_CODE + 1];
    private final List<LoopHandler> hot = new ArrayList<>();

    /**
     * Makes the dispatcher of one loop.
     *
     * @param handlers the table of all that is not hot
     * @param replies how this loop answers
     * @param blocking runs handlers that may block; one more than it takes is refused as SYSTEM_BUSY
     * @param sessions makes what is attached to a new connection
     * @param connections notified of connections that end
     */
    public Dispatcher(
            Handlers handlers,
            LoopReplies replies,
            Executor blocking,
            Function<Connection, Object> sessions,
            ConnectionListener connections) {
        this.handlers = handlers;
        this.replies = replies;
        this.blocking = blocking;
        this.sessions = sessions;
        this.connections = connections;
    }

    /**
     * Registers the loop's own handler of hot requests.
     *
     * @param handler answers them in place
     * @param access what they do, for access control
     * @param codes the requests
     * @return this
     * @throws IllegalStateException if a code has such a handler already
     */
    public Dispatcher inPlace(LoopHandler handler, Access access, RequestCode... codes) {
        for (RequestCode code : codes) {
            if (inPlace[code.number()] != null) {
                throw new IllegalStateException("two handlers for " + code);
            }
            inPlace[code.number()] = handler;
            accesses[code.number()] = access;
        }
        hot.add(handler);
        return this;
    }

    /**
     * What a request does.
     *
     * @param code its code
     * @return null if nobody answers it
     */
    public @Nullable Access access(RequestCode code) {
        Access own = accesses[Math.min(code.number(), MAX_CODE)];
        return own != null ? own : handlers.access(code);
    }

    @Override
    public void opened(Connection connection) {
        connection.attach(sessions.apply(connection));
    }

    @Override
    public void frame(Connection connection, FrameScan frame) {
        int code = frame.code();
        LoopHandler handler = code >= 0 && code <= MAX_CODE ? inPlace[code] : null;
        if (handler == null) {
            byTable(connection, frame);
            return;
        }
        try {
            handler.frame(connection, frame);
        } catch (RuntimeException e) {
            Refusal refusal = replies.refusal(code, connection, e);
            if (refusal == null) {
                throw e;
            }
            replies.writer().abandon();
            replies.refuse(connection, frame, refusal);
        }
    }

    @Override
    public void readsDone() {
        for (LoopHandler each : hot) {
            each.readsDone();
        }
    }

    @Override
    public void closed(Connection connection) {
        for (LoopHandler each : hot) {
            each.closed(connection);
        }
        connections.closed(connection);
    }

    private void byTable(Connection connection, FrameScan frame) {
        Handlers.Entry entry = handlers.find(frame.code());
        if (entry == null) {
            replies.refuse(
                    connection,
                    frame,
                    new Refusal(ResponseCode.REQUEST_CODE_NOT_SUPPORTED, handlers.refusal(frame.code())));
            return;
        }
        Request request = new Request(connection, frame.toFrame());
        if (entry.blocking()) {
            long since = System.nanoTime();
            try {
                blocking.execute(() -> replies.answerLater(request, runCounted(entry, request, since)));
            } catch (RejectedExecutionException e) {
                replies.refuse(
                        connection,
                        frame,
                        new Refusal(ResponseCode.SYSTEM_BUSY, "too many such requests at once; try again"));
            }
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

    private Answer run(Handlers.Entry entry, Request request) {
        try {
            return entry.handler().handle(request);
        } catch (RuntimeException e) {
            return replies.fault(request.code(), request.connection(), e);
        }
    }
}
