package org.merlinmq.client;

import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * What a producer has sent and has no answer to: a bound on its bytes, and who waits for all of it.
 *
 * <p>Threading: any thread. Those where futures of the client are completed never wait here: what they would wait for is
 * completed by themselves.
 *
 * <p>Errors: {@link ClientException} when there is no room and no waiting, and after {@link #close}.
 */
final class Underway {
    private static final int LEAST_CHARGE_BYTES = 4096;

    private final int maxBytes;
    private final Semaphore room;
    private final Set<Sending> sendings = ConcurrentHashMap.newKeySet();

    private volatile boolean closed;

    Underway(int maxBytes) {
        this.maxBytes = maxBytes;
        // Fair, so that a long message is not overtaken for ever.
        this.room = new Semaphore(maxBytes, true);
    }

    /**
     * Takes room for a message.
     *
     * @param bodyBytes the length of its body
     * @param mayWait whether to wait for room
     * @return what to hand to {@link #begin}
     */
    int admit(int bodyBytes, boolean mayWait) {
        int charge = Math.min(maxBytes, Math.max(LEAST_CHARGE_BYTES, bodyBytes));
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
     * Takes a message as sent.
     *
     * @param charge what {@link #admit} took
     * @param outcome completed by whoever sends it
     * @return the same outcome for the caller; the room is free when it is told, so that its callbacks may send more
     */
    CompletableFuture<SendResult> begin(int charge, CompletableFuture<SendResult> outcome) {
        Sending sending = new Sending(outcome);
        sendings.add(sending);
        CompletableFuture<Void> unused = outcome.handle((sent, failure) -> {
            room.release(charge);
            sending.tell(sent, failure);
            sendings.remove(sending);
            return null;
        });
        return sending.result;
    }

    /** One message that has no answer yet. */
    private static final class Sending {
        private final CompletableFuture<SendResult> outcome;
        private final CompletableFuture<SendResult> result = new CompletableFuture<>();
        /** The first to be registered is the last to run: whoever flushes has waited for the caller's callbacks too. */
        private final CompletableFuture<Void> over = result.handle((sent, failure) -> null);

        Sending(CompletableFuture<SendResult> outcome) {
            this.outcome = outcome;
        }

        void tell(@Nullable SendResult sent, @Nullable Throwable failure) {
            if (sent != null) {
                result.complete(sent);
            } else {
                result.completeExceptionally(failure == null ? new IllegalStateException("no cause") : failure);
            }
        }
    }

    /** Waits until everything begun so far has its outcome, and what hangs on it has run. */
    void flush() {
        for (Sending sending : sendings) {
            sending.over.join();
        }
    }

    /** Admits nothing more. */
    void close() {
        closed = true;
    }

    /** Gives up what is left; for the end, when no answer can come any more. */
    void fail(ClientException why) {
        sendings.forEach(sending -> sending.outcome.completeExceptionally(why));
    }
}
