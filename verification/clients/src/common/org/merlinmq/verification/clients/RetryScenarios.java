package org.merlinmq.verification.clients;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.ConsumeOrderlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.consumer.listener.MessageListenerOrderly;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;

/** Messages that come back, come later, or end in the dead letter topic. */
final class RetryScenarios {
    /** How much later than asked a message may come on a machine that is busy. */
    private static final long LATE_MILLIS = 30_000;

    private RetryScenarios() {}

    /** What fails three times with two retries allowed lies in the dead letter topic, and only that. */
    static void deadLetter(Stage stage) throws Exception {
        DefaultMQProducer producer = stage.producer();
        String topic = stage.newTopic(producer, "", 4);
        String group = stage.group("");
        Ledger good = new Ledger();
        Ledger poison = new Ledger();
        Inbox taken = new Inbox();
        Inbox refused = new Inbox();
        DefaultMQPushConsumer consumer = stage.pushConsumer(group);
        consumer.setMaxReconsumeTimes(2);
        consumer.subscribe(topic, "*");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            MessageExt message = messages.get(0);
            if (message.getTags().equals("poison")) {
                refused.add(message, "c");
                context.setDelayLevelWhenNextConsume(1);
                return ConsumeConcurrentlyStatus.RECONSUME_LATER;
            }
            taken.add(message, "c");
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        stage.start(consumer);
        for (int i = 0; i < 3; i++) {
            stage.sendNumbered(producer, good, topic, "good", 10);
            stage.sendNumbered(producer, poison, topic, "poison", 1);
        }
        stage.awaitAll(good, taken);
        taken.mustHoldOnce(good);
        stage.await("three deliveries of each of three messages", () -> refused.size() >= 9);
        String dead = "%DLQ%" + group;
        stage.await("dead letters of all three", () -> drained(stage, dead).distinct() == 3);
        Inbox letters = drained(stage, dead);
        letters.mustHoldOnce(poison);
        stage.checkEquals(9, refused.size(), "the number of deliveries of three messages with two retries");
        mustCountUp(stage, refused, topic);
    }

    /** The largest properties that the server takes leave room for all that retries and burial add to them. */
    static void largeProperties(Stage stage) throws Exception {
        DefaultMQProducer producer = stage.producer();
        String topic = stage.newTopic(producer, "", 1);
        String group = stage.group("");
        Ledger ledger = new Ledger();
        AtomicInteger deliveries = new AtomicInteger();
        DefaultMQPushConsumer consumer = stage.pushConsumer(group);
        consumer.setMaxReconsumeTimes(2);
        consumer.subscribe(topic, "*");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            deliveries.incrementAndGet();
            context.setDelayLevelWhenNextConsume(1);
            return ConsumeConcurrentlyStatus.RECONSUME_LATER;
        });
        stage.start(consumer);
        int bytes = Short.MAX_VALUE;
        while (!sendWithProperty(stage, producer, ledger, topic, bytes)) {
            bytes -= 10;
        }
        stage.fact("bytes of the property", bytes);
        String dead = "%DLQ%" + group;
        stage.await("the dead letter", () -> drained(stage, dead).distinct() == 1);
        Inbox letters = drained(stage, dead);
        letters.mustHoldOnce(ledger);
        stage.checkEquals(
                bytes, letters.all().get(0).message().getUserProperty("large").length(), "the property's length");
        stage.checkEquals(3, deliveries.get(), "the number of deliveries with two retries");
    }

    /** False if the server refuses it for its size. */
    private static boolean sendWithProperty(
            Stage stage, DefaultMQProducer producer, Ledger ledger, String topic, int bytes) throws Exception {
        Message message = ledger.message(topic, "large", Bodies.random(stage.random(), 50));
        message.putUserProperty("large", "v".repeat(bytes));
        try {
            stage.send(producer, message);
            return true;
        } catch (MQBrokerException refused) {
            stage.checkEquals(13, refused.getResponseCode(), "the code of " + refused.getErrorMessage());
            ledger.forget(message);
            return false;
        }
    }

    private static void mustCountUp(Stage stage, Inbox refused, String topic) {
        Map<String, Integer> times = new ConcurrentHashMap<>();
        Map<String, Set<String>> ids = new ConcurrentHashMap<>();
        for (Inbox.Receipt receipt : refused.all()) {
            int due = times.merge(receipt.number(), 1, Integer::sum) - 1;
            stage.checkEquals(due, receipt.message().getReconsumeTimes(), "the retry count of delivery " + due);
            stage.checkEquals(topic, receipt.message().getTopic(), "the topic that a retry shows");
            Set<String> seen = ids.computeIfAbsent(receipt.number(), n -> new HashSet<>());
            seen.add(receipt.message().getMsgId());
            stage.checkEquals(1, seen.size(), "the number of ids of a message and its retries");
        }
    }

    private static Inbox drained(Stage stage, String topic) {
        try {
            return stage.drain(topic);
        } catch (Failed e) {
            throw e;
        } catch (Exception e) {
            throw new Failed("reading " + topic + " failed: " + e);
        }
    }

    /** A retry without a wish comes ten seconds later. */
    static void retryDefault(Stage stage) throws Exception {
        DefaultMQProducer producer = stage.producer();
        String topic = stage.newTopic(producer, "", 4);
        Ledger ledger = new Ledger();
        Inbox inbox = new Inbox();
        DefaultMQPushConsumer consumer = stage.pushConsumer(stage.group(""));
        consumer.subscribe(topic, "T");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            inbox.add(messages.get(0), "c");
            return messages.get(0).getReconsumeTimes() == 0
                    ? ConsumeConcurrentlyStatus.RECONSUME_LATER
                    : ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        stage.start(consumer);
        stage.sendNumbered(producer, ledger, topic, "T", 5);
        stage.await("two deliveries of five messages", () -> inbox.size() >= 10);
        inbox.mustHold(ledger);
        stage.checkEquals(10, inbox.size(), "the number of deliveries");
        Map<String, Long> first = new ConcurrentHashMap<>();
        for (Inbox.Receipt receipt : inbox.all()) {
            Long before = first.putIfAbsent(receipt.number(), receipt.atMillis());
            if (before != null) {
                long gap = receipt.atMillis() - before;
                stage.check(gap >= 9_900 && gap <= 10_000 + LATE_MILLIS, "the retry came after " + gap + " ms");
            }
        }
    }

    /** An orderly consumer that is not ready gets the same message again before the ones behind it. */
    static void orderlySuspend(Stage stage) throws Exception {
        DefaultMQProducer producer = stage.producer();
        String topic = stage.newTopic(producer, "", 1);
        Ledger ledger = new Ledger();
        stage.sendNumbered(producer, ledger, topic, "T", 20);
        Inbox inbox = new Inbox();
        AtomicInteger refusals = new AtomicInteger();
        DefaultMQPushConsumer consumer = stage.pushConsumer(stage.group(""));
        consumer.setSuspendCurrentQueueTimeMillis(200);
        consumer.subscribe(topic, "*");
        consumer.registerMessageListener((MessageListenerOrderly) (messages, context) -> {
            MessageExt message = messages.get(0);
            if (message.getQueueOffset() == 7 && refusals.get() < 3) {
                refusals.incrementAndGet();
                return ConsumeOrderlyStatus.SUSPEND_CURRENT_QUEUE_A_MOMENT;
            }
            inbox.add(message, "c");
            return ConsumeOrderlyStatus.SUCCESS;
        });
        stage.start(consumer);
        stage.awaitAll(ledger, inbox);
        inbox.mustHoldOnce(ledger);
        inbox.mustBeInQueueOrder();
        stage.checkEquals(3, refusals.get(), "the number of refusals");
    }

    /** An orderly consumer that gives a message up after two retries finds it among the dead letters. */
    static void orderlyDeadLetter(Stage stage) throws Exception {
        DefaultMQProducer producer = stage.producer();
        String topic = stage.newTopic(producer, "", 1);
        String group = stage.group("");
        Ledger good = new Ledger();
        Ledger poison = new Ledger();
        stage.sendNumbered(producer, good, topic, "good", 5);
        stage.sendNumbered(producer, poison, topic, "poison", 1);
        stage.sendNumbered(producer, good, topic, "good", 5);
        Inbox inbox = new Inbox();
        AtomicInteger refusals = new AtomicInteger();
        DefaultMQPushConsumer consumer = stage.pushConsumer(group);
        consumer.setSuspendCurrentQueueTimeMillis(100);
        consumer.setMaxReconsumeTimes(2);
        consumer.subscribe(topic, "*");
        consumer.registerMessageListener((MessageListenerOrderly) (messages, context) -> {
            MessageExt message = messages.get(0);
            if (message.getTags().equals("poison")) {
                refusals.incrementAndGet();
                return ConsumeOrderlyStatus.SUSPEND_CURRENT_QUEUE_A_MOMENT;
            }
            inbox.add(message, "c");
            return ConsumeOrderlyStatus.SUCCESS;
        });
        stage.start(consumer);
        stage.awaitAll(good, inbox);
        inbox.mustHoldOnce(good);
        stage.await("the dead letter", () -> drained(stage, "%DLQ%" + group).distinct() == 1);
        drained(stage, "%DLQ%" + group).mustHoldOnce(poison);
        stage.fact("refusals", refusals);
    }

    /** Not earlier than asked, and not much later. */
    static void delayLevels(Stage stage) throws Exception {
        DefaultMQProducer producer = stage.producer();
        String topic = stage.newTopic(producer, "", 4);
        Ledger ledger = new Ledger();
        Inbox inbox = new Inbox();
        stage.start(stage.collector(stage.group(""), topic, "T", inbox, "c"));
        List<Long> delays = List.of(0L, 1_000L, 5_000L);
        for (int i = 0; i < 30; i++) {
            Message message = ledger.message(topic, "T", Bodies.random(stage.random(), 50));
            message.setDelayTimeLevel(i % 3);
            message.setKeys("delayed" + i);
            stage.send(producer, message);
        }
        stage.awaitAll(ledger, inbox);
        inbox.mustHoldOnce(ledger);
        long latest = 0;
        for (Inbox.Receipt receipt : inbox.all()) {
            MessageExt message = receipt.message();
            long asked = delays.get(message.getDelayTimeLevel());
            long late = receipt.atMillis() - message.getBornTimestamp() - asked;
            stage.check(late >= 0, "a message came " + -late + " ms before its delay of " + asked + " ms was over");
            stage.check(late <= LATE_MILLIS, "a message came " + late + " ms after its delay of " + asked + " ms");
            stage.checkEquals(topic, message.getTopic(), "the topic of a delayed message");
            latest = Math.max(latest, late);
        }
        stage.fact("latest by millis", latest);
    }
}
