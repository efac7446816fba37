package org.merlinmq.verification.clients;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.client.consumer.DefaultMQPullConsumer;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendCallback;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;

/** Sends of all kinds; what arrived is read back with a pull consumer. */
final class SendScenarios {
    private static final int MESSAGE_ILLEGAL = 13;

    private SendScenarios() {}

    static void sync(Stage stage) throws Exception {
        DefaultMQProducer producer = stage.producer();
        String topic = stage.newTopic(producer, "", 4);
        Ledger ledger = new Ledger();
        Map<Integer, Long> next = new HashMap<>();
        for (int i = 0; i < 200; i++) {
            SendResult result = stage.send(producer, ledger.message(topic, "T", Bodies.random(stage.random(), 100)));
            int queue = result.getMessageQueue().getQueueId();
            stage.checkEquals(next.getOrDefault(queue, 0L), result.getQueueOffset(), "the offset in queue " + queue);
            next.put(queue, result.getQueueOffset() + 1);
        }
        stage.checkEquals(4, next.size(), "the number of queues used");
        drainedOnce(stage, topic, ledger);
    }

    static void async(Stage stage) throws Exception {
        DefaultMQProducer producer = stage.producer();
        String topic = stage.newTopic(producer, "", 4);
        Ledger ledger = new Ledger();
        Queue<String> faults = new ConcurrentLinkedQueue<>();
        CountDownLatch answers = new CountDownLatch(300);
        for (int i = 0; i < 300; i++) {
            producer.send(ledger.message(topic, "T", Bodies.random(stage.random(), 200)), new SendCallback() {
                @Override
                public void onSuccess(SendResult result) {
                    if (!result.getSendStatus().name().equals("SEND_OK")) {
                        faults.add(result.getSendStatus().name());
                    }
                    answers.countDown();
                }

                @Override
                public void onException(Throwable fault) {
                    faults.add(fault.toString());
                    answers.countDown();
                }
            });
        }
        stage.check(answers.await(Stage.PATIENCE_SECONDS, TimeUnit.SECONDS), answers.getCount() + " sends unanswered");
        stage.check(faults.isEmpty(), "asynchronous sends failed: " + faults);
        drainedOnce(stage, topic, ledger);
    }

    static void oneway(Stage stage) throws Exception {
        DefaultMQProducer producer = stage.producer();
        String topic = stage.newTopic(producer, "", 4);
        Ledger ledger = new Ledger();
        for (int i = 0; i < 100; i++) {
            producer.sendOneway(ledger.message(topic, "T", Bodies.random(stage.random(), 50)));
        }
        DefaultMQPullConsumer reader = stage.pullConsumer(stage.group(""));
        List<MessageQueue> queues = stage.queues(reader, topic);
        stage.await("100 stored messages", () -> stored(reader, queues) == 100);
        drainedOnce(stage, topic, ledger);
    }

    private static long stored(DefaultMQPullConsumer reader, List<MessageQueue> queues) {
        try {
            long sum = 0;
            for (MessageQueue queue : queues) {
                sum += reader.maxOffset(queue);
            }
            return sum;
        } catch (MQClientException e) {
            throw new Failed("maxOffset failed: " + e.getMessage());
        }
    }

    /** A batch lies in one queue at consecutive offsets, each message with its own properties. */
    static void batch(Stage stage) throws Exception {
        DefaultMQProducer producer = stage.producer();
        String topic = stage.newTopic(producer, "", 4);
        Ledger ledger = new Ledger();
        for (int b = 0; b < 5; b++) {
            List<Message> batch = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                Message message = ledger.message(topic, i % 2 == 0 ? "Even" : "Odd", Bodies.random(stage.random(), 80));
                message.setKeys("batch" + b + "-" + i);
                message.putUserProperty("place", b + "." + i);
                message.setFlag(i);
                batch.add(message);
            }
            SendResult result = stage.stored(producer.send(batch));
            stage.checkEquals(20, result.getMsgId().split(",").length, "the number of ids of a batch of 20");
        }
        Inbox inbox = drainedOnce(stage, topic, ledger);
        Map<String, Long> firstOffsets = new HashMap<>();
        Map<String, String> places = new HashMap<>();
        for (Inbox.Receipt receipt : inbox.all()) {
            MessageExt message = receipt.message();
            String[] place = message.getUserProperty("place").split("\\.");
            int i = Integer.parseInt(place[1]);
            stage.checkEquals("batch" + place[0] + "-" + i, message.getKeys(), "the key of a message of a batch");
            stage.checkEquals(i % 2 == 0 ? "Even" : "Odd", message.getTags(), "the tag of a message of a batch");
            stage.checkEquals(i, message.getFlag(), "the flag of a message of a batch");
            long first = firstOffsets.computeIfAbsent(place[0], b -> message.getQueueOffset() - i);
            stage.checkEquals(first + i, message.getQueueOffset(), "the offset of message " + i + " of a batch");
            stage.checkEquals(
                    receipt.queue(), places.computeIfAbsent(place[0], b -> receipt.queue()), "the queue of a batch");
        }
        stage.fact(
                "distinct ids",
                inbox.all().stream().map(r -> r.message().getMsgId()).distinct().count());
    }

    /** Everything an application can say about a message comes back as it was said. */
    static void roundTrip(Stage stage) throws Exception {
        DefaultMQProducer producer = stage.producer();
        String topic = stage.newTopic(producer, "", 2);
        Ledger ledger = new Ledger();
        Message message = ledger.message(topic, "TagOne", Bodies.text("the body"));
        message.setKeys(List.of("key-a", "key-b"));
        message.setFlag(0x7ABCDEF1);
        message.setBuyerId("buyer");
        message.putUserProperty("plain", "value with spaces, \"quotes\", \\backslashes\\ and {braces}");
        message.putUserProperty("überschrift", "Größe 大小 🐦");
        message.putUserProperty("long", "x".repeat(8_000));
        long before = System.currentTimeMillis();
        SendResult sent = stage.send(producer, message);
        MessageExt got = drainedOnce(stage, topic, ledger).all().get(0).message();
        stage.checkEquals(topic, got.getTopic(), "the topic");
        stage.checkEquals("TagOne", got.getTags(), "the tag");
        stage.checkEquals("key-a key-b", got.getKeys(), "the keys");
        stage.checkEquals(0x7ABCDEF1, got.getFlag(), "the flag");
        stage.checkEquals("buyer", got.getBuyerId(), "the buyer id");
        for (String name : List.of("plain", "überschrift", "long")) {
            stage.checkEquals(message.getUserProperty(name), got.getUserProperty(name), "the property " + name);
        }
        stage.checkEquals(sent.getMsgId(), got.getMsgId(), "the message id");
        stage.checkEquals(sent.getMessageQueue().getQueueId(), got.getQueueId(), "the queue");
        stage.checkEquals(sent.getQueueOffset(), got.getQueueOffset(), "the queue offset");
        stage.checkEquals(0, got.getReconsumeTimes(), "the number of retries");
        stage.checkEquals("127.0.0.1", got.getBornHostString(), "the host it was born on");
        long after = System.currentTimeMillis();
        stage.check(
                before <= got.getBornTimestamp() && got.getBornTimestamp() <= after,
                "born at " + got.getBornTimestamp() + ", not within " + before + " to " + after);
        stage.check(
                got.getBornTimestamp() <= got.getStoreTimestamp() && got.getStoreTimestamp() <= after,
                "stored at " + got.getStoreTimestamp() + ", born at " + got.getBornTimestamp() + ", read by " + after);
    }

    static void bodySizes(Stage stage) throws Exception {
        DefaultMQProducer producer = stage.producer();
        producer.setCompressMsgBodyOverHowmuch(Integer.MAX_VALUE);
        String topic = stage.newTopic(producer, "", 2);
        Ledger ledger = new Ledger();
        int mebibyte = 1 << 20;
        for (int bytes : new int[] {1, 2, 3, 127, 128, 4_095, 4_096, 65_535, 65_536, mebibyte, 4 * mebibyte}) {
            stage.send(producer, ledger.message(topic, "T", Bodies.random(stage.random(), bytes)));
        }
        drainedOnce(stage, topic, ledger);
    }

    /** The client packs bodies of 4 KiB and more; the server keeps them packed. */
    static void compressed(Stage stage) throws Exception {
        DefaultMQProducer producer = stage.producer();
        String topic = stage.newTopic(producer, "", 2);
        Ledger ledger = new Ledger();
        for (int bytes : new int[] {4_097, 5_000, 100_000, 2_000_000}) {
            stage.send(producer, ledger.message(topic, "T", Bodies.prose(stage.random(), bytes)));
        }
        for (Inbox.Receipt receipt : drainedOnce(stage, topic, ledger).all()) {
            MessageExt message = receipt.message();
            stage.check(
                    message.getStoreSize() < message.getBody().length,
                    "a body of " + message.getBody().length + " bytes takes " + message.getStoreSize()
                            + " when packed");
        }
    }

    static void nonAscii(Stage stage) throws Exception {
        DefaultMQProducer producer = stage.producer();
        String topic = stage.newTopic(producer, "", 2);
        Ledger wanted = new Ledger();
        Inbox inbox = new Inbox();
        stage.start(stage.collector(stage.group(""), topic, "标签 || Größe || 🐦", inbox, "c"));
        for (String tag : List.of("标签", "Größe", "🐦")) {
            Message message = wanted.message(topic, tag, Bodies.text("Привет, мир; 你好，世界; 🐦🐦; \u0000\u0001\u0002"));
            message.setKeys("ключ-" + tag);
            stage.send(producer, message);
            stage.send(producer, new Message(topic, "其他", Bodies.text("not wanted")));
        }
        stage.awaitAll(wanted, inbox);
        for (Inbox.Receipt receipt : inbox.all()) {
            stage.checkEquals(
                    "ключ-" + receipt.message().getTags(), receipt.message().getKeys(), "the key");
        }
    }

    /** The client's own limit is lifted, so that it is the server that refuses. */
    static void tooLarge(Stage stage) throws Exception {
        DefaultMQProducer producer = stage.producer();
        producer.setMaxMessageSize(12 << 20);
        producer.setCompressMsgBodyOverHowmuch(Integer.MAX_VALUE);
        producer.setRetryTimesWhenSendFailed(0);
        String topic = stage.newTopic(producer, "", 1);
        Ledger ledger = new Ledger();
        refused(stage, producer, new Message(topic, Bodies.random(stage.random(), 5 << 20)), "a body of 5 MiB");
        Message properties = new Message(topic, Bodies.text("x"));
        properties.putUserProperty("long", "x".repeat(33_000));
        refused(stage, producer, properties, "properties of 33 kB");
        stage.sendNumbered(producer, ledger, topic, "T", 1);
        drainedOnce(stage, topic, ledger);
    }

    private static void refused(Stage stage, DefaultMQProducer producer, Message message, String what)
            throws Exception {
        try {
            SendResult result = producer.send(message);
            throw new Failed(what + " was taken: " + result);
        } catch (MQBrokerException e) {
            stage.checkEquals(MESSAGE_ILLEGAL, e.getResponseCode(), "the code that refuses " + what);
        }
    }

    /** A topic nobody made: the first send makes it, with four queues for the client's default. */
    static void autoCreate(Stage stage) throws Exception {
        DefaultMQProducer producer = stage.producer();
        String topic = stage.topic("");
        Ledger ledger = new Ledger();
        stage.sendNumbered(producer, ledger, topic, "T", 20);
        stage.await("the route of " + topic, () -> {
            try {
                return producer.fetchPublishMessageQueues(topic).size() == 4;
            } catch (MQClientException e) {
                return false; // not registered yet
            }
        });
        drainedOnce(stage, topic, ledger);
    }

    private static Inbox drainedOnce(Stage stage, String topic, Ledger ledger) throws Exception {
        Inbox inbox = stage.drain(topic);
        inbox.mustHoldOnce(ledger);
        stage.fact("sent", ledger.size());
        stage.fact("received", inbox.size());
        return inbox;
    }
}
