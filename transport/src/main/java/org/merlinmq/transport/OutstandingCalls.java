package org.merlinmq.transport;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.frame.FrameScan;

/**
 * The calls of one connection that wait for their answers, by the number that the answer will carry.
 *
 * <p>Threading: the connection's loop.
 */
final class OutstandingCalls {
    private record Waiting(CompletableFuture<Frame> answer, int code, long deadlineNanos, boolean closeWhenOverdue) {}

    private final Map<Integer, Waiting> waiting = new HashMap<>();
    private int lastId;

    int size() {
        return waiting.size();
    }

    /** A number for a call, one that no waiting call of this connection has. */
    int nextId() {
        do {
            lastId++;
        } while (waiting.containsKey(lastId));
        return lastId;
    }

    void add(int id, CompletableFuture<Frame> answer, int code, long deadlineNanos, boolean closeWhenOverdue) {
        waiting.put(id, new Waiting(answer, code, deadlineNanos, closeWhenOverdue));
    }

    /** Completes the call that this is the answer to; null if none waits for it. */
    @Nullable CompletableFuture<Frame> remove(FrameScan response) {
        Waiting call = waiting.remove(response.requestId());
        return call == null ? null : call.answer();
    }

    /** Fails what is overdue. True if one of the callers wants the connection closed for it. */
    boolean endOverdue(long nowNanos, String peer) {
        // Told when all are taken out: whoever is told may make his next call at once, on this connection.
        List<Waiting> overdue = new ArrayList<>();
        for (Iterator<Waiting> calls = waiting.values().iterator(); calls.hasNext(); ) {
            Waiting call = calls.next();
            if (nowNanos - call.deadlineNanos() >= 0) {
                calls.remove();
                overdue.add(call);
            }
        }
        boolean close = false;
        for (Waiting call : overdue) {
            close |= call.closeWhenOverdue();
            call.answer()
                    .completeExceptionally(new CallFailedException(
                            CallFailedException.Reason.TIMEOUT,
                            "no answer from " + peer + " to request code " + call.code()
                                    + " in time: is the server overloaded, or the timeout too short?"));
        }
        return close;
    }

    /** Nanoseconds until the nearest deadline, or Long.MAX_VALUE without calls. */
    long nearestNanos(long nowNanos) {
        long nearest = Long.MAX_VALUE;
        for (Waiting call : waiting.values()) {
            nearest = Math.min(nearest, call.deadlineNanos() - nowNanos);
        }
        return nearest;
    }

    void failAll(CallFailedException.Reason reason, String message) {
        var calls = Map.copyOf(waiting);
        waiting.clear();
        calls.values().forEach(call -> call.answer().completeExceptionally(new CallFailedException(reason, message)));
    }
}
