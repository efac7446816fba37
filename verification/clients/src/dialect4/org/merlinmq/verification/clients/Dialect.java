package org.merlinmq.verification.clients;

import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.protocol.heartbeat.MessageModel;

/** Where the clients' interfaces differ: as the 4 line has it. */
final class Dialect {
    private Dialect() {}

    static void broadcasting(DefaultMQPushConsumer consumer) {
        consumer.setMessageModel(MessageModel.BROADCASTING);
    }

    static void createTopic(DefaultMQProducer producer, String topic, int queues) throws MQClientException {
        producer.createTopic("TBW102", topic, queues);
    }

    static DefaultMQProducer tracingProducer(String group) {
        return new DefaultMQProducer(group, true);
    }

    static DefaultMQPushConsumer tracingConsumer(String group) {
        return new DefaultMQPushConsumer(group, true);
    }
}
