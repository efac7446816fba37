package org.merlinmq.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.merlinmq.client.Message;
import org.merlinmq.client.SendResult;
import org.merlinmq.protocol.body.MessageQueueId;

/**
 * Sends line by line with many in flight; with an order, one in flight per queue, so that a retry cannot overtake. Up to
 * {@code batch} lines go out as one: as many as are there, since none waits for a line that has not been read yet.
 *
 * <p>Threading: {@link #send} on one thread; answers come on the client's threads, which must not send, since a send may
 * have to wait for a route: {@link #laneThread} sends what follows in a queue.
 *
 * <p>Errors: each failure is told with its line number. Without an order, sending ends after {@link #MOST_FAILURES};
 * with one it ends at the first, since what follows would be out of order. A batch fails as a whole; a line that no
 * broker would take is kept out of it.
 */
final class LineSender {
    static final int MOST_FAILURES = 100;
    private static final int MOST_TOLD = 10;

    /** What may be in flight, counted in pieces of {@link #PERMIT_BYTES}. */
    private static final int PERMITS = 8192;

    private static final int PERMIT_BYTES = 4096;

    private final Outbox outbox;
    private final LineRules rules;
    private final int batch;
    private final Progress progress;
    private final PrintStream err;
    private final Semaphore room = new Semaphore(PERMITS);
    private final List<Lane> lanes = new ArrayList<>();

    /** Without an order: what goes out as one batch when it is full or the input pauses. */
    private final Deque<Numbered> gathered = new ArrayDeque<>();

    private final ExecutorService laneThread = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("line-sender").factory());
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();

    /** The part of a producer that is used here. */
    interface Outbox {
        /** The queues of a topic, always in the same order. */
        List<MessageQueueId> queues(String topic);

        /** Sends messages as one, to any queue or to the one that is named. */
        CompletableFuture<SendResult> send(List<Message> messages, @Nullable MessageQueueId queue);

        /** The bytes of a message in a batch; an {@link IllegalArgumentException} says why no broker would take it. */
        int batchBytes(Message message);

        /** The most bytes of a batch. */
        int maxBatchBytes();
    }

    /**
     * What became of the lines.
     *
     * @param sent lines stored
     * @param bytes of them
     * @param failed lines not stored, or not known to be
     */
    record Totals(long sent, long bytes, long failed) {}

    LineSender(Outbox outbox, LineRules rules, int batch, Progress progress, PrintStream err) {
        this.outbox = outbox;
        this.rules = rules;
        this.batch = batch;
        this.progress = progress;
        this.err = err;
    }

    /** Sends all lines and waits for all answers; {@code totalBytes} is the input's size, or negative if unknown. */
    Totals send(Lines lines, long totalBytes) throws IOException, InterruptedException {
        if (rules.orderBy() != null) {
            outbox.queues(rules.topic()).forEach(queue -> lanes.add(new Lane(queue)));
        }
        int mostFailures = rules.orderBy() == null ? MOST_FAILURES : 1;
        for (byte[] line = lines.next(); line != null && failed.get() < mostFailures; line = lines.next()) {
            if (lines.tooLong() > 0) {
                tell(lines.number(), "it has " + lines.tooLong() + " bytes, and " + lines.limit() + " are the most");
                continue;
            }
            Numbered next = numbered(lines.number(), line);
            if (next == null) {
                continue;
            }
            room.acquire(next.permits());
            if (lanes.isEmpty()) {
                gather(next, lines);
            } else {
                lanes.get(Math.floorMod(rules.orderOf(line).hashCode(), lanes.size()))
                        .add(next);
            }
            progress.at("sent", sent.get(), totalBytes > 0 ? (double) lines.bytesRead() / totalBytes : -1);
        }
        postGathered();
        while (!room.tryAcquire(PERMITS, 100, TimeUnit.MILLISECONDS)) {
            progress.at("sent", sent.get(), -1);
        }
        progress.end();
        laneThread.shutdown();
        return totals();
    }

    /** What became of the lines so far; any thread. */
    Totals totals() {
        return new Totals(sent.get(), bytes.get(), failed.get());
    }

    /** A line with the bytes that it takes in a batch. */
    private record Numbered(long number, int bytes, int batchBytes, Message message) {
        int permits() {
            return Math.min(PERMITS, 1 + bytes / PERMIT_BYTES);
        }
    }

    /** The line as a message; null, and told, if it would spoil the batch that it goes into. */
    private @Nullable Numbered numbered(long number, byte[] line) {
        Message message = rules.message(line);
        try {
            return new Numbered(number, line.length, batch == 1 ? 0 : outbox.batchBytes(message), message);
        } catch (IllegalArgumentException unfit) {
            tell(number, unfit.getMessage());
            return null;
        }
    }

    private void gather(Numbered line, Lines lines) throws IOException {
        gathered.add(line);
        if (gathered.size() > prefix(gathered)) { // with this line it would be too large
            gathered.removeLast();
            postGathered();
            gathered.add(line);
        }
        if (gathered.size() == batch || lines.mayWait()) {
            postGathered();
        }
    }

    private void postGathered() {
        if (!gathered.isEmpty()) {
            post(List.copyOf(gathered), null, null);
            gathered.clear();
        }
    }

    /** How many of these lines make a batch; at least one. */
    private int prefix(Deque<Numbered> lines) {
        int count = 0;
        long batchBytes = 0;
        for (Numbered line : lines) {
            batchBytes += line.batchBytes();
            if (count == batch || (count > 0 && batchBytes > outbox.maxBatchBytes())) {
                break;
            }
            count++;
        }
        return count;
    }

    /** The lines for one queue, the first of them in flight. */
    private final class Lane {
        private final MessageQueueId queue;
        private final Deque<Numbered> waiting = new ArrayDeque<>();
        private int inFlight;

        Lane(MessageQueueId queue) {
            this.queue = queue;
        }

        void add(Numbered line) {
            List<Numbered> first;
            synchronized (waiting) {
                if (failed.get() > 0) { // what follows a failure would be out of order
                    room.release(line.permits());
                    return;
                }
                waiting.add(line);
                first = inFlight == 0 ? head() : List.of();
            }
            if (!first.isEmpty()) {
                post(first, queue, this);
            }
        }

        /** Those in flight are done: the next go out, unless something failed. */
        void next() {
            List<Numbered> next;
            synchronized (waiting) {
                while (inFlight > 0) {
                    waiting.remove();
                    inFlight--;
                }
                while (failed.get() > 0 && !waiting.isEmpty()) {
                    room.release(waiting.remove().permits());
                }
                next = head();
            }
            if (!next.isEmpty()) {
                post(next, queue, this);
            }
        }

        private List<Numbered> head() {
            inFlight = prefix(waiting);
            return waiting.stream().limit(inFlight).toList();
        }
    }

    private void post(List<Numbered> lines, @Nullable MessageQueueId queue, @Nullable Lane lane) {
        CompletableFuture<SendResult> outcome;
        try {
            outcome = outbox.send(lines.stream().map(Numbered::message).toList(), queue);
        } catch (RuntimeException refused) {
            outcome = CompletableFuture.failedFuture(refused);
        }
        CompletableFuture<Void> _ = outcome.handle((_, failure) -> {
            for (Numbered line : lines) {
                if (failure == null) {
                    sent.incrementAndGet();
                    bytes.addAndGet(line.bytes());
                } else {
                    tell(line.number(), cause(failure).getMessage());
                }
            }
            if (lane != null) {
                laneThread.execute(lane::next);
            }
            room.release(lines.stream().mapToInt(Numbered::permits).sum());
            return null;
        });
    }

    private static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    private void tell(long number, @Nullable String why) {
        long count = failed.incrementAndGet();
        if (count > MOST_TOLD) {
            return;
        }
        synchronized (err) {
            progress.end();
            err.println("merlin: line " + number + " was not sent: " + why);
            if (count == MOST_TOLD) {
                err.println("merlin: further failures are counted only");
            }
        }
    }
}
