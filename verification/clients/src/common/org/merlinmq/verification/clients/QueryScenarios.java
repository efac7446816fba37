package org.merlinmq.verification.clients;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.apache.rocketmq.client.QueryResult;
import org.apache.rocketmq.client.consumer.DefaultMQPullConsumer;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.UtilAll;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;

/** Messages found by what is known about them, and consumers that start somewhere in time. */
final class QueryScenarios {
    private QueryScenarios() {}

    static void byOffsetId(Stage stage) throws Exception {
        DefaultMQProducer producer = stage.producer();
        String topic = stage.newTopic(producer, "", 2);
        for (int i = 0; i < 20; i++) {
            byte[] body = Bodies.random(stage.random(), 1 + i * 100);
            SendResult sent = stage.send(producer, new Message(topic, "T", body));
            MessageExt found = producer.viewMessage(topic, sent.getOffsetMsgId());
            stage.checkEquals(Bodies.hash(body), Bodies.hash(found.getBody()), "the body found by offset id");
            stage.checkEquals(sent.getMsgId(), found.getMsgId(), "the id of the message found by offset id");
            stage.checkEquals(sent.getQueueOffset(), found.getQueueOffset(), "its queue offset");
        }
    }

    static void byUniqueKey(Stage stage) throws Exception {
        DefaultMQProducer producer = stage.producer();
        String topic = stage.newTopic(producer, "", 2);
        for (int i = 0; i < 10; i++) {
            byte[] body = Bodies.random(stage.random(), 1 + i * 100);
            SendResult sent = stage.send(producer, new Message(topic, "T", body));
            List<MessageExt> found = new ArrayList<>();
            stage.await("the message by its id", () -> {
                try {
                    MessageExt one = producer.viewMessage(topic, sent.getMsgId());
                    return one != null && found.add(one);
                } catch (MQClientException e) {
                    return false; // not indexed yet
                } catch (Exception e) {
                    throw new Failed("viewMessage failed: " + e);
                }
            });
            stage.checkEquals(Bodies.hash(body), Bodies.hash(found.get(0).getBody()), "the body found by unique key");
            stage.checkEquals(sent.getQueueOffset(), found.get(0).getQueueOffset(), "its queue offset");
        }
    }

    static void byKey(Stage stage) throws Exception {
        DefaultMQProducer producer = stage.producer();
        String topic = stage.newTopic(producer, "", 4);
        long begin = System.currentTimeMillis() - 1_000;
        Set<String> shared = new TreeSet<>();
        for (int i = 0; i < 12; i++) {
            Message message = new Message(topic, "T", Bodies.text("body " + i));
            message.setKeys(List.of("own" + i, i % 3 == 0 ? "shared" : "other"));
            String id = stage.send(producer, message).getMsgId();
            if (i % 3 == 0) {
                shared.add(id);
            }
        }
        long end = System.currentTimeMillis() + 60_000;
        stage.await(
                "all four messages of a key",
                () -> query(producer, topic, "shared", begin, end).equals(shared));
        for (int i = 0; i < 12; i++) {
            stage.checkEquals(1, query(producer, topic, "own" + i, begin, end).size(), "messages with key own" + i);
        }
        stage.checkEquals(0, query(producer, topic, "nobody", begin, end).size(), "messages with an unknown key");
        stage.checkEquals(
                0, query(producer, topic, "shared", begin - 200_000, begin).size(), "messages before the time");
    }

    private static Set<String> query(DefaultMQProducer producer, String topic, String key, long begin, long end) {
        try {
            QueryResult result = producer.queryMessage(topic, key, 32, begin, end);
            Set<String> ids = new TreeSet<>();
            result.getMessageList().forEach(message -> ids.add(message.getMsgId()));
            return ids;
        } catch (MQClientException e) {
            return Set.of(); // the client's way to say that there is none
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failed("interrupted in a query");
        }
    }

    static void byTime(Stage stage) throws Exception {
        DefaultMQProducer producer = stage.producer();
        String topic = stage.newTopic(producer, "", 1);
        DefaultMQPullConsumer consumer = stage.pullConsumer(stage.group(""));
        MessageQueue queue = stage.queues(consumer, topic).get(0);
        long beforeAll = System.currentTimeMillis() - 1;
        Ledger ledger = new Ledger();
        stage.letClockPass(100);
        stage.sendNumbered(producer, ledger, topic, "T", 30);
        stage.letClockPass(200);
        long between = System.currentTimeMillis() - 100;
        stage.sendNumbered(producer, ledger, topic, "T", 20);
        stage.letClockPass(200);
        stage.checkEquals(0L, consumer.searchOffset(queue, beforeAll), "the offset before all");
        long second = consumer.searchOffset(queue, between);
        stage.check(
                second == 30 || stage.oldServer() && second == 29,
                "the offset between 30 and 20 messages is " + second);
        long afterAll = consumer.searchOffset(queue, System.currentTimeMillis());
        stage.fact("offset after all", afterAll);
        stage.check(
                afterAll == 50 || stage.oldServer() && afterAll == 49,
                "the offset after all is " + afterAll + " of 50");
    }

    /** A new group starts at the first message there is. */
    static void startFirst(Stage stage) throws Exception {
        DefaultMQProducer producer = stage.producer();
        String topic = stage.newTopic(producer, "", 4);
        Ledger ledger = new Ledger();
        stage.sendNumbered(producer, ledger, topic, "T", 40);
        Inbox inbox = new Inbox();
        DefaultMQPushConsumer consumer = stage.collector(stage.group(""), topic, "*", inbox, "c");
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        stage.start(consumer);
        stage.awaitAll(ledger, inbox);
        inbox.mustHoldOnce(ledger);
    }

    /**
     * From the last message on: a broadcasting consumer sees only what is sent after its start. A clustering one on a
     * topic this young sees all, which is RocketMQ's rule: nothing of a young topic is passed over.
     */
    static void startLast(Stage stage) throws Exception {
        DefaultMQProducer producer = stage.producer();
        String topic = stage.newTopic(producer, "", 4);
        Ledger all = new Ledger();
        stage.sendNumbered(producer, all, topic, "old", 40);
        Inbox later = new Inbox();
        DefaultMQPushConsumer broadcast = stage.collector(stage.group("_b"), topic, "*", later, "broadcast");
        Dialect.broadcasting(broadcast);
        broadcast.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_LAST_OFFSET);
        stage.start(broadcast);
        Inbox whole = new Inbox();
        DefaultMQPushConsumer cluster = stage.collector(stage.group("_c"), topic, "*", whole, "cluster");
        cluster.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_LAST_OFFSET);
        stage.start(cluster);
        stage.await("all four queues to be read", () -> {
            try {
                stage.sendNumbered(producer, all, topic, "new", 4);
            } catch (Exception e) {
                throw new Failed("a send failed: " + e);
            }
            return later.all().stream().map(Inbox.Receipt::queue).distinct().count() == 4;
        });
        for (Inbox.Receipt receipt : later.all()) {
            stage.checkEquals("new", receipt.message().getTags(), "the tag of what a late starter sees");
        }
        stage.awaitAll(all, whole);
        stage.fact("seen by broadcast", later.size());
    }

    /** From a moment on: exactly what was stored since then, for a broadcasting consumer, which keeps its own offset. */
    static void startTimestamp(Stage stage) throws Exception {
        DefaultMQProducer producer = stage.producer();
        String topic = stage.newTopic(producer, "", 4);
        getsTheRecent(stage, producer, topic, oldOnes(stage, producer, topic), Dialect::broadcasting);
    }

    /**
     * A clustering group that is new starts at the moment too, and the next time where it stopped, whatever moment is
     * given. For a server that takes no message for young ({@code accessMessageInMemoryMaxRatio=0}).
     */
    static void startTimestampClustering(Stage stage) throws Exception {
        DefaultMQProducer producer = stage.producer();
        String topic = stage.newTopic(producer, "", 4);
        String moment = oldOnes(stage, producer, topic);
        DefaultMQPushConsumer first = getsTheRecent(stage, producer, topic, moment, consumer -> {});
        PushScenarios.shutdownWhenCounted(stage, first, topic, 80);
        getsTheRecent(stage, producer, topic, moment, consumer -> {});
    }

    /** Sends some more; a consumer that starts at the moment gets these, each once, and no others. */
    private static DefaultMQPushConsumer getsTheRecent(
            Stage stage,
            DefaultMQProducer producer,
            String topic,
            String moment,
            Consumer<DefaultMQPushConsumer> manner)
            throws Exception {
        Ledger recent = new Ledger();
        stage.sendNumbered(producer, recent, topic, "recent", 40);
        Inbox inbox = new Inbox();
        DefaultMQPushConsumer consumer = sinceMoment(stage, stage.group(""), topic, moment, inbox);
        manner.accept(consumer);
        stage.start(consumer);
        stage.awaitAll(recent, inbox);
        inbox.mustHoldOnce(recent);
        return consumer;
    }

    /** On a young topic a new clustering group sees all, whatever moment is given: that is RocketMQ's rule. */
    static void startTimestampYoung(Stage stage) throws Exception {
        DefaultMQProducer producer = stage.producer();
        String topic = stage.newTopic(producer, "", 4);
        Ledger all = new Ledger();
        stage.sendNumbered(producer, all, topic, "recent", 40);
        stage.letClockPass(2_500);
        String moment = UtilAll.timeMillisToHumanString3(System.currentTimeMillis() - 1_000);
        stage.sendNumbered(producer, all, topic, "recent", 40);
        Inbox inbox = new Inbox();
        stage.start(sinceMoment(stage, stage.group(""), topic, moment, inbox));
        stage.awaitAll(all, inbox);
        inbox.mustHoldOnce(all);
    }

    /** Sends what lies before a moment, and returns the moment in the clients' form, which knows whole seconds only. */
    private static String oldOnes(Stage stage, DefaultMQProducer producer, String topic) throws Exception {
        stage.sendNumbered(producer, new Ledger(), topic, "old", 40);
        stage.letClockPass(1_500);
        long second = System.currentTimeMillis() / 1_000 * 1_000;
        stage.letClockPass(300);
        return UtilAll.timeMillisToHumanString3(second);
    }

    private static DefaultMQPushConsumer sinceMoment(
            Stage stage, String group, String topic, String moment, Inbox inbox) throws MQClientException {
        String tags = stage.oldServer() ? "recent" : "*"; // the 4 line starts one message before the moment
        DefaultMQPushConsumer consumer = stage.collector(group, topic, tags, inbox, "c");
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_TIMESTAMP);
        consumer.setConsumeTimestamp(moment);
        return consumer;
    }
}
