package org.merlinmq.verification.clients;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.impl.factory.MQClientInstance;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendCallback;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.TopicConfig;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;

/** Any delay, messages that are taken back, and topics with rate limits: what the 5 line can ask for. */
final class TimerScenarios {
    private static final int NO_PERMISSION = 16;
    private static final int ILLEGAL_OPERATION = 604;

    /** How much later than asked a message may come on a machine that is busy. */
    private static final long LATE_MILLIS = 30_000;

    private static final long DAY_MILLIS = 86_400_000;

    /** Long enough for a busy machine to send some messages and take them back. */
    private static final long RECALLED_MILLIS = 6_000;

    private TimerScenarios() {}

    static void addTo(Map<String, Scenario> scenarios) {
        scenarios.put("timer-delays", TimerScenarios::delays);
        scenarios.put("timer-recall", TimerScenarios::recall);
        scenarios.put("limit-send", TimerScenarios::limitedSends);
        scenarios.put("limit-deliver", TimerScenarios::limitedDeliveries);
    }

    /** A message comes at its millisecond; RocketMQ rounds down to the second. */
    static void delays(Stage stage) throws Exception {
        DefaultMQProducer producer = stage.producer();
        String topic = stage.newTopic(producer, "", 4);
        Ledger ledger = new Ledger();
        Inbox inbox = new Inbox();
        stage.start(stage.collector(stage.group(""), topic, "T", inbox, "c"));
        long[] millis = {1, 10, 250, 999, 1_000, 1_500, 2_345};
        for (long delay : millis) {
            Message message = timed(stage, ledger, topic, delay);
            message.setDelayTimeMs(delay);
            stage.send(producer, message);
            message = timed(stage, ledger, topic, delay);
            deliverAt(message, System.currentTimeMillis() + delay);
            stage.send(producer, message);
        }
        Message seconds = timed(stage, ledger, topic, 2_000);
        seconds.setDelayTimeSec(2);
        stage.send(producer, seconds);
        Message past = timed(stage, ledger, topic, 0);
        past.setDeliverTimeMs(System.currentTimeMillis() - 5_000);
        stage.send(producer, past);
        stage.awaitAll(ledger, inbox);
        inbox.mustHoldOnce(ledger);
        long latest = 0;
        for (Inbox.Receipt receipt : inbox.all()) {
            MessageExt message = receipt.message();
            long asked = Long.parseLong(message.getUserProperty("asked"));
            String at = message.getUserProperty("at");
            long due = at == null ? message.getBornTimestamp() + asked : Long.parseLong(at);
            long late = receipt.atMillis() - due;
            long early = stage.ownServer() ? 0 : 1_100;
            stage.check(
                    late >= -early, "a message came " + -late + " ms before its delay of " + asked + " ms was over");
            stage.check(late <= LATE_MILLIS, "a message came " + late + " ms after its delay of " + asked + " ms");
            stage.checkEquals(topic, message.getTopic(), "the topic of a delayed message");
            stage.fact("properties", message.getProperties().keySet());
            latest = Math.max(latest, late);
        }
        stage.fact("latest by millis", latest);
    }

    /** The message remembers the time: when it is born depends on how busy the machine is. */
    private static void deliverAt(Message message, long atMillis) {
        message.setDeliverTimeMs(atMillis);
        message.putUserProperty("at", Long.toString(atMillis));
    }

    private static Message timed(Stage stage, Ledger ledger, String topic, long delay) {
        Message message = ledger.message(topic, "T", Bodies.random(stage.random(), 50));
        message.putUserProperty("asked", Long.toString(delay));
        return message;
    }

    /** Taken back in time, a message never comes; too late, or by a handle of another one, nothing happens. */
    static void recall(Stage stage) throws Exception {
        DefaultMQProducer producer = stage.producer();
        String topic = stage.newTopic(producer, "", 4);
        Ledger ledger = new Ledger();
        Inbox inbox = new Inbox();
        stage.start(stage.collector(stage.group(""), topic, "T", inbox, "c"));
        List<SendResult> recalled = new ArrayList<>();
        for (long delay : new long[] {RECALLED_MILLIS, RECALLED_MILLIS + 500, 30 * DAY_MILLIS, 365 * DAY_MILLIS}) {
            if (delay > 2 * DAY_MILLIS && !stage.ownServer()) {
                continue; // RocketMQ takes no more than three days
            }
            Message message = new Message(topic, "T", Bodies.random(stage.random(), 50));
            message.setDelayTimeMs(delay);
            recalled.add(stage.send(producer, message));
        }
        Message kept = ledger.message(topic, "T", Bodies.random(stage.random(), 50));
        kept.setDelayTimeMs(RECALLED_MILLIS);
        String keptHandle = stage.send(producer, kept).getRecallHandle();
        stage.check(keptHandle != null && !keptHandle.isEmpty(), "the answer to a send has no recall handle");
        if (!recalls(producer, topic, recalled.get(0))) {
            stage.fact("recall", "switched off");
            return;
        }
        for (SendResult each : recalled.subList(1, recalled.size())) {
            stage.checkEquals(
                    each.getMsgId(),
                    producer.recallMessage(topic, each.getRecallHandle()),
                    "the id of what was taken back");
        }
        if (stage.ownServer()) { // RocketMQ takes note, and looks whether there is such a message when it is due
            stage.checkEquals(
                    ILLEGAL_OPERATION,
                    refused(producer, topic, recalled.get(0).getRecallHandle()),
                    "the code for a message that was taken back before");
            stage.checkEquals(
                    ILLEGAL_OPERATION,
                    refused(producer, topic, madeUp(keptHandle)),
                    "the code for a handle that was made up");
        }
        stage.awaitAll(ledger, inbox);
        // Those that were taken back are due half a second after it at the latest.
        stage.letClockPass(stage.ownServer() ? 800 : 2_500);
        stage.checkEquals(
                ILLEGAL_OPERATION, refused(producer, topic, keptHandle), "the code for a handle that is late");
        inbox.mustHoldOnce(ledger);
        stage.checkEquals(1, inbox.size(), "how many messages came");
    }

    /** A handle of a message that was never sent. */
    private static String madeUp(String handle) {
        String words = new String(Base64.getUrlDecoder().decode(handle), StandardCharsets.UTF_8);
        String other = words.substring(0, words.lastIndexOf(' ') + 1) + "0A0000010000000000000000000000FF";
        return Base64.getUrlEncoder().encodeToString(other.getBytes(StandardCharsets.UTF_8));
    }

    private static boolean recalls(DefaultMQProducer producer, String topic, SendResult sent) throws Exception {
        try {
            producer.recallMessage(topic, sent.getRecallHandle());
            return true;
        } catch (MQBrokerException refused) {
            if (refused.getResponseCode() == NO_PERMISSION) {
                return false;
            }
            throw refused;
        }
    }

    private static int refused(DefaultMQProducer producer, String topic, String handle) throws Exception {
        try {
            producer.recallMessage(topic, handle);
            return 0;
        } catch (MQBrokerException refused) {
            return refused.getResponseCode();
        }
    }

    /** The producer's own way to create a topic leaves attributes out; the request below it does not. */
    private static String topicWith(Stage stage, DefaultMQProducer producer, Map<String, String> attributes)
            throws Exception {
        String topic = stage.newTopic(producer, "", 4);
        MQClientInstance client = producer.getDefaultMQProducerImpl().getMqClientFactory();
        String address = client.getMQClientAPIImpl()
                .getTopicRouteInfoFromNameServer(topic, 10_000)
                .getBrokerDatas()
                .get(0)
                .getBrokerAddrs()
                .get(0L);
        TopicConfig config = new TopicConfig(topic, 4, 4, 6);
        config.setAttributes(attributes);
        client.getMQClientAPIImpl().createTopic(address, "TBW102", config, 10_000);
        return topic;
    }

    /** All at once, far above the rate: none is refused, and they take as long as the rate says. */
    static void limitedSends(Stage stage) throws Exception {
        if (!stage.ownServer()) {
            stage.fact("limits", "RocketMQ has none");
            return;
        }
        DefaultMQProducer producer = stage.producer();
        String topic = topicWith(stage, producer, Map.of("+limit.send.messages", "200", "+limit.send.burst", "100"));
        Queue<String> faults = new ConcurrentLinkedQueue<>();
        int messages = 320;
        CountDownLatch answers = new CountDownLatch(messages);
        long began = System.nanoTime();
        for (int i = 0; i < messages; i++) {
            Message message = new Message(topic, "T", Bodies.random(stage.random(), 100));
            producer.send(message, new SendCallback() {
                @Override
                public void onSuccess(SendResult result) {
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
        long tookMillis = (System.nanoTime() - began) / 1_000_000;
        stage.check(faults.isEmpty(), "sends failed: " + faults);
        stage.fact("millis", tookMillis);
        // 20 were saved up, one goes beyond.
        stage.check(tookMillis >= (messages - 21) * 5 - 5, messages + " messages went in " + tookMillis + " ms");
    }

    /** The consumer gets as much as the rate says, and all of it. */
    static void limitedDeliveries(Stage stage) throws Exception {
        if (!stage.ownServer()) {
            stage.fact("limits", "RocketMQ has none");
            return;
        }
        DefaultMQProducer producer = stage.producer();
        String topic =
                topicWith(stage, producer, Map.of("+limit.deliver.messages", "200", "+limit.deliver.burst", "100"));
        Ledger ledger = new Ledger();
        Inbox inbox = new Inbox();
        int messages = 300;
        for (int i = 0; i < messages; i++) {
            stage.send(producer, ledger.message(topic, "T", Bodies.random(stage.random(), 100)));
        }
        stage.start(stage.collector(stage.group(""), topic, "T", inbox, "c"));
        stage.awaitAll(ledger, inbox);
        inbox.mustHoldOnce(ledger);
        long first =
                inbox.all().stream().mapToLong(Inbox.Receipt::atMillis).min().orElse(0);
        long last =
                inbox.all().stream().mapToLong(Inbox.Receipt::atMillis).max().orElse(0);
        stage.fact("millis", last - first);
        // 20 were saved up, and each of the four queues may have had an answer beyond.
        stage.check(last - first >= (messages - 60) * 5, messages + " messages came in " + (last - first) + " ms");
    }
}
