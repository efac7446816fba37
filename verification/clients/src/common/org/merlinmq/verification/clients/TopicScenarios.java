package org.merlinmq.verification.clients;

import java.util.List;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.impl.factory.MQClientInstance;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.MessageQueue;

/** Topics that come and go while clients use them. */
final class TopicScenarios {
    private static final int QUEUES = 2;
    private static final int CALL_MILLIS = 10_000;

    private TopicScenarios() {}

    /** A topic that is consumed, and whether its consumer commits while the topic is deleted and made again. */
    private record Consumed(String topic, boolean commits, DefaultMQPushConsumer consumer, Inbox inbox, Ledger ledger) {
        /** Clients do it by themselves too, but only 10 s after their start. */
        void commit() {
            if (commits) {
                consumer.getDefaultMQPushConsumerImpl().persistConsumerOffset();
            }
        }
    }

    /**
     * Topics are deleted and made again while their consumers run. These go on with offsets of queues that are gone; what is
     * sent then has lower ones.
     */
    static void madeAgain(Stage stage) throws Exception {
        DefaultMQProducer producer = stage.producer();
        List<Consumed> all = List.of(consumed(stage, producer, "_a", false), consumed(stage, producer, "_b", true));
        for (Consumed one : all) {
            sendToEach(stage, producer, one, 3);
        }
        for (Consumed one : all) {
            stage.awaitAll(one.ledger(), one.inbox());
            one.commit();
            delete(one.consumer().getDefaultMQPushConsumerImpl().getmQClientFactory(), one.topic());
            stage.newTopic(producer, one.commits() ? "_b" : "_a", QUEUES);
            one.commit();
            sendToEach(stage, producer, one, 4);
        }
        for (Consumed one : all) {
            stage.awaitAll(one.ledger(), one.inbox());
        }
    }

    private static Consumed consumed(Stage stage, DefaultMQProducer producer, String suffix, boolean commits)
            throws Exception {
        String topic = stage.newTopic(producer, suffix, QUEUES);
        Inbox inbox = new Inbox();
        DefaultMQPushConsumer consumer = stage.collector(stage.group(suffix), topic, "*", inbox, "c");
        stage.start(consumer);
        return new Consumed(topic, commits, consumer, inbox, new Ledger());
    }

    private static void sendToEach(Stage stage, DefaultMQProducer producer, Consumed to, int count) throws Exception {
        for (MessageQueue queue : producer.fetchPublishMessageQueues(to.topic())) {
            for (int i = 0; i < count; i++) {
                byte[] body = Bodies.random(stage.random(), 50);
                stage.stored(producer.send(to.ledger().message(to.topic(), "T", body), queue));
            }
        }
    }

    /** As {@code mqadmin deleteTopic} does it at a broker. */
    private static void delete(MQClientInstance client, String topic) throws Exception {
        client.getMQClientAPIImpl().deleteTopicInBroker(client.findBrokerAddrByTopic(topic), topic, CALL_MILLIS);
    }
}
