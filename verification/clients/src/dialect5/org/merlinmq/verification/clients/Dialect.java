package org.merlinmq.verification.clients;

import java.util.Map;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.remoting.protocol.heartbeat.MessageModel;

/** Where the clients' interfaces differ: as the 5 line has it. */
final class Dialect {
    private Dialect() {}

    static void broadcasting(DefaultMQPushConsumer consumer) {
        consumer.setMessageModel(MessageModel.BROADCASTING);
    }

    static void createTopic(DefaultMQProducer producer, String topic, int queues) throws MQClientException {
        producer.createTopic("TBW102", topic, queues, Map.of());
    }

    static DefaultMQProducer tracingProducer(String group) {
        DefaultMQProducer producer = new DefaultMQProducer(group);
        producer.setEnableTrace(true);
        return producer;
    }

    static DefaultMQPushConsumer tracingConsumer(String group) {
        DefaultMQPushConsumer consumer = new DefaultMQPushConsumer(group);
        consumer.setEnableTrace(true);
        return consumer;
    }
}
