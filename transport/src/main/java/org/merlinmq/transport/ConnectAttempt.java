package org.merlinmq.transport;

import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to connect, and the callers that wait for it, completed in the order in which they came: requests made
 * meanwhile are sent in that order.
 *
 * <p>Threading: any thread; the lock is held for a few instructions, never while a future is completed.
 */
final class ConnectAttempt {
    private final Queue<CompletableFuture<Connection>> waiting = new ArrayDeque<>();
    private @Nullable Connection connection;
    private @Nullable CallFailedException failure;
    private boolean over;

    /** Completed with the connection, or with the failure of the attempt. */
    CompletableFuture<Connection> connection() {
        CompletableFuture<Connection> waiter = new CompletableFuture<>();
        synchronized (this) {
            if (!over) {
                waiting.add(waiter);
                return waiter;
            }
        }
        complete(waiter);
        return waiter;
    }

    void made(Connection made) {
        connection = made;
        completeAll();
    }

    void failed(CallFailedException why) {
        failure = why;
        completeAll();
    }

    /** True if a new attempt is needed: this one failed, or its connection has ended. */
    synchronized boolean stale() {
        return over && (connection == null || !connection.isOpen());
    }

    /** Where the connection leads; null if there is none. */
    synchronized @Nullable InetSocketAddress remote() {
        return !over || connection == null || !connection.isOpen() ? null : connection.remote();
    }

    private void completeAll() {
        while (true) {
            CompletableFuture<Connection> next;
            synchronized (this) {
                next = waiting.poll();
                if (next == null) {
                    over = true;
                    return;
                }
            }
            complete(next);
        }
    }

    private void complete(CompletableFuture<Connection> waiter) {
        Connection made = connection;
        CallFailedException why = failure;
        if (made != null) {
            waiter.complete(made);
        } else if (why != null) {
            waiter.completeExceptionally(why);
        }
    }
}
