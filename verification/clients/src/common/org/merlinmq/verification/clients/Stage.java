package org.merlinmq.verification.clients;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.rocketmq.client.ClientConfig;
import org.apache.rocketmq.client.consumer.DefaultMQPullConsumer;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.PullResult;
import org.apache.rocketmq.client.consumer.PullStatus;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.ConsumeOrderlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.consumer.listener.MessageListenerOrderly;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.common.MQVersion;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;

/**
 * What one scenario plays with: names of its own, clients that are shut down at its end, waits and checks.
 *
 * <p>Waits are generous, because the machine may be busy with other things; a server that works ends them early.
 */
final class Stage implements AutoCloseable {
    static final int PATIENCE_SECONDS = 90;

    /** The number of client 4.5.0; that of 4.4.0 is 293. */
    private static final int FIRST_OF_4_5 = 300;

    private final String name;
    private final Run run;
    private final Random random;
    private final AtomicInteger instances = new AtomicInteger();
    private final Deque<Runnable> closers = new ArrayDeque<>();

    /**
     * What all scenarios of one start of the program share.
     *
     * @param keep the file for what a later start is to know; empty if there is none
     * @param rounds how often scenarios repeat what goes wrong only now and then; 0 for a few times
     */
    record Run(String id, String namesrv, String server, long seed, String keep, int rounds, Report report) {
        Run named(String other) {
            return new Run(other, namesrv, server, seed, keep, rounds, report);
        }
    }

    Stage(String name, Run run) {
        this.name = name;
        this.run = run;
        this.random = new Random(run.seed() ^ name.hashCode());
    }

    Random random() {
        return random;
    }

    /** Whether the server under test follows the rules of RocketMQ 4 where they differ from those of 5. */
    boolean oldServer() {
        return run.server().startsWith("apache-4");
    }

    /** Whether the server under test is ours: where RocketMQ does something that ours mends. */
    boolean ownServer() {
        return run.server().equals("merlin");
    }

    /** Whether the client is so old as 4.4.0. */
    boolean oldClient() {
        return MQVersion.CURRENT_VERSION < FIRST_OF_4_5;
    }

    String namesrv() {
        return run.namesrv();
    }

    String topic(String suffix) {
        return "V_" + run.id() + "_" + name + suffix;
    }

    String group(String suffix) {
        return "G_" + run.id() + "_" + name + suffix;
    }

    /** Where this start of the program leaves what a later one is to know. */
    Path keep() {
        check(!run.keep().isEmpty(), "this scenario needs --keep FILE");
        return Path.of(run.keep());
    }

    /** How often to repeat what goes wrong only now and then. */
    int rounds(int few) {
        return inFull() ? run.rounds() : few;
    }

    /** Whether this run is to measure, on a machine that does nothing else. */
    boolean inFull() {
        return run.rounds() > 0;
    }

    void fact(String fact, Object value) {
        run.report().fact(name, fact, value);
    }

    // ---- clients ----

    /** Sets what every client here needs; instances are separate, as in separate processes. */
    <T extends ClientConfig> T configured(T client) {
        client.setNamesrvAddr(run.namesrv());
        client.setInstanceName(name + "-" + run.id() + "-" + instances.incrementAndGet());
        client.setPollNameServerInterval(2_000);
        client.setHeartbeatBrokerInterval(5_000);
        client.setPersistConsumerOffsetInterval(500);
        return client;
    }

    DefaultMQProducer producer() throws MQClientException {
        DefaultMQProducer producer = configured(new DefaultMQProducer("P_" + group("")));
        producer.setSendMsgTimeout(20_000);
        producer.start();
        atClose(producer::shutdown);
        return producer;
    }

    DefaultMQPushConsumer pushConsumer(String group) {
        DefaultMQPushConsumer consumer = configured(new DefaultMQPushConsumer(group));
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        consumer.setConsumeThreadMin(4);
        consumer.setConsumeThreadMax(4);
        return consumer;
    }

    DefaultMQPullConsumer pullConsumer(String group) throws MQClientException {
        DefaultMQPullConsumer consumer = configured(new DefaultMQPullConsumer(group));
        consumer.start();
        atClose(consumer::shutdown);
        return consumer;
    }

    void start(DefaultMQPushConsumer consumer) throws MQClientException {
        consumer.start();
        atClose(consumer::shutdown);
    }

    /** A concurrent consumer that takes whatever comes. */
    DefaultMQPushConsumer collector(String group, String topic, String tags, Inbox inbox, String consumerName)
            throws MQClientException {
        DefaultMQPushConsumer consumer = pushConsumer(group);
        consumer.subscribe(topic, tags);
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            messages.forEach(message -> inbox.add(message, consumerName));
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        return consumer;
    }

    /** An orderly consumer that takes whatever comes. */
    DefaultMQPushConsumer orderlyCollector(String group, String topic, Inbox inbox, String consumerName)
            throws MQClientException {
        DefaultMQPushConsumer consumer = pushConsumer(group);
        consumer.subscribe(topic, "*");
        consumer.registerMessageListener((MessageListenerOrderly) (messages, context) -> {
            messages.forEach(message -> inbox.add(message, consumerName));
            return ConsumeOrderlyStatus.SUCCESS;
        });
        return consumer;
    }

    // ---- topics, sends, reads ----

    String newTopic(DefaultMQProducer producer, String suffix, int queues) throws Exception {
        String topic = topic(suffix);
        Dialect.createTopic(producer, topic, queues);
        await("the route of " + topic + " with " + queues + " queues", () -> publishQueues(producer, topic) == queues);
        return topic;
    }

    private static int publishQueues(DefaultMQProducer producer, String topic) {
        try {
            return producer.fetchPublishMessageQueues(topic).size();
        } catch (MQClientException e) {
            return 0; // not known to the name server yet
        }
    }

    SendResult send(DefaultMQProducer producer, Message message) throws Exception {
        return stored(producer.send(message));
    }

    SendResult stored(SendResult result) {
        check(result.getSendStatus() == SendStatus.SEND_OK, "the send was answered " + result.getSendStatus());
        return result;
    }

    void sendNumbered(DefaultMQProducer producer, Ledger ledger, String topic, String tags, int count)
            throws Exception {
        for (int i = 0; i < count; i++) {
            send(producer, ledger.message(topic, tags, Bodies.random(random, 1 + random.nextInt(300))));
        }
    }

    List<MessageQueue> queues(DefaultMQPullConsumer consumer, String topic) {
        List<MessageQueue> queues = new ArrayList<>();
        await("the route of " + topic, () -> {
            try {
                queues.addAll(consumer.fetchSubscribeMessageQueues(topic));
                return !queues.isEmpty();
            } catch (MQClientException e) {
                return false; // not known to the name server yet
            }
        });
        queues.sort(null);
        return queues;
    }

    /** Reads a topic from the first to the last message of each queue with a pull consumer. */
    Inbox drain(String topic) throws Exception {
        return drain(topic, group("_drain" + instances.get()));
    }

    /** The same by a group that may be known already. */
    Inbox drain(String topic, String group) throws Exception {
        DefaultMQPullConsumer consumer = pullConsumer(group);
        Inbox inbox = new Inbox();
        for (MessageQueue queue : queues(consumer, topic)) {
            drain(consumer, queue, inbox);
        }
        return inbox;
    }

    void drain(DefaultMQPullConsumer consumer, MessageQueue queue, Inbox inbox) throws Exception {
        long offset = consumer.minOffset(queue);
        long end = consumer.maxOffset(queue);
        while (offset < end) {
            PullResult result = consumer.pull(queue, "*", offset, 32, 20_000);
            check(
                    result.getPullStatus() == PullStatus.FOUND,
                    queue + " holds offsets up to " + end + " but a pull at " + offset + " was answered "
                            + result.getPullStatus());
            for (MessageExt message : result.getMsgFoundList()) {
                check(
                        message.getQueueOffset() == offset,
                        queue + " gave offset " + message.getQueueOffset() + " where " + offset + " was due");
                offset++;
                inbox.add(message, "pull");
            }
            check(
                    result.getNextBeginOffset() == offset,
                    "the pull ended at " + offset + " but nextBeginOffset is " + result.getNextBeginOffset());
        }
    }

    // ---- checks and waits ----

    void check(boolean holds, String sentence) {
        if (!holds) {
            throw new Failed(sentence);
        }
    }

    void checkEquals(Object expected, Object found, String what) {
        check(expected.equals(found), what + " is " + found + ", expected " + expected);
    }

    void await(String what, BooleanSupplier condition) {
        await(what, PATIENCE_SECONDS, condition);
    }

    void await(String what, int seconds, BooleanSupplier condition) {
        long end = System.nanoTime() + seconds * 1_000_000_000L;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new Failed("waited " + seconds + " s for " + what);
            }
            LockSupport.parkNanos(20_000_000);
        }
    }

    /** Waits until all of the ledger came, then checks bytes; says how many there were. */
    void awaitAll(Ledger ledger, Inbox inbox) {
        try {
            await("all messages", () -> inbox.distinct() >= ledger.size());
        } catch (Failed e) {
            inbox.mustHold(ledger);
            throw e;
        }
        inbox.mustHold(ledger);
        fact("sent", ledger.size());
        fact("received", inbox.size());
    }

    /** Lets the clock pass a moment, so that store times before and after it differ. */
    void letClockPass(long millis) {
        long end = System.currentTimeMillis() + millis;
        await("the clock", () -> System.currentTimeMillis() > end);
    }

    void atClose(Runnable closer) {
        synchronized (closers) {
            closers.push(closer);
        }
    }

    @Override
    public void close() {
        synchronized (closers) {
            closers.forEach(Runnable::run);
        }
    }
}
