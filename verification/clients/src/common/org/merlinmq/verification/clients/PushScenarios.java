package org.merlinmq.verification.clients;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.ConsumeOrderlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.consumer.listener.MessageListenerOrderly;
import org.apache.rocketmq.client.consumer.store.ReadOffsetType;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageQueue;

/** Push consumers, alone and in groups. */
final class PushScenarios {
    private PushScenarios() {}

    /** A backlog and what comes later, one message or a list at a time. */
    static Scenario push(boolean orderly, int listSize) {
        return stage -> {
            DefaultMQProducer producer = stage.producer();
            String topic = stage.newTopic(producer, "", 4);
            Ledger ledger = new Ledger();
            stage.sendNumbered(producer, ledger, topic, "T", 200);
            Inbox inbox = new Inbox();
            AtomicInteger longest = new AtomicInteger();
            DefaultMQPushConsumer consumer = stage.pushConsumer(stage.group(""));
            consumer.subscribe(topic, "*");
            consumer.setConsumeMessageBatchMaxSize(listSize);
            if (orderly) {
                consumer.registerMessageListener((MessageListenerOrderly) (messages, context) -> {
                    longest.accumulateAndGet(messages.size(), Math::max);
                    messages.forEach(message -> inbox.add(message, "c"));
                    return ConsumeOrderlyStatus.SUCCESS;
                });
            } else {
                consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
                    longest.accumulateAndGet(messages.size(), Math::max);
                    messages.forEach(message -> inbox.add(message, "c"));
                    return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
                });
            }
            stage.start(consumer);
            stage.sendNumbered(producer, ledger, topic, "T", 100);
            stage.awaitAll(ledger, inbox);
            inbox.mustHoldOnce(ledger);
            if (orderly) {
                inbox.mustBeInQueueOrder();
            }
            stage.fact("longest list", longest);
            stage.check(
                    listSize == 1 ? longest.get() == 1 : longest.get() > 1 && longest.get() <= listSize,
                    "the longest list had " + longest + " messages, asked for up to " + listSize);
        };
    }

    /** What a filter leaves out never arrives; messages behind it in the same queue prove that it was passed over. */
    static void tags(Stage stage) throws Exception {
        DefaultMQProducer producer = stage.producer();
        String topic = stage.newTopic(producer, "", 4);
        Map<String, Ledger> ledgers = Map.of("A || B", new Ledger(), "*", new Ledger(), "C", new Ledger());
        Map<String, Inbox> inboxes = Map.of("A || B", new Inbox(), "*", new Inbox(), "C", new Inbox());
        int group = 0;
        for (Map.Entry<String, Inbox> reader : inboxes.entrySet()) {
            stage.start(stage.collector(
                    stage.group("_" + group++), topic, reader.getKey(), reader.getValue(), reader.getKey()));
        }
        Ledger all = ledgers.get("*");
        for (int i = 0; i < 120; i++) {
            String tag = new String[] {"A", "C", "B", "AB", null}[i % 5];
            sendTagged(stage, producer, all, topic, tag, ledgers);
        }
        for (String last : List.of("A", "C")) {
            for (int i = 0; i < 8; i++) {
                sendTagged(stage, producer, all, topic, last, ledgers);
            }
        }
        for (Map.Entry<String, Inbox> reader : inboxes.entrySet()) {
            stage.awaitAll(ledgers.get(reader.getKey()), reader.getValue());
            reader.getValue().mustHoldOnce(ledgers.get(reader.getKey()));
            stage.fact("received by " + reader.getKey(), reader.getValue().size());
        }
    }

    private static void sendTagged(
            Stage stage, DefaultMQProducer producer, Ledger all, String topic, String tag, Map<String, Ledger> ledgers)
            throws Exception {
        Message message = all.message(topic, tag, Bodies.random(stage.random(), 40));
        String number = message.getUserProperty(Ledger.NUMBER);
        String hash = all.hashes().get(number);
        if ("A".equals(tag) || "B".equals(tag)) {
            ledgers.get("A || B").hashes().put(number, hash);
        }
        if ("C".equals(tag)) {
            ledgers.get("C").hashes().put(number, hash);
        }
        stage.send(producer, message);
    }

    /** Two consumers of one group share the queues: together they get each message once. */
    static void clustering(Stage stage) throws Exception {
        DefaultMQProducer producer = stage.producer();
        String topic = stage.newTopic(producer, "", 4);
        Inbox warmUp = new Inbox();
        Inbox inbox = new Inbox();
        AtomicBoolean warm = new AtomicBoolean();
        for (String name : List.of("one", "two")) {
            DefaultMQPushConsumer consumer = stage.pushConsumer(stage.group(""));
            consumer.subscribe(topic, "*");
            consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
                messages.forEach(message -> ("warm-up".equals(message.getTags()) ? warmUp : inbox).add(message, name));
                return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
            });
            stage.start(consumer);
        }
        Ledger first = new Ledger();
        stage.await("both consumers to have queues", () -> {
            sendQuietly(stage, producer, first, topic);
            warm.set(warmUp.consumers().size() == 2);
            return warm.get();
        });
        stage.awaitAll(first, warmUp);
        Ledger ledger = new Ledger();
        stage.sendNumbered(producer, ledger, topic, "T", 200);
        stage.awaitAll(ledger, inbox);
        inbox.mustHoldOnce(ledger);
        for (String name : List.of("one", "two")) {
            stage.fact("received by " + name, inbox.of(name).size());
            stage.check(!inbox.of(name).isEmpty(), "consumer " + name + " got no message");
        }
    }

    private static void sendQuietly(Stage stage, DefaultMQProducer producer, Ledger ledger, String topic) {
        try {
            stage.sendNumbered(producer, ledger, topic, "warm-up", 4);
        } catch (Exception e) {
            throw new Failed("a send failed while consumers came and went: " + e);
        }
    }

    /** Two broadcasting consumers of one group: each gets everything. */
    static void broadcasting(Stage stage) throws Exception {
        DefaultMQProducer producer = stage.producer();
        String topic = stage.newTopic(producer, "", 4);
        Ledger ledger = new Ledger();
        stage.sendNumbered(producer, ledger, topic, "T", 50);
        Map<String, Inbox> inboxes = Map.of("one", new Inbox(), "two", new Inbox());
        for (String name : inboxes.keySet()) {
            DefaultMQPushConsumer consumer = stage.collector(stage.group(""), topic, "*", inboxes.get(name), name);
            Dialect.broadcasting(consumer);
            stage.start(consumer);
        }
        stage.sendNumbered(producer, ledger, topic, "T", 50);
        for (Inbox inbox : inboxes.values()) {
            stage.awaitAll(ledger, inbox);
            inbox.mustHoldOnce(ledger);
        }
    }

    /** Consumers come and go under a steady stream: nothing is lost, and the ones that stay take over. */
    static void rebalance(Stage stage) throws Exception {
        DefaultMQProducer producer = stage.producer();
        String topic = stage.newTopic(producer, "", 8);
        String group = stage.group("");
        Ledger ledger = new Ledger();
        Inbox inbox = new Inbox();
        DefaultMQPushConsumer leaver = stage.collector(group, topic, "*", inbox, "leaver");
        leaver.start();
        stage.start(stage.collector(group, topic, "*", inbox, "stayer"));
        until(
                stage,
                producer,
                ledger,
                topic,
                "two consumers to share",
                () -> inbox.consumers().size() == 2);
        stage.start(stage.collector(group, topic, "*", inbox, "latecomer"));
        until(
                stage,
                producer,
                ledger,
                topic,
                "three consumers to share",
                () -> inbox.consumers().size() == 3);
        leaver.shutdown();
        int mark = inbox.size();
        until(
                stage,
                producer,
                ledger,
                topic,
                "the two that stay to have all queues",
                () -> inbox.all().stream()
                                .skip(mark)
                                .filter(r -> !r.consumer().equals("leaver"))
                                .map(Inbox.Receipt::queue)
                                .distinct()
                                .count()
                        == 8);
        stage.awaitAll(ledger, inbox);
        stage.fact("repeated", inbox.size() - inbox.distinct());
        stage.check(inbox.size() - inbox.distinct() < ledger.size(), "more messages were repeated than were sent");
    }

    private static void until(
            Stage stage,
            DefaultMQProducer producer,
            Ledger ledger,
            String topic,
            String what,
            java.util.function.BooleanSupplier condition) {
        stage.await(what, () -> {
            sendQuietly(stage, producer, ledger, topic);
            return condition.getAsBoolean();
        });
    }

    /** A group goes on where it stopped. */
    static void offsetsResume(Stage stage) throws Exception {
        DefaultMQProducer producer = stage.producer();
        String topic = stage.newTopic(producer, "", 4);
        String group = stage.group("");
        Ledger before = new Ledger();
        stage.sendNumbered(producer, before, topic, "T", 100);
        Inbox first = new Inbox();
        DefaultMQPushConsumer consumer = stage.collector(group, topic, "*", first, "first");
        consumer.start();
        stage.awaitAll(before, first);
        shutdownWhenCounted(stage, consumer, topic, 100);
        Ledger after = Ledger.behind(before);
        stage.sendNumbered(producer, after, topic, "T", 60);
        Inbox second = new Inbox();
        stage.start(stage.collector(group, topic, "*", second, "second"));
        stage.await("all messages", () -> second.without(before).distinct() >= after.size());
        second.without(before).mustHoldOnce(after);
        int repeated = second.size() - second.without(before).size();
        stage.fact("repeated", repeated);
        stage.check(
                repeated <= (stage.ownServer() ? 0 : before.size() - 1),
                repeated + " messages came to the second consumer too");
    }

    /**
     * Ends a consumer once all it did is counted: the offsets that it leaves on the server add up to a sum. RocketMQ may keep a
     * smaller one: it takes commits in other threads than pulls, and an offset that a pull brought along may overtake the last commit.
     */
    static void shutdownWhenCounted(Stage stage, DefaultMQPushConsumer consumer, String topic, long sum)
            throws Exception {
        List<MessageQueue> queues = stage.queues(stage.pullConsumer(stage.group("_route")), topic);
        stage.await(
                "the consumer to count what it has done",
                () -> queues.stream()
                                .mapToLong(queue ->
                                        consumer.getOffsetStore().readOffset(queue, ReadOffsetType.READ_FROM_MEMORY))
                                .sum()
                        == sum);
        consumer.shutdown();
        long least = stage.ownServer() ? sum : 1;
        PullScenarios.awaitCommitted(
                stage, consumer.getConsumerGroup(), topic, least, found -> found >= least && found <= sum);
    }

    /** Two orderly consumers: a queue is never with both at once, and its order holds when one goes. */
    static void queueLocks(Stage stage) throws Exception {
        DefaultMQProducer producer = stage.producer();
        String topic = stage.newTopic(producer, "", 4);
        Ledger ledger = new Ledger();
        Inbox inbox = new Inbox();
        Map<Integer, AtomicInteger> inside = new ConcurrentHashMap<>();
        AtomicInteger overlaps = new AtomicInteger();
        DefaultMQPushConsumer leaver = locking(stage, topic, inbox, inside, overlaps, "leaver");
        leaver.start();
        until(
                stage,
                producer,
                ledger,
                topic,
                "the first consumer to have all queues",
                () -> inbox.all().stream().map(Inbox.Receipt::queue).distinct().count() == 4);
        stage.start(locking(stage, topic, inbox, inside, overlaps, "stayer"));
        until(
                stage,
                producer,
                ledger,
                topic,
                "the second consumer to get a queue",
                () -> inbox.consumers().size() == 2);
        leaver.shutdown();
        int mark = inbox.size();
        until(
                stage,
                producer,
                ledger,
                topic,
                "the one that stays to have all queues",
                () -> inbox.all().stream()
                                .skip(mark)
                                .filter(r -> r.consumer().equals("stayer"))
                                .map(Inbox.Receipt::queue)
                                .distinct()
                                .count()
                        == 4);
        stage.awaitAll(ledger, inbox);
        stage.checkEquals(0, overlaps.get(), "the number of times that two consumers were in one queue");
        for (String name : List.of("leaver", "stayer")) {
            Inbox own = new Inbox();
            inbox.of(name).forEach(r -> own.add(r.message(), name));
            own.mustBeInQueueOrder();
        }
        stage.fact("repeated", inbox.size() - inbox.distinct());
    }

    private static DefaultMQPushConsumer locking(
            Stage stage,
            String topic,
            Inbox inbox,
            Map<Integer, AtomicInteger> inside,
            AtomicInteger overlaps,
            String name)
            throws Exception {
        DefaultMQPushConsumer consumer = stage.pushConsumer(stage.group(""));
        consumer.subscribe(topic, "*");
        consumer.registerMessageListener((MessageListenerOrderly) (messages, context) -> {
            AtomicInteger here =
                    inside.computeIfAbsent(context.getMessageQueue().getQueueId(), q -> new AtomicInteger());
            if (here.incrementAndGet() > 1) {
                overlaps.incrementAndGet();
            }
            messages.forEach(message -> inbox.add(message, name));
            here.decrementAndGet();
            return ConsumeOrderlyStatus.SUCCESS;
        });
        return consumer;
    }

    /** A selector puts all messages of a key in one queue; an orderly consumer sees each key's order. */
    static void orderPerKey(Stage stage) throws Exception {
        DefaultMQProducer producer = stage.producer();
        String topic = stage.newTopic(producer, "", 4);
        Ledger ledger = new Ledger();
        Inbox inbox = new Inbox();
        stage.start(stage.orderlyCollector(stage.group(""), topic, inbox, "c"));
        for (int i = 0; i < 400; i++) {
            Message message = ledger.message(topic, "T", Bodies.random(stage.random(), 60));
            int key = i % 10;
            message.setKeys("key" + key);
            message.putUserProperty("step", Integer.toString(i / 10));
            stage.stored(
                    producer.send(message, (queues, m, chosen) -> queues.get((Integer) chosen % queues.size()), key));
        }
        stage.awaitAll(ledger, inbox);
        inbox.mustHoldOnce(ledger);
        Map<String, Integer> next = new ConcurrentHashMap<>();
        for (Inbox.Receipt receipt : inbox.all()) {
            String key = receipt.message().getKeys();
            int due = next.merge(key, 1, Integer::sum) - 1;
            stage.checkEquals(
                    Integer.toString(due),
                    receipt.message().getUserProperty("step"),
                    "the step of " + key + " that came");
        }
    }
}
