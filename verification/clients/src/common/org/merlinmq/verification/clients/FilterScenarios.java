package org.merlinmq.verification.clients;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.apache.rocketmq.client.consumer.DefaultMQPullConsumer;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.MessageSelector;
import org.apache.rocketmq.client.consumer.PullResult;
import org.apache.rocketmq.client.consumer.PullStatus;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageQueue;

/** Subscriptions by SQL92, and clients of one group that subscribe differently. */
final class FilterScenarios {
    private static final String[] COLORS = {"red", "blue", "green", null};
    private static final int SIZES = 120;

    private FilterScenarios() {}

    /** Expressions, each with what it is to take. */
    private static Map<String, Predicate<Message>> expressions() {
        Map<String, Predicate<Message>> all = new LinkedHashMap<>();
        all.put(
                "size > 50 AND color IN ('red', 'blue')",
                m -> size(m) > 50 && Set.of("red", "blue").contains(color(m)));
        all.put("color IS NULL OR size BETWEEN 10 AND 20", m -> color(m).isEmpty() || (size(m) >= 10 && size(m) <= 20));
        all.put("TAGS = 'A' AND size >= 90.0", m -> m.getTags().equals("A") && size(m) >= 90);
        return all;
    }

    private static int size(Message message) {
        return Integer.parseInt(message.getUserProperty("size"));
    }

    private static String color(Message message) {
        String color = message.getUserProperty("color");
        return color == null ? "" : color;
    }

    /** Sends messages of all sizes and colors; returns for each expression what it is to take. */
    private static Map<String, Ledger> sendAll(Stage stage, DefaultMQProducer producer, String topic) throws Exception {
        Ledger all = new Ledger();
        Map<String, Ledger> wanted = new HashMap<>();
        expressions().keySet().forEach(expression -> wanted.put(expression, new Ledger()));
        for (int size = 0; size < SIZES; size++) {
            Message message = all.message(topic, size % 2 == 0 ? "A" : "B", Bodies.random(stage.random(), 40));
            message.putUserProperty("size", Integer.toString(size));
            String color = COLORS[size / 2 % COLORS.length];
            if (color != null) {
                message.putUserProperty("color", color);
            }
            String number = message.getUserProperty(Ledger.NUMBER);
            expressions().forEach((expression, takes) -> {
                if (takes.test(message)) {
                    wanted.get(expression).hashes().put(number, all.hashes().get(number));
                }
            });
            stage.send(producer, message);
        }
        return wanted;
    }

    /** Push consumers that wait for messages and that find them there get what their expressions take, once. */
    static void sqlPush(Stage stage) throws Exception {
        DefaultMQProducer producer = stage.producer();
        String topic = stage.newTopic(producer, "", 4);
        Map<String, Inbox> waiting = startAll(stage, topic, "_w");
        Map<String, Ledger> wanted = sendAll(stage, producer, topic);
        Map<String, Inbox> late = startAll(stage, topic, "_l");
        for (Map<String, Inbox> inboxes : List.of(waiting, late)) {
            inboxes.forEach((expression, inbox) -> {
                stage.awaitAll(wanted.get(expression), inbox);
                inbox.mustHoldOnce(wanted.get(expression));
            });
        }
    }

    private static Map<String, Inbox> startAll(Stage stage, String topic, String suffix) throws MQClientException {
        Map<String, Inbox> inboxes = new LinkedHashMap<>();
        for (String expression : expressions().keySet()) {
            Inbox inbox = new Inbox();
            DefaultMQPushConsumer consumer =
                    stage.collector(stage.group(suffix + inboxes.size()), topic, "*", inbox, expression);
            consumer.subscribe(topic, MessageSelector.bySql(expression));
            stage.start(consumer);
            inboxes.put(expression, inbox);
        }
        return inboxes;
    }

    /** A pull consumer names its expression with each pull. */
    static void sqlPull(Stage stage) throws Exception {
        DefaultMQProducer producer = stage.producer();
        String topic = stage.newTopic(producer, "", 1);
        Map<String, Ledger> wanted = sendAll(stage, producer, topic);
        DefaultMQPullConsumer consumer = stage.pullConsumer(stage.group(""));
        MessageQueue queue = stage.queues(consumer, topic).get(0);
        stage.await("the answer to a heartbeat, which tells the client that it may", () -> mayFilter(consumer, queue));
        for (Map.Entry<String, Ledger> each : wanted.entrySet()) {
            Inbox inbox = new Inbox();
            for (long offset = 0; offset < SIZES; ) {
                PullResult result = consumer.pull(queue, MessageSelector.bySql(each.getKey()), offset, 10);
                stage.check(
                        result.getPullStatus() == PullStatus.FOUND
                                || result.getPullStatus() == PullStatus.NO_MATCHED_MSG,
                        "a pull at " + offset + " was answered " + result.getPullStatus());
                stage.check(result.getNextBeginOffset() > offset, "the pull at " + offset + " went nowhere");
                if (result.getPullStatus() == PullStatus.FOUND) {
                    result.getMsgFoundList().forEach(message -> inbox.add(message, "pull"));
                }
                offset = result.getNextBeginOffset();
            }
            inbox.mustHoldOnce(each.getValue());
        }
        if (!stage.ownServer()) {
            return; // RocketMQ answers a pull by a broken expression with all messages
        }
        try {
            PullResult refused = consumer.pull(queue, MessageSelector.bySql("size > > 1"), 0, 10);
            throw new Failed("a pull by a broken expression was answered " + refused.getPullStatus());
        } catch (MQClientException | org.apache.rocketmq.client.exception.MQBrokerException expected) {
            stage.fact("refused", expected.getMessage());
        }
    }

    private static boolean mayFilter(DefaultMQPullConsumer consumer, MessageQueue queue) {
        try {
            return consumer.pull(queue, MessageSelector.bySql("TRUE"), 0, 1).getPullStatus() == PullStatus.FOUND;
        } catch (MQClientException notYet) {
            return false;
        } catch (Exception e) {
            throw new Failed("a pull by an expression failed: " + e);
        }
    }

    /** A consumer whose expression cannot be used does not start. */
    static void sqlRefused(Stage stage) throws Exception {
        DefaultMQProducer producer = stage.producer();
        String topic = stage.newTopic(producer, "", 1);
        DefaultMQPushConsumer consumer = stage.collector(stage.group(""), topic, "*", new Inbox(), "none");
        consumer.subscribe(topic, MessageSelector.bySql("size > 1 AND"));
        try {
            consumer.start();
        } catch (MQClientException refused) {
            stage.fact("refused", refused.getMessage());
            if (stage.ownServer()) {
                stage.check(
                        refused.getMessage().contains("at character 13"),
                        "the refusal names no place: " + refused.getMessage());
            }
            return;
        } finally {
            consumer.shutdown();
        }
        throw new Failed("a consumer with a broken expression started");
    }

    /**
     * A rolling deploy: two versions of an application in one group, one of which takes A and B, the other A and C. Each gets
     * what its own queues hold of that, whatever heartbeats of the other come.
     */
    static Scenario rollingDeploy(boolean sql) {
        return stage -> {
            DefaultMQProducer producer = stage.producer();
            String topic = stage.newTopic(producer, "", 4);
            Inbox inbox = new Inbox();
            start(stage, topic, inbox, "former", sql, List.of("A", "B"));
            start(stage, topic, inbox, "next", sql, List.of("A", "C"));
            Ledger forBoth = new Ledger();
            List<MessageQueue> queues = new ArrayList<>(producer.fetchPublishMessageQueues(topic));
            Map<Integer, String> owners = awaitOwners(stage, producer, topic, queues, forBoth, inbox);
            stage.letClockPass(2_500); // heartbeats of both
            Set<String> wanted = new TreeSet<>();
            for (int round = 0; round < 15; round++) {
                for (MessageQueue queue : queues) {
                    boolean former = owners.get(queue.getQueueId()).equals("former");
                    wanted.add(sendTo(stage, producer, forBoth.message(topic, "A", Bodies.text("A")), queue));
                    Message b = numbered(topic, "B", round, queue);
                    Message c = numbered(topic, "C", round, queue);
                    sendTo(stage, producer, b, queue);
                    sendTo(stage, producer, c, queue);
                    wanted.add((former ? b : c).getUserProperty(Ledger.NUMBER));
                }
            }
            if (stage.ownServer()) { // RocketMQ loses some
                stage.await(
                        "what each version takes of its queues",
                        () -> inbox.numbers().containsAll(wanted));
            } else {
                stage.letClockPass(5_000);
            }
            Set<String> missing = new TreeSet<>(wanted);
            missing.removeAll(inbox.numbers());
            stage.fact("sent for the owners", wanted.size());
            stage.fact("lost", missing.size());
            if (stage.ownServer()) {
                Set<String> beforeAndAfter = new HashSet<>(forBoth.hashes().keySet());
                beforeAndAfter.removeAll(inbox.numbers());
                stage.check(beforeAndAfter.isEmpty(), "messages for both versions never came: " + beforeAndAfter);
            }
        };
    }

    private static void start(Stage stage, String topic, Inbox inbox, String version, boolean sql, List<String> tags)
            throws Exception {
        DefaultMQPushConsumer consumer =
                stage.collector(stage.group(""), topic, String.join(" || ", tags), inbox, version);
        if (sql) {
            consumer.subscribe(topic, MessageSelector.bySql("TAGS IN ('" + String.join("', '", tags) + "')"));
        }
        consumer.setHeartbeatBrokerInterval(1_000);
        stage.start(consumer);
    }

    private static Message numbered(String topic, String tag, int round, MessageQueue queue) {
        Message message = new Message(topic, tag, Bodies.text(tag));
        message.putUserProperty(Ledger.NUMBER, tag + round + "-" + queue.getQueueId());
        return message;
    }

    private static String sendTo(Stage stage, DefaultMQProducer producer, Message message, MessageQueue queue)
            throws Exception {
        stage.stored(producer.send(message, queue));
        return message.getUserProperty(Ledger.NUMBER);
    }

    /** Sends to each queue until both versions have their share of the queues, and twice the same one. */
    private static Map<Integer, String> awaitOwners(
            Stage stage,
            DefaultMQProducer producer,
            String topic,
            List<MessageQueue> queues,
            Ledger ledger,
            Inbox inbox) {
        Map<Integer, String> owners = new HashMap<>();
        stage.await("both versions to share the queues", () -> {
            Map<Integer, String> now = new HashMap<>();
            for (MessageQueue queue : queues) {
                try {
                    String number = sendTo(stage, producer, ledger.message(topic, "A", Bodies.text("probe")), queue);
                    stage.await("a probe", () -> inbox.numbers().contains(number));
                    inbox.all().stream()
                            .filter(receipt -> receipt.number().equals(number))
                            .forEach(receipt -> now.put(queue.getQueueId(), receipt.consumer()));
                } catch (Exception e) {
                    throw new Failed("a probe was not sent: " + e);
                }
            }
            boolean settled = new HashSet<>(now.values()).size() == 2 && now.equals(owners);
            owners.clear();
            owners.putAll(now);
            return settled;
        });
        return owners;
    }
}
