package org.merlinmq.transport;

import java.util.HashMap;
import java.util.Iterator;
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

    /** Registers a call and returns its number, one that no other waiting call of this connection has. */
    int add(CompletableFuture<Frame> answer, int code, long deadlineNanos, boolean closeWhenOverdue) {
        do {
            lastId++;
        } while (waiting.containsKey(lastId));
        waiting.put(lastId, new Waiting(answer, code, deadlineNanos, closeWhenOverdue));
        return lastId;
    }

    /** Completes the call that this is the answer to; null if none waits for it. */
    @Nullable CompletableFuture<Frame> remove(FrameScan response) {
        Waiting call = waiting.remove(response.requestId());
        return call == null ? null : call.answer();
    }

    /** Fails what is overdue. True if one of the callers wants the connection closed for it. */
    boolean endOverdue(long nowNanos, String peer) {
        boolean close = false;
        for (Iterator<Waiting> calls = waiting.values().iterator(); calls.hasNext(); ) {
            Waiting call = calls.next();
            if (nowNanos - call.deadlineNanos() >= 0) {
                calls.remove();
                close |= call.closeWhenOverdue();
                call.answer()
                        .completeExceptionally(new CallFailedException(
                                CallFailedException.Reason.TIMEOUT,
                                "no answer from " + peer + " to request code " + call.code()
                                        + " in time: is the server overloaded, or the timeout too short?"));
            }
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
