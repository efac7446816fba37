package org.merlinmq.verification.clients;

import java.util.Collection;
import java.util.Map;
import org.apache.rocketmq.client.consumer.DefaultLitePullConsumer;
import org.apache.rocketmq.client.consumer.MessageSelector;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageQueue;

/** The lite pull consumer of 4.6 and later. */
final class LiteScenarios {
    private LiteScenarios() {}

    static void addTo(Map<String, Scenario> scenarios) {
        scenarios.put("lite-assign", LiteScenarios::assign);
        scenarios.put("lite-subscribe", LiteScenarios::subscribe);
        scenarios.put("lite-sql", LiteScenarios::sql);
    }

    /** Queues chosen by hand: all there is, the commit is on the server, and all again after a seek to the start. */
    private static void assign(Stage stage) throws Exception {
        DefaultMQProducer producer = stage.producer();
        String topic = stage.newTopic(producer, "", 4);
        Ledger ledger = new Ledger();
        stage.sendNumbered(producer, ledger, topic, "A", 120);
        String group = stage.group("");
        DefaultLitePullConsumer first = consumer(stage, group);
        first.setAutoCommit(false);
        first.start();
        Collection<MessageQueue> queues = first.fetchMessageQueues(topic);
        stage.checkEquals(4, queues.size(), "the number of queues");
        first.assign(queues);
        Inbox inbox = new Inbox();
        poll(stage, first, inbox, ledger);
        first.commitSync();
        first.shutdown();
        PullScenarios.awaitCommitted(stage, group, topic, 120);
        DefaultLitePullConsumer second = consumer(stage, group);
        start(stage, second);
        second.assign(queues);
        for (MessageQueue queue : queues) {
            second.seek(queue, 0);
        }
        Inbox again = new Inbox();
        poll(stage, second, again, ledger);
    }

    /** Queues by rebalance; a second consumer of the group goes on where the first one stopped. */
    private static void subscribe(Stage stage) throws Exception {
        DefaultMQProducer producer = stage.producer();
        String topic = stage.newTopic(producer, "", 4);
        String group = stage.group("");
        Ledger before = new Ledger();
        stage.sendNumbered(producer, before, topic, "A", 100);
        stage.sendNumbered(producer, new Ledger(), topic, "B", 10);
        DefaultLitePullConsumer first = consumer(stage, group);
        first.subscribe(topic, "A");
        first.start();
        Inbox inbox = new Inbox();
        poll(stage, first, inbox, before);
        inbox.mustHoldOnce(before);
        first.commitSync();
        first.shutdown();
        Ledger after = new Ledger();
        stage.sendNumbered(producer, after, topic, "A", 60);
        DefaultLitePullConsumer second = consumer(stage, group);
        second.subscribe(topic, "A");
        start(stage, second);
        Inbox rest = new Inbox();
        poll(stage, second, rest, after);
        rest.mustHoldOnce(after);
    }

    /** Queues by rebalance, messages by an expression. */
    private static void sql(Stage stage) throws Exception {
        DefaultMQProducer producer = stage.producer();
        String topic = stage.newTopic(producer, "", 4);
        Ledger ledger = new Ledger();
        for (int i = 0; i < 100; i++) {
            Message message =
                    (i % 3 == 0 ? ledger : new Ledger()).message(topic, "A", Bodies.random(stage.random(), 40));
            message.putUserProperty("third", Boolean.toString(i % 3 == 0));
            stage.send(producer, message);
        }
        DefaultLitePullConsumer consumer = consumer(stage, stage.group(""));
        consumer.subscribe(topic, MessageSelector.bySql("third = TRUE"));
        start(stage, consumer);
        Inbox inbox = new Inbox();
        poll(stage, consumer, inbox, ledger);
        inbox.mustHoldOnce(ledger);
    }

    private static DefaultLitePullConsumer consumer(Stage stage, String group) {
        DefaultLitePullConsumer consumer = stage.configured(new DefaultLitePullConsumer(group));
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        return consumer;
    }

    private static void start(Stage stage, DefaultLitePullConsumer consumer) throws Exception {
        consumer.start();
        stage.atClose(consumer::shutdown);
    }

    private static void poll(Stage stage, DefaultLitePullConsumer consumer, Inbox inbox, Ledger ledger) {
        stage.await("all polled messages", () -> {
            consumer.poll(200).forEach(message -> inbox.add(message, "lite"));
            return inbox.distinct() >= ledger.size();
        });
        stage.awaitAll(ledger, inbox);
    }
}
