package org.merlinmq.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.merlinmq.client.ClientException;
import org.merlinmq.client.PullResult;
import org.merlinmq.client.Puller;
import org.merlinmq.client.ReceivedMessage;
import org.merlinmq.client.StartAt;
import org.merlinmq.protocol.body.MessageQueueId;

/**
 * Reads several queues at once: one pull of each is in flight, and one thread handles the messages.
 *
 * <p>Threading: one thread; pulls complete on the client's threads and only put their result into a queue.
 */
final class MultiQueueReader {
    private static final Duration HOLD = Duration.ofSeconds(15);
    private static final int BATCH = 32;

    private final Puller puller;
    private final String tags;
    private final boolean follow;
    private final BlockingQueue<PullCompletion> completions = new LinkedBlockingQueue<>();
    private int pulling;

    /** Handles messages, in the order of each queue. */
    interface MessageHandler {
        /** Returns false to end the reading. */
        boolean handle(ReceivedMessage message);

        /** All messages of a queue below an offset were handled. */
        default void handledBelow(MessageQueueId queue, long nextOffset) {}
    }

    /** Where we are in a queue, and where to end. */
    private record Cursor(MessageQueueId queue, long next, long end) {}

    private record PullCompletion(
            Cursor from,
            @Nullable PullResult result,
            @Nullable Throwable failure) {}

    MultiQueueReader(Puller puller, String tags, boolean follow) {
        this.puller = puller;
        this.tags = tags;
        this.follow = follow;
    }

    /** Begins with a queue; without following it ends where the queue ends now. */
    void begin(MessageQueueId queue, long offset) {
        begin(queue, offset, Long.MAX_VALUE);
    }

    /** Begins with a queue and ends below an offset, or where the queue ends now. */
    void begin(MessageQueueId queue, long offset, long end) {
        pull(new Cursor(queue, offset, follow ? end : Math.min(end, puller.offset(queue, StartAt.last()))));
    }

    /** Passes messages to the handler until it returns false, all queues end, or none comes for so long. */
    void run(MessageHandler handler, long idleMillis) throws InterruptedException {
        while (pulling > 0) {
            PullCompletion completion = completions.poll(idleMillis, TimeUnit.MILLISECONDS);
            if (completion == null) {
                return;
            }
            pulling--;
            if (completion.result() == null) {
                throw new CommandFailure(
                        "reading " + name(completion.from().queue()) + " failed: " + why(completion.failure()));
            }
            if (!handleAll(completion.from(), completion.result(), handler)) {
                return;
            }
        }
    }

    private static @Nullable String why(@Nullable Throwable failure) {
        if (failure == null) {
            return "unknown";
        }
        Throwable cause = failure.getCause();
        return (failure instanceof CompletionException && cause != null ? cause : failure).getMessage();
    }

    /** Those of a topic's queues that a number, or BROKER:NUMBER, names. */
    static List<MessageQueueId> chosen(List<MessageQueueId> queues, String topic, String wanted) {
        List<MessageQueueId> chosen = queues.stream()
                .filter(queue -> wanted.equals(String.valueOf(queue.queueId()))
                        || wanted.equals(queue.brokerName() + ":" + queue.queueId()))
                .toList();
        if (chosen.isEmpty()) {
            throw new CommandFailure(
                    "the topic " + topic + " has no queue " + wanted + "; merlin topic show " + topic + " lists them");
        }
        return chosen;
    }

    static String name(MessageQueueId queue) {
        return queue.topic() + " " + queue.brokerName() + ":" + queue.queueId();
    }

    private boolean handleAll(Cursor from, PullResult result, MessageHandler handler) {
        boolean more = true;
        long next = result.nextOffset();
        List<ReceivedMessage> wanted = new ArrayList<>(result.messages());
        wanted.removeIf(message -> message.queueOffset() >= from.end());
        for (ReceivedMessage message : wanted) {
            if (!handler.handle(message)) {
                next = message.queueOffset() + 1;
                more = false;
                break;
            }
        }
        handler.handledBelow(from.queue(), Math.min(next, from.end()));
        if (more) {
            pull(new Cursor(from.queue(), next, from.end()));
        }
        return more;
    }

    private void pull(Cursor from) {
        if (from.next() >= from.end()) {
            return;
        }
        pulling++;
        CompletableFuture<PullResult> outcome;
        try {
            outcome = puller.pullAsync(from.queue(), from.next(), tags, BATCH, follow ? HOLD : Duration.ZERO);
        } catch (ClientException refused) {
            outcome = CompletableFuture.failedFuture(refused);
        }
        CompletableFuture<Boolean> _ =
                outcome.handle((result, failure) -> completions.add(new PullCompletion(from, result, failure)));
    }
}
