package org.merlinmq.verification.clients;

import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.impl.factory.MQClientInstance;
import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.TransactionListener;
import org.apache.rocketmq.client.producer.TransactionMQProducer;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.remoting.exception.RemotingException;

/** Transactions: decided at once, decided when the broker asks, and decided by another producer of the group. */
final class TransactionScenarios {
    private static final int COUNT = 12;

    /** Apache's brokers look each 30 or 60 s. */
    private static final int CHECK_SECONDS = 150;

    private static final int CALL_MILLIS = 10_000;

    private TransactionScenarios() {}

    /** A producer's decisions, at first and when it is asked; and what it was asked. */
    private static final class Decisions implements TransactionListener {
        final Map<String, LocalTransactionState> first = new ConcurrentHashMap<>();
        final Map<String, LocalTransactionState> asked = new ConcurrentHashMap<>();
        final Queue<MessageExt> questions = new ConcurrentLinkedQueue<>();

        @Override
        public LocalTransactionState executeLocalTransaction(Message message, Object argument) {
            return first.getOrDefault(message.getUserProperty(Ledger.NUMBER), LocalTransactionState.UNKNOW);
        }

        @Override
        public LocalTransactionState checkLocalTransaction(MessageExt message) {
            questions.add(message);
            return asked.getOrDefault(message.getUserProperty(Ledger.NUMBER), LocalTransactionState.UNKNOW);
        }
    }

    private static TransactionMQProducer producer(Stage stage, String group, Decisions decisions)
            throws MQClientException {
        TransactionMQProducer producer = stage.configured(new TransactionMQProducer(group));
        producer.setTransactionListener(decisions);
        producer.setSendMsgTimeout(20_000);
        producer.start();
        stage.atClose(producer::shutdown);
        return producer;
    }

    private static void awaitMessages(Stage stage, Ledger ledger, Inbox inbox, int seconds) {
        stage.await(ledger.size() + " committed messages", seconds, () -> inbox.distinct() >= ledger.size());
        // What must not come would be among the others, or not much later.
        stage.letClockPass(500);
        inbox.mustHoldOnce(ledger);
    }

    static void decided(Stage stage) throws Exception {
        Decisions decisions = new Decisions();
        TransactionMQProducer producer = producer(stage, stage.group("_p"), decisions);
        String topic = stage.newTopic(producer, "", 2);
        Ledger ledger = new Ledger();
        Inbox inbox = new Inbox();
        stage.start(stage.collector(stage.group(""), topic, "*", inbox, "c"));
        Set<String> ids = new TreeSet<>();
        for (int i = 0; i < COUNT; i++) {
            Message message = ledger.message(topic, "T", Bodies.random(stage.random(), 1 + i * 700));
            message.setKeys("key" + i);
            boolean commit = i % 3 != 0;
            decisions.first.put(
                    message.getUserProperty(Ledger.NUMBER),
                    commit ? LocalTransactionState.COMMIT_MESSAGE : LocalTransactionState.ROLLBACK_MESSAGE);
            SendResult result = stage.stored(producer.sendMessageInTransaction(message, null));
            if (commit) {
                ids.add(result.getMsgId());
            } else {
                ledger.forget(message);
            }
        }
        awaitMessages(stage, ledger, inbox, Stage.PATIENCE_SECONDS);
        Set<String> came = new TreeSet<>();
        for (Inbox.Receipt receipt : inbox.all()) {
            MessageExt message = receipt.message();
            came.add(message.getMsgId());
            stage.checkEquals("true", message.getProperty("TRAN_MSG"), "TRAN_MSG of a committed message");
            // It stays in the messages of RocketMQ up to 5.3; 5.5.0 leaves it out.
            String realTopic = message.getProperty("REAL_TOPIC");
            stage.check(
                    realTopic == null || realTopic.equals(topic), "REAL_TOPIC of a committed message: " + realTopic);
            stage.fact("properties", new TreeSet<>(message.getProperties().keySet()));
            stage.checkEquals(message.getMsgId(), message.getTransactionId(), "the transaction id");
            stage.checkEquals(8, message.getSysFlag() & 12, "the transaction state of a committed message");
            stage.check(message.getPreparedTransactionOffset() > 0, "the half message's offset is missing");
        }
        stage.checkEquals(ids, came, "the ids of the committed messages");
    }

    /** What the producer does not know at first is decided when the broker asks. */
    static void checked(Stage stage) throws Exception {
        Decisions decisions = new Decisions();
        TransactionMQProducer producer = producer(stage, stage.group("_p"), decisions);
        String topic = stage.newTopic(producer, "", 2);
        Ledger ledger = new Ledger();
        Inbox inbox = new Inbox();
        DefaultMQPushConsumer consumer = stage.collector(stage.group(""), topic, "*", inbox, "c");
        stage.start(consumer);
        if (!stage.ownServer()) {
            // RocketMQ counts a check also if there was no producer to be asked. Ours does not, and needs no wait for
            // the first heartbeat.
            stage.send(producer, ledger.message(topic, "T", Bodies.random(stage.random(), 30)));
            awaitRegistered(stage, consumer.getDefaultMQPushConsumerImpl().getmQClientFactory(), topic);
        }
        sendUndecided(stage, producer, topic, ledger, decisions);
        stage.await("a question about each", CHECK_SECONDS, () -> decisions.questions.size() >= COUNT);
        awaitMessages(stage, ledger, inbox, Stage.PATIENCE_SECONDS);
        Set<String> asked = new TreeSet<>();
        for (MessageExt question : decisions.questions) {
            stage.checkEquals(topic, question.getTopic(), "the topic of a message that is asked about");
            stage.checkEquals("key", question.getKeys(), "the keys of a message that is asked about");
            stage.checkEquals(
                    stage.group("_p"), question.getProperty("PGROUP"), "the group of a message that is asked about");
            // RocketMQ may ask again before it has taken in the answer.
            if (asked.add(question.getUserProperty(Ledger.NUMBER))) {
                stage.checkEquals(
                        "1",
                        question.getProperty("TRANSACTION_CHECK_TIMES"),
                        "TRANSACTION_CHECK_TIMES at the first check");
            }
        }
    }

    /** Waits until the broker knows a connection of the producers' group. */
    private static void awaitRegistered(Stage stage, MQClientInstance client, String topic) {
        stage.await("the producer's heartbeat", () -> {
            try {
                return !client.getMQClientAPIImpl()
                        .getProducerConnectionList(client.findBrokerAddrByTopic(topic), stage.group("_p"), CALL_MILLIS)
                        .getConnectionSet()
                        .isEmpty();
            } catch (MQBrokerException | RemotingException notYet) {
                return false;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new Failed("interrupted while asking for the producer's connections");
            }
        });
    }

    private static void sendUndecided(
            Stage stage, TransactionMQProducer producer, String topic, Ledger ledger, Decisions decisions)
            throws Exception {
        for (int i = 0; i < COUNT; i++) {
            Message message = ledger.message(topic, "T", Bodies.random(stage.random(), 300));
            message.setKeys("key");
            boolean commit = i % 2 == 0;
            decisions.asked.put(
                    message.getUserProperty(Ledger.NUMBER),
                    commit ? LocalTransactionState.COMMIT_MESSAGE : LocalTransactionState.ROLLBACK_MESSAGE);
            stage.stored(producer.sendMessageInTransaction(message, null));
            if (!commit) {
                ledger.forget(message);
            }
        }
    }

    /** The producer is gone before it has decided: another one of its group is asked. */
    static void producerGone(Stage stage) throws Exception {
        // It may be asked before it is gone, and knows nothing.
        TransactionMQProducer gone = producer(stage, stage.group("_p"), new Decisions());
        String topic = stage.newTopic(gone, "", 2);
        Ledger ledger = new Ledger();
        Inbox inbox = new Inbox();
        stage.start(stage.collector(stage.group(""), topic, "*", inbox, "c"));
        Decisions others = new Decisions();
        sendUndecided(stage, gone, topic, ledger, others);
        gone.shutdown();
        TransactionMQProducer other = producer(stage, stage.group("_p"), others);
        // A producer of 5.x has no connection to a broker before it sends.
        stage.send(other, ledger.message(topic, "T", Bodies.random(stage.random(), 30)));
        stage.await("a question about each", CHECK_SECONDS, () -> others.questions.size() >= COUNT);
        awaitMessages(stage, ledger, inbox, Stage.PATIENCE_SECONDS);
    }
}
