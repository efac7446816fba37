package org.merlinmq.benchmarks;

import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.reply.OffsetReply;
import org.merlinmq.protocol.reply.PullReply;
import org.merlinmq.protocol.request.PullRequest;
import org.merlinmq.protocol.request.QueueRequest;
import org.merlinmq.transport.Calls;
import org.merlinmq.transport.CallsConfig;
import org.merlinmq.transport.EventLoops;
import org.merlinmq.transport.EventLoopsConfig;

/**
 * Consumers that wait at the end of one queue, each with a connection, a group and a tag of its own, for messages that no
 * one sends: {@code benchmarks/side-by-side parked} measures what a send costs beside them. Speaks the plain protocol, so
 * that RocketMQ is driven by it alike.
 *
 * <p>Threading: one event loop for all consumers; the main thread starts them and then waits to be ended.
 */
public final class ParkedConsumers {
    /** Longer than a run is: no pull is answered while sends are measured. */
    private static final Duration HOLD = Duration.ofSeconds(90);

    private static final Duration PATIENCE = HOLD.plusSeconds(10);
    private static final int SUSPEND_WITH_SUBSCRIPTION = 2 | 4;
    private static final int MAX_MESSAGES = 32;

    private final Calls calls;
    private final String broker;
    private final String topic;
    private final String tag;

    private ParkedConsumers(Calls calls, String broker, String topic, String tag) {
        this.calls = calls;
        this.broker = broker;
        this.topic = topic;
        this.tag = tag;
    }

    /**
     * Parks the consumers, prints {@code parked COUNT}, and stays until the process is ended.
     *
     * @param arguments the broker's {@code host:port}, the topic, how many consumers
     * @throws InterruptedException if the main thread is interrupted
     */
    public static void main(String[] arguments) throws InterruptedException {
        PrintStream out = System.out;
        int count = Integer.parseInt(arguments[2]);
        EventLoops loops = EventLoops.start(EventLoopsConfig.forCallers());
        List<ParkedConsumers> consumers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            consumers.add(new ParkedConsumers(
                    Calls.open(loops, CallsConfig.defaults()), arguments[0], arguments[1], "parked-" + i));
        }
        for (ParkedConsumers consumer : consumers) {
            consumer.park(consumer.end());
        }
        // A connection's requests are handled in order: what follows a pull is answered when the pull is parked.
        for (ParkedConsumers consumer : consumers) {
            consumer.end();
        }
        out.println("parked " + count);
        Thread.currentThread().join();
    }

    /** The queue's end. */
    private long end() throws InterruptedException {
        Frame answer = calls.callAndWait(
                broker, Frame.request(RequestCode.GET_MAX_OFFSET, new QueueRequest(topic, 0)), Duration.ofSeconds(10));
        if (answer.code() != ResponseCode.SUCCESS.number()) {
            throw new IllegalStateException("no end of " + topic + ": " + answer.remark());
        }
        return OffsetReply.read(answer).offset();
    }

    /** Pulls from an offset on, and again from where an answer says when its time was up. */
    private void park(long queueOffset) {
        PullRequest pull = new PullRequest(
                tag,
                topic,
                0,
                queueOffset,
                MAX_MESSAGES,
                SUSPEND_WITH_SUBSCRIPTION,
                0,
                HOLD.toMillis(),
                0,
                tag,
                "TAG",
                null);
        CompletableFuture<Void> _ = calls.call(broker, Frame.request(RequestCode.PULL_MESSAGE, pull), PATIENCE)
                .thenAccept(this::answered)
                .exceptionally(failure -> {
                    throw fatal("the pull by " + tag + " failed: " + failure);
                });
    }

    private void answered(Frame answer) {
        if (answer.code() != ResponseCode.PULL_NOT_FOUND.number()
                && answer.code() != ResponseCode.PULL_RETRY_IMMEDIATELY.number()) {
            throw fatal("the pull by " + tag + " was answered " + answer.code() + ": " + answer.remark());
        }
        park(PullReply.read(answer).nextBeginOffset());
    }

    /** Ends the process: with a consumer fewer the figure would be another's. */
    private static IllegalStateException fatal(String cause) {
        System.err.println("ParkedConsumers: " + cause);
        System.exit(1);
        return new IllegalStateException(cause);
    }
}
