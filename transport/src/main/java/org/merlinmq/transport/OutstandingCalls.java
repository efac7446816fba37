package org.merlinmq.transport;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.frame.FrameScan;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The calls of one connection that wait for their answers, by request id. Each is completed once: answered, refused,
 * overdue, or because the connection has ended.
 *
 * <p>Threading: the connection's loop. A completed caller may call again at once, also on this connection, so no future is
 * completed in the middle of a change.
 */
final class OutstandingCalls {
    private static final Logger LOG = LoggerFactory.getLogger(OutstandingCalls.class);

    private record PendingCall(
            CompletableFuture<Frame> answer, int code, long deadlineNanos, boolean closeWhenOverdue) {}

    private final Connection connection;
    private final NetLoop loop;
    private final FrameOutput output;
    private final int maxCalls;
    private final Map<Integer, PendingCall> waiting = new HashMap<>();
    private int lastId;

    OutstandingCalls(Connection connection, NetLoop loop, FrameOutput output, int maxCalls) {
        this.connection = connection;
        this.loop = loop;
        this.output = output;
        this.maxCalls = maxCalls;
    }

    /** Sends a request under an id that no waiting call of this connection has, or fails the answer. */
    void start(Frame request, long deadlineNanos, boolean closeWhenOverdue, CompletableFuture<Frame> answer) {
        if (!connection.isOpen()) {
            answer.completeExceptionally(closedBefore(request, connection));
        } else if (waiting.size() >= maxCalls) {
            answer.completeExceptionally(new CallFailedException(
                    CallFailedException.Reason.REJECTED,
                    maxCalls + " calls to " + connection.remote()
                            + " wait for their answers already (limit maxCalls)"));
        } else {
            int id = nextId();
            String refusal = output.appendWithinBound(request.withRequestId(id));
            if (refusal != null) {
                answer.completeExceptionally(new CallFailedException(CallFailedException.Reason.REJECTED, refusal));
                return;
            }
            waiting.put(id, new PendingCall(answer, request.code(), deadlineNanos, closeWhenOverdue));
            loop.watchCalls(connection, deadlineNanos);
            output.flushIfMuch();
        }
    }

    static CallFailedException closedBefore(Frame request, Connection connection) {
        return new CallFailedException(
                CallFailedException.Reason.REJECTED,
                "request code " + request.code() + " was not sent: the connection to " + connection.remote()
                        + " is closed");
    }

    private int nextId() {
        do {
            lastId++;
        } while (waiting.containsKey(lastId));
        return lastId;
    }

    /** Completes the call that this is the answer to, if one waits for it. */
    void answered(FrameScan response) {
        PendingCall call = waiting.remove(response.requestId());
        if (call == null) {
            LOG.debug("response-without-call peer={} requestId={}", connection.remote(), response.requestId());
            return;
        }
        unwatchIfNone();
        call.answer().complete(response.toFrame());
    }

    /** Fails the calls whose deadline has passed; returns the nanoseconds to the next one, or Long.MAX_VALUE. */
    long endOverdue(long nowNanos) {
        List<PendingCall> overdue = new ArrayList<>();
        for (Iterator<PendingCall> calls = waiting.values().iterator(); calls.hasNext(); ) {
            PendingCall call = calls.next();
            if (nowNanos - call.deadlineNanos() >= 0) {
                calls.remove();
                overdue.add(call);
            }
        }
        for (PendingCall call : overdue) {
            call.answer()
                    .completeExceptionally(new CallFailedException(
                            CallFailedException.Reason.TIMEOUT,
                            "no answer from " + connection.remote() + " to request code " + call.code()
                                    + " in time: is the server overloaded, or the timeout too short?"));
        }
        if (overdue.stream().anyMatch(PendingCall::closeWhenOverdue)) {
            connection.end("a call was not answered in time");
        }
        unwatchIfNone();
        return nearestNanos(nowNanos);
    }

    private void unwatchIfNone() {
        if (waiting.isEmpty()) {
            loop.unwatchCalls(connection);
        }
    }

    private long nearestNanos(long nowNanos) {
        long nearest = Long.MAX_VALUE;
        for (PendingCall call : waiting.values()) {
            nearest = Math.min(nearest, call.deadlineNanos() - nowNanos);
        }
        return nearest;
    }

    /** Fails them all: the connection has ended. */
    void failAll() {
        List<PendingCall> calls = List.copyOf(waiting.values());
        waiting.clear();
        for (PendingCall call : calls) {
            call.answer()
                    .completeExceptionally(new CallFailedException(
                            CallFailedException.Reason.CLOSED,
                            "the connection to " + connection.remote() + " was closed before the answer came"));
        }
    }
}
