package org.merlinmq.transport;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to connect, and those who wait for it in the order in which they came: requests made while the connection
 * is being made go out in that order too.
 *
 * <p>Threading: any thread; the lock is held for a few instructions, never while somebody is told.
 */
final class Dial {
    private final Queue<CompletableFuture<Connection>> waiting = new ArrayDeque<>();
    private @Nullable Connection connection;
    private @Nullable CallFailedException failure;
    private boolean over;

    /** The connection of this attempt, whenever it is there. */
    CompletableFuture<Connection> wanted() {
        CompletableFuture<Connection> wanted = new CompletableFuture<>();
        synchronized (this) {
            if (!over) {
                waiting.add(wanted);
                return wanted;
            }
        }
        tell(wanted);
        return wanted;
    }

    void made(Connection made) {
        connection = made;
        tellAll();
    }

    void failed(CallFailedException why) {
        failure = why;
        tellAll();
    }

    /** True if nobody should wait for this attempt any more: it failed, or what it made has ended. */
    synchronized boolean stale() {
        return over && (connection == null || !connection.isOpen());
    }

    private void tellAll() {
        while (true) {
            CompletableFuture<Connection> next;
            synchronized (this) {
                next = waiting.poll();
                if (next == null) {
                    over = true;
                    return;
                }
            }
            tell(next);
        }
    }

    private void tell(CompletableFuture<Connection> wanted) {
        Connection made = connection;
        CallFailedException why = failure;
        if (made != null) {
            wanted.complete(made);
        } else if (why != null) {
            wanted.completeExceptionally(why);
        }
    }
}
