package org.merlinmq.verification.clients;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongPredicate;
import org.apache.rocketmq.client.consumer.DefaultMQPullConsumer;
import org.apache.rocketmq.client.consumer.MQPullConsumer;
import org.apache.rocketmq.client.consumer.MQPullConsumerScheduleService;
import org.apache.rocketmq.client.consumer.PullResult;
import org.apache.rocketmq.client.consumer.PullStatus;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageQueue;

/** Consumers that ask by themselves. */
final class PullScenarios {
    private PullScenarios() {}

    /** Pull answers at every kind of offset, and offsets kept on the server. */
    static void offsets(Stage stage) throws Exception {
        DefaultMQProducer producer = stage.producer();
        String topic = stage.newTopic(producer, "", 1);
        Ledger ledger = new Ledger();
        stage.sendNumbered(producer, ledger, topic, "A", 50);
        DefaultMQPullConsumer consumer = stage.pullConsumer(stage.group(""));
        MessageQueue queue = stage.queues(consumer, topic).get(0);
        stage.checkEquals(0L, consumer.minOffset(queue), "the first offset");
        stage.checkEquals(50L, consumer.maxOffset(queue), "the end offset");
        long earliest = consumer.earliestMsgStoreTime(queue);
        stage.check(
                Math.abs(System.currentTimeMillis() - earliest) < 600_000, "the earliest store time is " + earliest);

        PullResult ten = consumer.pull(queue, "*", 7, 10);
        stage.checkEquals(PullStatus.FOUND, ten.getPullStatus(), "the status of a pull at 7");
        stage.checkEquals(10, ten.getMsgFoundList().size(), "the number of messages pulled");
        stage.checkEquals(7L, ten.getMsgFoundList().get(0).getQueueOffset(), "the offset of the first one");
        stage.checkEquals(17L, ten.getNextBeginOffset(), "the next offset");
        stage.checkEquals(0L, ten.getMinOffset(), "the first offset in the answer");
        stage.checkEquals(50L, ten.getMaxOffset(), "the end offset in the answer");

        PullResult filtered = consumer.pull(queue, "B", 0, 32);
        stage.checkEquals(PullStatus.NO_MATCHED_MSG, filtered.getPullStatus(), "the status when no tag matches");
        stage.checkEquals(50L, filtered.getNextBeginOffset(), "the next offset when no tag matches");
        PullResult atEnd = consumer.pull(queue, "*", 50, 32);
        stage.checkEquals(PullStatus.NO_NEW_MSG, atEnd.getPullStatus(), "the status at the end");
        // RocketMQ goes on at the end. The topic may have been deleted and made again: then that leaves messages out.
        pullBeyond(stage, consumer, queue, stage.ownServer() ? 0 : 50);

        consumer.updateConsumeOffset(queue, 33);
        consumer.getOffsetStore().persistAll(new HashSet<>(Set.of(queue)));
        stage.await("the offset on the server", () -> committed(consumer, queue) == 33);
        pullBeyond(stage, consumer, queue, stage.ownServer() ? 33 : 50);
        blockingPull(stage, producer, consumer, queue);
        Inbox inbox = stage.drain(topic);
        stage.checkEquals(51, inbox.size(), "the number of messages in the end");
    }

    private static void pullBeyond(Stage stage, DefaultMQPullConsumer consumer, MessageQueue queue, long next)
            throws Exception {
        PullResult beyond = consumer.pull(queue, "*", 1_000, 32);
        stage.checkEquals(PullStatus.OFFSET_ILLEGAL, beyond.getPullStatus(), "the status beyond the end");
        stage.checkEquals(next, beyond.getNextBeginOffset(), "the next offset beyond the end");
    }

    /** A commit that comes before the first heartbeat, as the first request that names the group, is kept. */
    static void earlyCommit(Stage stage) throws Exception {
        DefaultMQProducer producer = stage.producer();
        String topic = stage.newTopic(producer, "", 1);
        Ledger ledger = new Ledger();
        stage.sendNumbered(producer, ledger, topic, "A", 50);
        DefaultMQPullConsumer consumer = stage.pullConsumer(stage.group(""));
        MessageQueue queue = stage.queues(consumer, topic).get(0);
        consumer.updateConsumeOffset(queue, 33);
        consumer.getOffsetStore().persistAll(new HashSet<>(Set.of(queue)));
        if (stage.ownServer()) { // RocketMQ drops it
            stage.await("the offset on the server", () -> committed(consumer, queue) == 33);
        }
    }

    /** A pull that waits at the end is answered by the message that comes. */
    private static void blockingPull(
            Stage stage, DefaultMQProducer producer, DefaultMQPullConsumer consumer, MessageQueue queue)
            throws Exception {
        CompletableFuture<PullResult> answer = new CompletableFuture<>();
        Thread waiter = new Thread(() -> {
            try {
                answer.complete(consumer.pullBlockIfNotFound(queue, "*", 50, 32));
            } catch (Exception e) {
                answer.completeExceptionally(e);
            }
        });
        waiter.start();
        waiter.join(500); // so that the pull is on its way; what is checked does not depend on it
        stage.send(producer, new Message(queue.getTopic(), "C", Bodies.text("late")));
        PullResult late = answer.get(Stage.PATIENCE_SECONDS, TimeUnit.SECONDS);
        stage.checkEquals(PullStatus.FOUND, late.getPullStatus(), "the status of the pull that waited");
        stage.checkEquals(50L, late.getMsgFoundList().get(0).getQueueOffset(), "the offset of the late message");
    }

    static long committed(DefaultMQPullConsumer consumer, MessageQueue queue) {
        try {
            return consumer.fetchConsumeOffset(queue, true);
        } catch (MQClientException e) {
            throw new Failed("fetching an offset failed: " + e.getMessage());
        }
    }

    /** Waits until the offsets on the server of a group that has no live consumer add up. */
    static void awaitCommitted(Stage stage, String group, String topic, long sum) throws Exception {
        awaitCommitted(stage, group, topic, sum, found -> found == sum);
    }

    /** Waits until the sum of the offsets on the server, of a group that has no live consumer, is right. */
    static void awaitCommitted(Stage stage, String group, String topic, long least, LongPredicate right)
            throws Exception {
        DefaultMQPullConsumer reader = stage.configured(new DefaultMQPullConsumer(group));
        reader.start();
        List<MessageQueue> queues = stage.queues(reader, topic);
        stage.await(
                "offsets of " + group + " that add up to " + least,
                () -> right.test(queues.stream()
                        .mapToLong(queue -> Math.max(0, committed(reader, queue)))
                        .sum()));
        reader.shutdown();
    }

    /** The schedule service shares queues among its members and calls back for each. */
    static void scheduled(Stage stage) throws Exception {
        DefaultMQProducer producer = stage.producer();
        String topic = stage.newTopic(producer, "", 4);
        Ledger ledger = new Ledger();
        stage.sendNumbered(producer, ledger, topic, "T", 100);
        Inbox inbox = new Inbox();
        AtomicReference<String> fault = new AtomicReference<>();
        MQPullConsumerScheduleService service = new MQPullConsumerScheduleService(stage.group(""));
        stage.configured(service.getDefaultMQPullConsumer());
        service.setPullThreadNums(4);
        service.registerPullTaskCallback(topic, (queue, context) -> {
            try {
                MQPullConsumer consumer = context.getPullConsumer();
                long offset = Math.max(0, consumer.fetchConsumeOffset(queue, false));
                PullResult result = consumer.pull(queue, "*", offset, 32);
                if (result.getPullStatus() == PullStatus.FOUND) {
                    result.getMsgFoundList().forEach(message -> inbox.add(message, "s"));
                }
                consumer.updateConsumeOffset(queue, result.getNextBeginOffset());
                context.setPullNextDelayTimeMillis(100);
            } catch (Exception e) {
                fault.compareAndSet(null, e.toString());
            }
        });
        service.start();
        stage.atClose(service::shutdown);
        stage.await("the backlog", () -> inbox.distinct() == 100 || fault.get() != null);
        stage.check(fault.get() == null, "a scheduled pull failed: " + fault.get());
        stage.sendNumbered(producer, ledger, topic, "T", 60);
        stage.awaitAll(ledger, inbox);
        stage.check(fault.get() == null, "a scheduled pull failed: " + fault.get());
    }
}
