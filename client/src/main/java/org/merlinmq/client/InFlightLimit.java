package org.merlinmq.client;

import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Limits the bytes of messages that were sent and not answered yet, and waits for all of them in {@link #flush}.
 *
 * <p>Threading: any thread. The threads that complete the client's futures must not wait here, since they would wait for
 * themselves.
 *
 * <p>Errors: {@link ClientException} if there is no room and the caller must not wait, and after {@link #close}.
 */
final class InFlightLimit {
    private static final int MIN_CHARGE_BYTES = 4096;

    private final int maxBytes;
    private final Semaphore room;
    private final Set<InFlightMessage> inFlight = ConcurrentHashMap.newKeySet();

    private volatile boolean closed;

    InFlightLimit(int maxBytes) {
        this.maxBytes = maxBytes;
        // Fair, so that short messages do not starve a long one.
        this.room = new Semaphore(maxBytes, true);
    }

    /**
     * Acquires room for a message.
     *
     * @param bodyBytes the length of its body
     * @param mayWait whether to wait for room
     * @return the charge, to pass to {@link #track}
     */
    int acquire(int bodyBytes, boolean mayWait) {
        int charge = Math.min(maxBytes, Math.max(MIN_CHARGE_BYTES, bodyBytes));
        if (mayWait) {
            room.acquireUninterruptibly(charge);
        } else if (!room.tryAcquire(charge)) {
            throw new ClientException("no room for " + charge + " more bytes in flight (limit maxInFlightBytes, "
                    + maxBytes + "), and a callback cannot wait for it: send less there, or on a thread of your own");
        }
        if (closed) {
            room.release(charge);
            throw new ClientException("nothing can be sent: the producer is closed");
        }
        return charge;
    }

    /**
     * Tracks a message until it is answered, then releases its room.
     *
     * @param charge what {@link #acquire} returned
     * @param outcome completed by the sender
     * @return the same outcome for the caller; completed after the room is released, so that its callbacks may send more
     */
    CompletableFuture<SendResult> track(int charge, CompletableFuture<SendResult> outcome) {
        InFlightMessage message = new InFlightMessage(outcome);
        inFlight.add(message);
        CompletableFuture<Void> unused = outcome.handle((sent, failure) -> {
            room.release(charge);
            message.complete(sent, failure);
            inFlight.remove(message);
            return null;
        });
        return message.result;
    }

    /** One message that has no answer yet. */
    private static final class InFlightMessage {
        private final CompletableFuture<SendResult> outcome;
        private final CompletableFuture<SendResult> result = new CompletableFuture<>();
        /** Callbacks run in the reverse order of their registration, so this one completes after the caller's. */
        private final CompletableFuture<Void> over = result.handle((sent, failure) -> null);

        InFlightMessage(CompletableFuture<SendResult> outcome) {
            this.outcome = outcome;
        }

        void complete(@Nullable SendResult sent, @Nullable Throwable failure) {
            if (sent != null) {
                result.complete(sent);
            } else {
                result.completeExceptionally(failure == null ? new IllegalStateException("no cause") : failure);
            }
        }
    }

    /** Waits until every tracked message has its outcome and its callbacks have run. */
    void flush() {
        for (InFlightMessage message : inFlight) {
            message.over.join();
        }
    }

    /** Refuses further messages. */
    void close() {
        closed = true;
    }

    /** Fails the messages that are left; used at the end, when no answer can come any more. */
    void fail(ClientException why) {
        inFlight.forEach(message -> message.outcome.completeExceptionally(why));
    }
}
