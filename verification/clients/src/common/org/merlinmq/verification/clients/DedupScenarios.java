package org.merlinmq.verification.clients;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.impl.factory.MQClientInstance;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendCallback;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageClientIDSetter;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;

/** Sends that are repeated: the client gives a message its unique key once, and keeps it. */
final class DedupScenarios {
    private static final int UPDATE_TOPIC = 17;
    private static final int CALL_MILLIS = 10_000;

    private DedupScenarios() {}

    /** Single messages, one after the other and at once, a batch and a delayed message: each comes once. */
    static void repeated(Stage stage) throws Exception {
        if (!stage.ownServer()) {
            stage.fact("dedup", "RocketMQ has none");
            return;
        }
        DefaultMQProducer producer = stage.producer();
        String topic = stage.newTopic(producer, "", 4);
        Ledger ledger = new Ledger();
        Inbox inbox = new Inbox();
        DefaultMQPushConsumer consumer = stage.collector(stage.group(""), topic, "T", inbox, "c");
        stage.start(consumer);
        openWindow(stage, consumer.getDefaultMQPushConsumerImpl().getmQClientFactory(), topic);
        for (int i = 0; i < 10; i++) {
            Message message = ledger.message(topic, "T", Bodies.random(stage.random(), 100));
            SendResult first = stage.send(producer, message);
            mustRepeat(stage, first, stage.send(producer, message));
        }
        atOnce(stage, producer, ledger.message(topic, "T", Bodies.random(stage.random(), 100)));
        List<Message> batch = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            batch.add(ledger.message(topic, "T", Bodies.random(stage.random(), 100)));
        }
        mustRepeat(stage, stage.stored(producer.send(batch)), stage.stored(producer.send(batch)));
        Message delayed = ledger.message(topic, "T", Bodies.random(stage.random(), 100));
        delayed.setDelayTimeLevel(1);
        mustRepeat(stage, stage.send(producer, delayed), stage.send(producer, delayed));
        stage.awaitAll(ledger, inbox);
        inbox.mustHoldOnce(ledger);
    }

    /** As {@code mqadmin updateTopic -a} of the 5 line does it; clients of the 4 line know no attributes. */
    private static void openWindow(Stage stage, MQClientInstance client, String topic) throws Exception {
        RemotingCommand request = RemotingCommand.createRequestCommand(UPDATE_TOPIC, null);
        request.addExtField("topic", topic);
        request.addExtField("defaultTopic", "TBW102");
        request.addExtField("readQueueNums", "4");
        request.addExtField("writeQueueNums", "4");
        request.addExtField("perm", "6");
        request.addExtField("topicFilterType", "SINGLE_TAG");
        request.addExtField("order", "false");
        request.addExtField("attributes", "+dedup.window=600000");
        String address = client.getMQClientAPIImpl()
                .getTopicRouteInfoFromNameServer(topic, CALL_MILLIS)
                .getBrokerDatas()
                .get(0)
                .getBrokerAddrs()
                .get(0L);
        RemotingCommand answer =
                client.getMQClientAPIImpl().getRemotingClient().invokeSync(address, request, CALL_MILLIS);
        stage.checkEquals(0, answer.getCode(), "the answer to an update of a topic: " + answer.getRemark());
    }

    private static void mustRepeat(Stage stage, SendResult first, SendResult second) {
        stage.checkEquals(first.getOffsetMsgId(), second.getOffsetMsgId(), "the offset id of a repeated send");
        stage.checkEquals(first.getMessageQueue(), second.getMessageQueue(), "the queue of a repeated send");
        stage.checkEquals(first.getQueueOffset(), second.getQueueOffset(), "the offset of a repeated send");
    }

    private static void atOnce(Stage stage, DefaultMQProducer producer, Message message) throws Exception {
        // Its key before the threads: each would give it another.
        MessageClientIDSetter.setUniqID(message);
        Queue<String> places = new ConcurrentLinkedQueue<>();
        CountDownLatch answers = new CountDownLatch(20);
        for (int i = 0; i < 20; i++) {
            producer.send(message, new SendCallback() {
                @Override
                public void onSuccess(SendResult result) {
                    places.add(result.getOffsetMsgId());
                    answers.countDown();
                }

                @Override
                public void onException(Throwable fault) {
                    places.add(fault.toString());
                    answers.countDown();
                }
            });
        }
        stage.check(answers.await(Stage.PATIENCE_SECONDS, TimeUnit.SECONDS), answers.getCount() + " sends unanswered");
        stage.checkEquals(1L, places.stream().distinct().count(), "the places of 20 equal sends: " + places);
    }
}
