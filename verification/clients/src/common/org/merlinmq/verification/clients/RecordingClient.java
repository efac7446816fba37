package org.merlinmq.verification.clients;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.apache.rocketmq.client.ClientConfig;
import org.apache.rocketmq.client.consumer.DefaultMQPullConsumer;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.PullResult;
import org.apache.rocketmq.client.consumer.PullStatus;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.ConsumeOrderlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.consumer.listener.MessageListenerOrderly;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;

/**
 * Clients that write down all they do and see, a line each, while somebody does things to their cluster.
 *
 * <p>{@code RecordingClient NAMESRV TOPIC NAME FILE ROLE...}; a role is {@code send} (to all queues in turn, tried again as the
 * client does), {@code send-ordered} (each key to its queue, never again), {@code create} (makes the topic first, on both masters), {@code push},
 * {@code orderly} or {@code pull}. The groups are called by the role and the name. The word {@code stop} on standard input ends
 * the sending and is answered when it has ended, the end of the input ends all. The lines: verification/…/cluster/Event.java.
 */
final class RecordingClient {
    private static final int KEYS = 2;
    private static final int QUEUES = 4;
    private static final int MASTERS = 2;
    private static final int PAUSE_NANOS = 20_000_000;
    private static final int PATIENCE_SECONDS = 60;
    private static final int PULL_MILLIS = 2_000;

    private final String namesrv;
    private final String topic;
    private final String name;
    private final PrintWriter file;
    private volatile boolean ends;

    private RecordingClient(String namesrv, String topic, String name, Path file) throws IOException {
        this.namesrv = namesrv;
        this.topic = topic;
        this.name = name;
        this.file = new PrintWriter(Files.newBufferedWriter(file), false);
    }

    public static void main(String[] arguments) throws Exception {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        System.setOut(System.err);
        System.setProperty("rocketmq.client.rebalance.waitInterval", "1000"); // else a new topic is read after 20 s
        RecordingClient client = new RecordingClient(arguments[0], arguments[1], arguments[2], Path.of(arguments[3]));
        List<Thread> senders = new ArrayList<>();
        try {
            for (String role : Arrays.asList(arguments).subList(4, arguments.length)) {
                senders.addAll(client.start(role));
            }
        } catch (Exception e) { // threads of the clients that were started would keep the process alive
            e.printStackTrace();
            Runtime.getRuntime().halt(1);
        }
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            client.ends = true;
            for (Thread sender : senders) {
                sender.join();
            }
            out.println("stopped");
        }
        Runtime.getRuntime().halt(0); // clients leave threads behind, and their cluster may be gone
    }

    /** Starts what has a role; returns the threads that end when nothing more is to be sent. */
    private List<Thread> start(String role) throws Exception {
        switch (role) {
            case "create" -> create(producer(role, role));
            case "send", "send-ordered" -> {
                List<Thread> senders = new ArrayList<>();
                for (int i = 0; i < KEYS; i++) {
                    String key = role + "-" + name + "-" + i;
                    boolean ordered = role.equals("send-ordered");
                    // One each: of two threads of 4.4.0 that connect at once, one closes the other's connection, whose
                    // send is then stored twice.
                    DefaultMQProducer producer = producer(role, role + "-" + i);
                    senders.add(begin(key, () -> sendAll(producer, key, ordered)));
                }
                return senders;
            }
            case "push", "orderly" -> push(role + "-" + name, role.equals("orderly"));
            case "pull" -> begin("pull", new Puller("pull-" + name)::pullAll);
            default -> throw new IllegalArgumentException("no role " + role);
        }
        return List.of();
    }

    /** On all masters: a nameserver that was started a moment ago does not know each of them yet. */
    private void create(DefaultMQProducer producer) throws Exception {
        long end = System.nanoTime() + PATIENCE_SECONDS * 1_000_000_000L;
        while (true) {
            try {
                Dialect.createTopic(producer, topic, QUEUES);
                Set<String> brokers = new HashSet<>();
                producer.fetchPublishMessageQueues(topic).forEach(queue -> brokers.add(queue.getBrokerName()));
                if (brokers.size() >= MASTERS) {
                    return;
                }
                throw new MQClientException("the topic is on " + brokers + " only", null);
            } catch (MQClientException notYet) {
                if (System.nanoTime() > end) {
                    throw notYet;
                }
                LockSupport.parkNanos(10L * PAUSE_NANOS);
            }
        }
    }

    private static Thread begin(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private <T extends ClientConfig> T configured(T client, String instance) {
        client.setNamesrvAddr(namesrv);
        client.setInstanceName(name + "-" + instance);
        client.setPollNameServerInterval(1_000); // the client's 30 s would be most of a fault
        client.setHeartbeatBrokerInterval(1_000);
        client.setPersistConsumerOffsetInterval(1_000);
        return client;
    }

    private DefaultMQProducer producer(String role, String instance) throws Exception {
        DefaultMQProducer producer = configured(new DefaultMQProducer(role + "-" + name), instance);
        if (role.equals("send-ordered")) {
            producer.setRetryTimesWhenSendFailed(0);
        }
        producer.start();
        return producer;
    }

    private void sendAll(DefaultMQProducer producer, String key, boolean ordered) {
        for (int number = 0; !ends; number++) {
            Message message = new Message(topic, body(key, number));
            write("sending", key, number);
            try {
                SendResult result = ordered
                        ? producer.send(
                                message, (queues, m, k) -> queues.get(Math.floorMod(k.hashCode(), queues.size())), key)
                        : producer.send(message);
                if (result.getSendStatus() == SendStatus.SEND_OK) {
                    MessageQueue queue = result.getMessageQueue();
                    write(
                            "acknowledged",
                            key,
                            number,
                            queue.getBrokerName(),
                            queue.getQueueId(),
                            result.getQueueOffset());
                } else {
                    write("failed", key, number, result.getSendStatus());
                }
            } catch (Exception e) { // the client's own kinds, while a server is away
                write("failed", key, number, String.valueOf(e.getMessage()).replaceAll("\\s+", " "));
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private static byte[] body(String key, int number) {
        return Bodies.text(key + " " + number + " " + "abcdefghijklmnopqrstuvwxyz".repeat(1 + number % 40));
    }

    private void push(String group, boolean orderly) throws Exception {
        DefaultMQPushConsumer consumer = configured(new DefaultMQPushConsumer(group), group);
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        consumer.setConsumeThreadMin(4);
        consumer.setConsumeThreadMax(4);
        consumer.subscribe(topic, "*");
        if (orderly) {
            consumer.registerMessageListener((MessageListenerOrderly) (messages, context) -> {
                messages.forEach(
                        m -> received(group, m, context.getMessageQueue().getBrokerName()));
                return ConsumeOrderlyStatus.SUCCESS;
            });
        } else {
            consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
                messages.forEach(
                        m -> received(group, m, context.getMessageQueue().getBrokerName()));
                return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
            });
        }
        consumer.start();
    }

    private void received(String group, MessageExt message, String broker) {
        String text = new String(message.getBody(), StandardCharsets.UTF_8);
        String[] words = text.split(" ", 3);
        String key = words.length == 3 ? words[0] : "?";
        int number = words.length == 3 && words[1].matches("[0-9]{1,9}") ? Integer.parseInt(words[1]) : -1;
        boolean intact = number >= 0 && Arrays.equals(message.getBody(), body(key, number));
        write(
                "received",
                group,
                key,
                number,
                broker,
                message.getQueueId(),
                message.getQueueOffset(),
                intact ? "intact" : "damaged");
    }

    /** A line; a line is whole in the file when this returns. */
    private synchronized void write(Object... fields) {
        file.print(System.nanoTime());
        for (Object field : fields) {
            file.print('\t');
            file.print(field);
        }
        file.print('\n');
        file.flush();
    }

    /** Reads each queue from its first message on, keeps its offsets with the brokers, and asks what they have. */
    private final class Puller {
        private final String group;
        private final DefaultMQPullConsumer consumer;
        private final Map<MessageQueue, Long> next = new HashMap<>();

        Puller(String group) throws Exception {
            this.group = group;
            consumer = configured(new DefaultMQPullConsumer(group), group);
            consumer.setConsumerPullTimeoutMillis(PULL_MILLIS);
            consumer.start();
        }

        void pullAll() {
            Set<MessageQueue> queues = new HashSet<>();
            while (true) {
                try {
                    queues.addAll(consumer.fetchSubscribeMessageQueues(topic));
                } catch (Exception noRoute) {
                    System.err.println("the queues that are known stay: " + noRoute);
                }
                boolean found = false;
                for (MessageQueue queue : queues) {
                    found |= pulled(queue);
                }
                if (!found) {
                    LockSupport.parkNanos(5L * PAUSE_NANOS);
                }
            }
        }

        private boolean pulled(MessageQueue queue) {
            try {
                long from = next.getOrDefault(queue, 0L);
                PullResult result = consumer.pull(queue, "*", from, 32, PULL_MILLIS);
                if (result.getPullStatus() != PullStatus.FOUND) {
                    return false;
                }
                result.getMsgFoundList().forEach(m -> received(group, m, queue.getBrokerName()));
                next.put(queue, result.getNextBeginOffset());
                commit(queue, result.getNextBeginOffset());
                return true;
            } catch (Exception unreachable) {
                System.err.println("not pulled from " + queue + ": " + unreachable);
                return false;
            }
        }

        /** Asks before it commits: what it committed before has arrived by then. */
        private void commit(MessageQueue queue, long offset) throws Exception {
            String broker = queue.getBrokerName();
            write("committed", group, broker, queue.getQueueId(), consumer.fetchConsumeOffset(queue, true));
            write("committing", group, broker, queue.getQueueId(), offset);
            consumer.updateConsumeOffset(queue, offset);
            consumer.getOffsetStore().persistAll(new HashSet<>(next.keySet()));
        }
    }
}
