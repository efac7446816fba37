package org.merlinmq.verification.clients;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.Message;

/**
 * A producer and a consumer that go on, message after message, while somebody does things to their server.
 *
 * <p>{@code Steady NAMESRV TOPIC} reads words from its standard input, a line each, and answers each with a line of
 * {@code name=number} pairs: {@code count} says how far it is; {@code topic NAME} goes on with another topic; {@code
 * end} stops sending, waits until all that was acknowledged was received, and ends it. A send is never tried twice: one
 * that is not acknowledged counts as failed.
 */
final class Steady {
    private static final int PAUSE_NANOS = 1_000_000;
    private static final int PATIENCE_SECONDS = 30;

    private final DefaultMQProducer producer = new DefaultMQProducer("steady-producer");
    private final DefaultMQPushConsumer consumer = new DefaultMQPushConsumer("steady-consumer");
    private final Set<String> unseen = ConcurrentHashMap.newKeySet();
    private final Set<String> seen = ConcurrentHashMap.newKeySet();
    private final Map<String, String> failures = new ConcurrentHashMap<>();
    private final AtomicInteger acknowledged = new AtomicInteger();
    private volatile String topic;
    private volatile boolean ends;

    private Steady(String namesrv, String topic) throws Exception {
        this.topic = topic;
        producer.setNamesrvAddr(namesrv);
        producer.setRetryTimesWhenSendFailed(0);
        producer.setSendMsgTimeout(20_000);
        producer.setPollNameServerInterval(2_000);
        producer.start();
        consumer.setNamesrvAddr(namesrv);
        consumer.setPollNameServerInterval(2_000);
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        consumer.subscribe(topic, "*");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            messages.forEach(message -> received(new String(message.getBody(), StandardCharsets.UTF_8)));
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();
    }

    public static void main(String[] arguments) throws Exception {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        System.setOut(System.err);
        System.setProperty("rocketmq.client.rebalance.waitInterval", "1000"); // else a new topic is read after 20 s
        Steady steady = new Steady(arguments[0], arguments[1]);
        Thread sender = new Thread(steady::sendAll, "steady-sender");
        sender.start();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null && !line.equals("end"); line = in.readLine()) {
            if (line.startsWith("topic ")) {
                steady.turnTo(line.substring("topic ".length()));
            }
            out.println(steady.count());
        }
        steady.ends = true;
        sender.join();
        steady.awaitAll();
        out.println(steady.count());
        steady.failures.forEach((number, why) -> System.err.println("send " + number + " failed: " + why));
        System.exit(0); // clients leave threads behind
    }

    private void turnTo(String next) throws Exception {
        consumer.subscribe(next, "*");
        topic = next;
    }

    private void sendAll() {
        for (int number = 0; !ends; number++) {
            send(topic, Integer.toString(number));
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private void send(String to, String number) {
        try {
            unseen.add(number); // it may be received before its acknowledgement is
            SendStatus status =
                    producer.send(new Message(to, Bodies.text(number))).getSendStatus();
            if (status != SendStatus.SEND_OK) {
                throw new Failed("answered " + status);
            }
            acknowledged.incrementAndGet();
        } catch (Exception e) { // whatever it is, the send was not acknowledged
            unseen.remove(number);
            failures.put(number, e.toString());
        }
    }

    private void received(String number) {
        seen.add(number);
        unseen.remove(number);
    }

    private void awaitAll() {
        long end = System.nanoTime() + PATIENCE_SECONDS * 1_000_000_000L;
        while (!unseen.isEmpty() && System.nanoTime() < end) {
            LockSupport.parkNanos(20_000_000);
        }
    }

    private String count() {
        Map<String, Integer> counts = new HashMap<>();
        counts.put("acknowledged", acknowledged.get());
        counts.put("failed", failures.size());
        counts.put("received", seen.size());
        counts.put("missing", unseen.size());
        StringBuilder line = new StringBuilder();
        counts.forEach((name, number) ->
                line.append(line.isEmpty() ? "" : " ").append(name).append('=').append(number));
        return line.toString();
    }
}
