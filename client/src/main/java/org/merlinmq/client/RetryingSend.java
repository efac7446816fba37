package org.merlinmq.client;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.body.MessageQueueId;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.reply.SendReply;

/**
 * Sends one message, and again after failures that another try may cure. Completes the outcome in every case.
 *
 * <p>Threading: {@link #to} once, on the sender's thread; then on the client's own, one step at a time.
 */
final class RetryingSend {
    /** Response codes after which another broker may succeed: 1 error, 2 busy, 14 not writable, 16, 17, 204 and 205 of its own kinds. */
    private static final Set<Integer> RETRIED_CODES = Set.of(1, 2, 14, 16, 17, 204, 205);

    private final Cluster cluster;
    private final ProducerHeartbeat heartbeat;
    private final WriteQueues queues;
    private final ProducerConfig config;
    private final EncodedMessage message;
    private final @Nullable MessageQueueId fixed;
    private final long deadlineNanos;
    private final CompletableFuture<SendResult> outcome = new CompletableFuture<>();
    private int tries;

    /**
     * Sends nothing before {@link #to}.
     *
     * @param fixed the only queue that it may go to; null for any
     */
    RetryingSend(
            Cluster cluster,
            ProducerHeartbeat heartbeat,
            WriteQueues queues,
            ProducerConfig config,
            EncodedMessage message,
            @Nullable MessageQueueId fixed) {
        this.cluster = cluster;
        this.heartbeat = heartbeat;
        this.queues = queues;
        this.config = config;
        this.message = message;
        this.fixed = fixed;
        this.deadlineNanos = System.nanoTime() + config.timeout().toNanos();
    }

    CompletableFuture<SendResult> outcome() {
        return outcome;
    }

    void to(MessageQueueId queue) {
        tries++;
        Duration left = Duration.ofNanos(deadlineNanos - System.nanoTime());
        try {
            String broker = queues.master(message.topic(), queue.brokerName());
            heartbeat.beforeSend(broker);
            CompletableFuture<Void> unused = cluster.call(broker, message.request(config.group(), queue), left)
                    .handle((answer, failure) -> {
                        answered(queue, broker, answer, failure);
                        return null;
                    });
        } catch (ClientException failed) {
            again(queue, failed);
        } catch (RuntimeException unexpected) { // whatever it is, the caller must get it
            failed(unexpected);
        }
    }

    private void failed(Throwable cause) {
        outcome.completeExceptionally(
                new ClientException("sending to topic " + message.topic() + " failed: " + cause.getMessage(), cause));
    }

    private void answered(MessageQueueId queue, String broker, @Nullable Frame answer, @Nullable Throwable failure) {
        if (answer == null) {
            again(queue, notAnswered(failure));
            return;
        }
        SendStatus status = SendStatus.of(answer.code());
        if (status != null) {
            complete(status, answer, queue);
            return;
        }
        ClientException refused = Cluster.refused(answer, "broker " + queue.brokerName() + " at " + broker);
        if (RETRIED_CODES.contains(answer.code())) {
            again(queue, refused);
        } else {
            outcome.completeExceptionally(refused);
        }
    }

    private ClientException notAnswered(@Nullable Throwable failure) {
        Throwable cause = failure instanceof CompletionException wrapped && wrapped.getCause() != null
                ? wrapped.getCause()
                : failure;
        return new ClientException(
                "sending to topic " + message.topic() + " failed after " + tries + " of " + (config.retries() + 1)
                        + " tries: " + (cause == null ? "unknown" : cause.getMessage()),
                cause == null ? new IllegalStateException("no cause") : cause);
    }

    private void again(MessageQueueId failed, ClientException why) {
        boolean time = deadlineNanos - System.nanoTime() > 0;
        if (tries > config.retries() || !time) {
            cluster.routes().forget(message.topic());
            outcome.completeExceptionally(why);
            return;
        }
        // On the timer's thread, since a look-up of the route may block, and after a pause for a busy broker.
        if (!cluster.schedule(Duration.ofMillis(10L * tries), () -> toAnother(failed))) {
            outcome.completeExceptionally(why);
        }
    }

    private void toAnother(MessageQueueId failed) {
        MessageQueueId queue;
        try {
            queue = fixed == null ? queues.next(message.topic(), failed.brokerName()) : fixed;
        } catch (ClientException noRoute) {
            outcome.completeExceptionally(noRoute);
            return;
        } catch (RuntimeException unexpected) { // whatever it is, the caller must get it
            failed(unexpected);
            return;
        }
        to(queue);
    }

    private void complete(SendStatus status, Frame answer, MessageQueueId queue) {
        SendResult stored;
        try {
            stored = stored(status, answer, queue);
        } catch (RuntimeException unreadable) { // an answer of what is no RocketMQ broker
            failed(unreadable);
            return;
        }
        outcome.complete(stored);
    }

    private SendResult stored(SendStatus status, Frame answer, MessageQueueId queue) {
        SendReply reply = SendReply.read(answer);
        return new SendResult(
                status,
                message.messageId(),
                reply.msgId(),
                new MessageQueueId(message.topic(), queue.brokerName(), reply.queueId()),
                reply.queueOffset(),
                reply.recallHandle());
    }
}
