package org.merlinmq.verification.clients;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.RequestCallback;
import org.apache.rocketmq.client.utils.MessageUtil;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;

/** Request and reply, of clients from 4.6 on. */
final class RequestReplyScenarios {
    private static final int TIMEOUT_MILLIS = 30_000;
    private static final int REQUESTS = 30;

    /** The first ones load classes and find routes. */
    private static final int WARM_UPS = 5;

    private RequestReplyScenarios() {}

    static void addTo(Map<String, Scenario> scenarios) {
        scenarios.put("request-reply-sync", RequestReplyScenarios::sync);
        scenarios.put("request-reply-async", RequestReplyScenarios::async);
        scenarios.put("request-reply-oneway", RequestReplyScenarios::oneway);
        scenarios.put("request-reply-asker-gone", RequestReplyScenarios::askerGone);
    }

    /** How one request is replied to. */
    @FunctionalInterface
    private interface Replier {
        void reply(MessageExt request) throws Exception;
    }

    private static void replier(Stage stage, String topic, Replier replier) throws Exception {
        DefaultMQPushConsumer consumer = stage.pushConsumer(stage.group(""));
        consumer.subscribe(topic, "*");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            for (MessageExt message : messages) {
                try {
                    replier.reply(message);
                } catch (
                        Exception
                                e) { // the client's own kinds; the asker waits in vain, and the scenario fails by that
                    System.err.println("a reply was not sent: " + e);
                }
            }
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        stage.start(consumer);
    }

    private static Message answer(MessageExt request) throws Exception {
        return MessageUtil.createReplyMessage(request, Bodies.text("reply to " + text(request)));
    }

    private static String text(Message message) {
        return new String(message.getBody(), StandardCharsets.UTF_8);
    }

    private static void check(Stage stage, int i, Message reply) {
        stage.checkEquals("reply to request " + i, text(reply), "the reply");
    }

    private static Message request(String topic, int i) {
        return new Message(topic, "T", Bodies.text("request " + i));
    }

    private static void sync(Stage stage) throws Exception {
        DefaultMQProducer replies = stage.producer();
        DefaultMQProducer asker = stage.producer();
        String topic = stage.newTopic(asker, "", 1);
        replier(stage, topic, request -> stage.send(replies, answer(request)));
        List<Long> micros = new ArrayList<>();
        for (int i = 0; i < REQUESTS; i++) {
            long began = System.nanoTime();
            check(stage, i, asker.request(request(topic, i), TIMEOUT_MILLIS));
            micros.add((System.nanoTime() - began) / 1_000);
        }
        List<Long> warm = new ArrayList<>(micros.subList(WARM_UPS, REQUESTS));
        warm.sort(null);
        stage.fact("median of request and reply in microseconds", warm.get(warm.size() / 2));
    }

    private static void async(Stage stage) throws Exception {
        DefaultMQProducer replies = stage.producer();
        DefaultMQProducer asker = stage.producer();
        String topic = stage.newTopic(asker, "", 4);
        replier(stage, topic, request -> stage.send(replies, answer(request)));
        ConcurrentLinkedQueue<String> came = new ConcurrentLinkedQueue<>();
        for (int i = 0; i < REQUESTS; i++) {
            asker.request(request(topic, i), collecting(came), TIMEOUT_MILLIS);
        }
        stage.await("all replies", () -> came.size() == REQUESTS);
        for (int i = 0; i < REQUESTS; i++) {
            stage.check(came.contains("reply to request " + i), "no reply to request " + i + " among " + came);
        }
    }

    private static RequestCallback collecting(ConcurrentLinkedQueue<String> came) {
        return new RequestCallback() {
            @Override
            public void onSuccess(Message reply) {
                came.add(text(reply));
            }

            @Override
            public void onException(Throwable e) {
                came.add("failed: " + e);
            }
        };
    }

    private static void oneway(Stage stage) throws Exception {
        DefaultMQProducer replies = stage.producer();
        DefaultMQProducer asker = stage.producer();
        String topic = stage.newTopic(asker, "", 1);
        replier(stage, topic, request -> replies.sendOneway(answer(request)));
        for (int i = 0; i < 5; i++) {
            check(stage, i, asker.request(request(topic, i), TIMEOUT_MILLIS));
        }
    }

    /** Who replies to a client that has stopped hears so, and whom it meant. */
    private static void askerGone(Stage stage) throws Exception {
        DefaultMQProducer replies = stage.producer();
        String topic = stage.newTopic(replies, "", 1);
        DefaultMQProducer asker = stage.configured(new DefaultMQProducer("P_" + stage.group("_asker")));
        asker.start();
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch gone = new CountDownLatch(1);
        AtomicReference<String> outcome = new AtomicReference<>();
        AtomicReference<String> client = new AtomicReference<>();
        replier(stage, topic, request -> {
            client.set(MessageUtil.getReplyToClient(request));
            asked.countDown();
            gone.await(60, TimeUnit.SECONDS);
            try {
                outcome.set("stored: " + replies.send(answer(request)));
            } catch (Exception e) { // the client's own kinds
                outcome.set(causes(e));
            }
        });
        asker.request(request(topic, 0), collecting(new ConcurrentLinkedQueue<>()), TIMEOUT_MILLIS);
        stage.await("the request", () -> asked.getCount() == 0);
        asker.shutdown();
        gone.countDown();
        stage.await("what came of the reply", () -> outcome.get() != null);
        stage.fact("what the replier hears", outcome.get());
        stage.check(
                outcome.get().contains("CODE: 1 ") && outcome.get().contains(client.get()),
                "the replier should hear that " + client.get() + " is not there, and heard " + outcome.get());
    }

    private static String causes(Throwable e) {
        StringBuilder all = new StringBuilder();
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            all.append(cause).append("; ");
        }
        return all.toString();
    }
}
