package org.merlinmq.verification.clients;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.consumer.rebalance.AllocateMessageQueueAveragely;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendCallback;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.Message;

/**
 * Messages come at once to consumers that start, and to those whose queues are shared out anew. Clients number their
 * subscription anew at each rebalance and pull before the heartbeat that brings the number, or without it: they send none
 * while another is under way. A broker that refuses such a pull makes the client wait for one to three seconds.
 */
final class FirstMessageScenarios {
    private static final int QUEUES = 4;

    /** Starts that are not measured: both programs load their classes in them. */
    private static final int WARM_UPS = 2;

    /** How often the queues give messages in the time that rebalances are compared with. */
    private static final int CONTROLS = 50;

    private static final int LATE_MILLIS = 100;

    /** Refusals show in repeated pulls. */
    private static final int LATE_MILLIS_ON_A_BUSY_MACHINE = 2_500;

    /** Without a filter, and with one that a broker must not apply to a subscription that may have changed. */
    private static final List<String> EXPRESSIONS = List.of("*", "T");

    private FirstMessageScenarios() {}

    /** Consumers of new groups, which find messages that wait for them. */
    static void starts(Stage stage) throws Exception {
        DefaultMQProducer producer = stage.producer();
        String topic = stage.newTopic(producer, "", QUEUES);
        stage.sendNumbered(producer, new Ledger(), topic, "T", 10 * QUEUES);
        background(stage, producer);
        Waits waits = new Waits(stage);
        List<Long> firstAfter = new ArrayList<>();
        for (int i = -WARM_UPS; i < stage.rounds(6); i++) {
            Asked asked = new Asked();
            String expression = EXPRESSIONS.get((i + WARM_UPS) % EXPRESSIONS.size());
            DefaultMQPushConsumer consumer =
                    consumer(stage, stage.group("_" + (i + WARM_UPS)), topic, expression, asked);
            consumer.start();
            stage.await("a first message of each queue", () -> asked.queues() == QUEUES);
            if (i >= 0) {
                waits.add(asked);
                firstAfter.add(asked.firstAfter());
            }
            consumer.shutdown();
        }
        stage.fact("millis from the start to the first message, the client's own waits among them", firstAfter);
        waits.check();
    }

    /** A consumer that has all queues while a second one comes and goes. */
    static void rebalances(Stage stage) throws Exception {
        DefaultMQProducer producer = stage.producer();
        String topic = stage.newTopic(producer, "", QUEUES);
        background(stage, producer);
        flow(stage, producer, topic, 400, 100);
        Waits waits = new Waits(stage);
        List<Long> undisturbed = new ArrayList<>();
        for (String expression : EXPRESSIONS) {
            String group = stage.group("_" + EXPRESSIONS.indexOf(expression));
            Asked stayer = new Asked();
            DefaultMQPushConsumer first = consumer(stage, group, topic, expression, stayer);
            stage.start(first);
            stage.await("the first to have all queues", () -> stayer.queues() == QUEUES);
            stayer.takeLongestWait();
            // each comes and goes: two rebalances
            for (int i = EXPRESSIONS.indexOf(expression); i < stage.rounds(4) / 2; i += EXPRESSIONS.size()) {
                Asked comer = new Asked();
                DefaultMQPushConsumer second = consumer(stage, group, topic, expression, comer);
                second.start();
                awaitQueues(stage, comer, QUEUES / 2);
                awaitQueues(stage, stayer, QUEUES / 2);
                waits.add(stayer, comer);
                second.shutdown();
                awaitQueues(stage, stayer, QUEUES);
                waits.add(stayer);
                for (int n = 0; n < CONTROLS; n++) {
                    awaitQueues(stage, stayer, QUEUES);
                }
                undisturbed.add(stayer.takeLongestWait());
            }
        }
        undisturbed.sort(null);
        stage.fact("for comparison, the longest waits while nobody comes or goes", undisturbed);
        waits.check();
    }

    /** Until messages have come from so many queues that were pulled from now on. */
    private static void awaitQueues(Stage stage, Asked asked, int queues) {
        asked.forgetQueues();
        stage.await("messages of " + queues + " queues", () -> asked.queues() >= queues);
    }

    private static DefaultMQPushConsumer consumer(
            Stage stage, String group, String topic, String expression, Asked asked) throws Exception {
        DefaultMQPushConsumer consumer =
                stage.configured(new DefaultMQPushConsumer(group, asked, new AllocateMessageQueueAveragely()));
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        consumer.subscribe(topic, expression);
        consumer.registerMessageListener(
                (MessageListenerConcurrently) (messages, context) -> ConsumeConcurrentlyStatus.CONSUME_SUCCESS);
        consumer.getDefaultMQPushConsumerImpl().registerFilterMessageHook(asked);
        return consumer;
    }

    // ---- load ----

    /** In a run in full: messages of another topic, and who consumes them. */
    private static void background(Stage stage, DefaultMQProducer producer) throws Exception {
        if (stage.inFull()) {
            String topic = stage.newTopic(producer, "_load", QUEUES);
            stage.start(consumer(stage, stage.group("_load"), topic, "*", new Asked()));
            flow(stage, producer, topic, 2_000, 1_000);
        }
    }

    /** Sends so many messages a second until the stage closes. */
    private static void flow(Stage stage, DefaultMQProducer producer, String topic, int perSecond, int bytes) {
        byte[] body = Bodies.random(stage.random(), bytes);
        Thread sender = new Thread(() -> {
            long next = System.nanoTime();
            while (!Thread.currentThread().isInterrupted()) {
                send(producer, new Message(topic, "T", body));
                next += 1_000_000_000L / perSecond;
                LockSupport.parkNanos(next - System.nanoTime());
            }
        });
        stage.atClose(sender::interrupt);
        sender.start();
    }

    private static void send(DefaultMQProducer producer, Message message) {
        try {
            producer.send(message, new SendCallback() {
                @Override
                public void onSuccess(SendResult result) {}

                @Override
                public void onException(Throwable e) {
                    System.err.println("a message of the load was not sent: " + e);
                }
            });
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) { // the client's own kinds; what is not sent is no load, and nobody waits for it
            System.err.println("a message of the load was not sent: " + e);
        }
    }

    // ---- what came of it ----

    /** The longest wait of each start or rebalance. */
    private static final class Waits {
        private final Stage stage;
        private final List<Long> millis = new ArrayList<>();
        private final List<Long> calls = new ArrayList<>();
        private final List<String> late = new ArrayList<>();
        private final int lateMillis;

        Waits(Stage stage) {
            this.stage = stage;
            this.lateMillis = stage.inFull() ? LATE_MILLIS : LATE_MILLIS_ON_A_BUSY_MACHINE;
        }

        void add(Asked... consumers) {
            long longest = 0;
            for (Asked asked : consumers) {
                long wait = asked.takeLongestWait();
                longest = Math.max(longest, wait);
                calls.add(asked.longestCall());
                if (wait > lateMillis || asked.repeatedPulls() > 0) {
                    late.add(wait + " ms, " + asked.repeatedPulls() + " pulls repeated\n" + asked.trace());
                }
            }
            millis.add(longest);
        }

        void check() {
            millis.sort(null);
            calls.sort(null);
            stage.fact("longest waits for a message in millis", millis);
            stage.fact("longest waits for an answer to other requests than pulls", calls);
            late.forEach(one -> stage.fact("late", one));
            stage.check(
                    late.isEmpty() || !stage.ownServer(),
                    late.size() + " times a message came more than " + lateMillis
                            + " ms after it was due, or a pull was repeated; waits in millis: " + millis);
        }
    }
}
