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
 * {@code batch} lines are sent as one batch: as many as were read, since a batch does not wait for input.
 *
 * <p>Threading: {@link #send} on one thread; answers come on the client's threads, which must not send, since a send may
 * have to wait for a route: {@link #orderedThread} sends the next lines of a queue.
 *
 * <p>Errors: each failure is reported with its line number. Without an order, sending ends after {@link #MAX_FAILURES};
 * with one it ends at the first, since what follows would be out of order. A batch fails as a whole; a line that every
 * broker would refuse is left out of it.
 */
final class LineSender {
    static final int MAX_FAILURES = 100;
    private static final int MAX_REPORTED = 10;

    /** What may be in flight, counted in pieces of {@link #PERMIT_BYTES}. */
    private static final int PERMITS = 8192;

    private static final int PERMIT_BYTES = 4096;

    private final BatchSender sender;
    private final LineMapping mapping;
    private final int batch;
    private final Progress progress;
    private final PrintStream err;
    private final Semaphore room = new Semaphore(PERMITS);
    private final List<OrderedQueue> orderedQueues = new ArrayList<>();

    /** Without an order: the next batch, sent when it is full or the input pauses. */
    private final Deque<Line> nextBatch = new ArrayDeque<>();

    private final ExecutorService orderedThread = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("line-sender").factory());
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();

    /** The part of a producer that is used here. */
    interface BatchSender {
        /** The queues of a topic, always in the same order. */
        List<MessageQueueId> queues(String topic);

        /** Sends messages as one, to any queue or to the one that is named. */
        CompletableFuture<SendResult> send(List<Message> messages, @Nullable MessageQueueId queue);

        /** The bytes of a message in a batch; throws an {@link IllegalArgumentException} if every broker would refuse it. */
        int batchBytes(Message message);

        /** The most bytes of a batch. */
        int maxBatchBytes();
    }

    /**
     * The result so far.
     *
     * @param sent lines stored
     * @param bytes of them
     * @param failed lines not stored, or not known to be
     */
    record Totals(long sent, long bytes, long failed) {}

    LineSender(BatchSender sender, LineMapping mapping, int batch, Progress progress, PrintStream err) {
        this.sender = sender;
        this.mapping = mapping;
        this.batch = batch;
        this.progress = progress;
        this.err = err;
    }

    /** Sends all lines and waits for all answers; {@code totalBytes} is the input's size, or negative if unknown. */
    Totals send(LineReader lines, long totalBytes) throws IOException, InterruptedException {
        if (mapping.orderBy() != null) {
            sender.queues(mapping.topic()).forEach(queue -> orderedQueues.add(new OrderedQueue(queue)));
        }
        int maxFailures = mapping.orderBy() == null ? MAX_FAILURES : 1;
        for (byte[] line = lines.next(); line != null && failed.get() < maxFailures; line = lines.next()) {
            if (lines.tooLong() > 0) {
                report(lines.number(), "it has " + lines.tooLong() + " bytes, and " + lines.limit() + " are the most");
                continue;
            }
            Line next = encode(lines.number(), line);
            if (next == null) {
                continue;
            }
            room.acquire(next.permits());
            if (orderedQueues.isEmpty()) {
                gather(next, lines);
            } else {
                orderedQueues
                        .get(Math.floorMod(mapping.orderOf(line).hashCode(), orderedQueues.size()))
                        .add(next);
            }
            progress.at("sent", sent.get(), totalBytes > 0 ? (double) lines.bytesRead() / totalBytes : -1);
        }
        sendBatch();
        while (!room.tryAcquire(PERMITS, 100, TimeUnit.MILLISECONDS)) {
            progress.at("sent", sent.get(), -1);
        }
        progress.end();
        orderedThread.shutdown();
        return totals();
    }

    /** The result so far; any thread. */
    Totals totals() {
        return new Totals(sent.get(), bytes.get(), failed.get());
    }

    /** A line with the bytes that it takes in a batch. */
    private record Line(long number, int bytes, int batchBytes, Message message) {
        int permits() {
            return Math.min(PERMITS, 1 + bytes / PERMIT_BYTES);
        }
    }

    /** The line as a message; null, and reported, if every broker would refuse it. */
    private @Nullable Line encode(long number, byte[] line) {
        Message message = mapping.message(line);
        try {
            return new Line(number, line.length, batch == 1 ? 0 : sender.batchBytes(message), message);
        } catch (IllegalArgumentException unfit) {
            report(number, unfit.getMessage());
            return null;
        }
    }

    private void gather(Line line, LineReader lines) throws IOException {
        nextBatch.add(line);
        if (nextBatch.size() > prefix(nextBatch)) { // with this line it would be too large
            nextBatch.removeLast();
            sendBatch();
            nextBatch.add(line);
        }
        if (nextBatch.size() == batch || lines.mayWait()) {
            sendBatch();
        }
    }

    private void sendBatch() {
        if (!nextBatch.isEmpty()) {
            sendLines(List.copyOf(nextBatch), null, null);
            nextBatch.clear();
        }
    }

    /** How many of these lines make a batch; at least one. */
    private int prefix(Deque<Line> lines) {
        int count = 0;
        long batchBytes = 0;
        for (Line line : lines) {
            batchBytes += line.batchBytes();
            if (count == batch || (count > 0 && batchBytes > sender.maxBatchBytes())) {
                break;
            }
            count++;
        }
        return count;
    }

    /** The lines for one queue, the first of them in flight. */
    private final class OrderedQueue {
        private final MessageQueueId queue;
        private final Deque<Line> waiting = new ArrayDeque<>();
        private int inFlight;

        OrderedQueue(MessageQueueId queue) {
            this.queue = queue;
        }

        void add(Line line) {
            List<Line> first;
            synchronized (waiting) {
                if (failed.get() > 0) { // what follows a failure would be out of order
                    room.release(line.permits());
                    return;
                }
                waiting.add(line);
                first = inFlight == 0 ? head() : List.of();
            }
            if (!first.isEmpty()) {
                sendLines(first, queue, this);
            }
        }

        /** The lines in flight are stored: sends the next, unless something failed. */
        void sendNext() {
            List<Line> next;
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
                sendLines(next, queue, this);
            }
        }

        private List<Line> head() {
            inFlight = prefix(waiting);
            return waiting.stream().limit(inFlight).toList();
        }
    }

    private void sendLines(List<Line> lines, @Nullable MessageQueueId queue, @Nullable OrderedQueue ordered) {
        CompletableFuture<SendResult> outcome;
        try {
            outcome = sender.send(lines.stream().map(Line::message).toList(), queue);
        } catch (RuntimeException refused) {
            outcome = CompletableFuture.failedFuture(refused);
        }
        CompletableFuture<Void> _ = outcome.handle((_, failure) -> {
            for (Line line : lines) {
                if (failure == null) {
                    sent.incrementAndGet();
                    bytes.addAndGet(line.bytes());
                } else {
                    report(line.number(), cause(failure).getMessage());
                }
            }
            if (ordered != null) {
                orderedThread.execute(ordered::sendNext);
            }
            room.release(lines.stream().mapToInt(Line::permits).sum());
            return null;
        });
    }

    private static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    private void report(long number, @Nullable String why) {
        long count = failed.incrementAndGet();
        if (count > MAX_REPORTED) {
            return;
        }
        synchronized (err) {
            progress.end();
            err.println("merlin: line " + number + " was not sent: " + why);
            if (count == MAX_REPORTED) {
                err.println("merlin: further failures are counted only");
            }
        }
    }
}
