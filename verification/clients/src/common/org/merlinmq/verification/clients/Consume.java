package org.merlinmq.verification.clients;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;

/**
 * A push consumer, which also reads where only a slave is up: {@code Consume NAMESRV TOPIC GROUP FILE COUNT} writes the bodies of
 * that many different messages into a file, a line each, or of those that came within a minute. With {@code commit} as a sixth
 * argument it then stops as an application does, so that its offsets are committed.
 */
final class Consume {
    private static final int PATIENCE_SECONDS = 60;

    /** Until the listener has returned from the last messages. */
    private static final long SETTLED_NANOS = 500_000_000;

    private Consume() {}

    public static void main(String[] arguments) throws Exception {
        Set<String> bodies = ConcurrentHashMap.newKeySet();
        DefaultMQPushConsumer consumer = new DefaultMQPushConsumer(arguments[2]);
        consumer.setNamesrvAddr(arguments[0]);
        consumer.setInstanceName("consume-" + System.nanoTime());
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        consumer.subscribe(arguments[1], "*");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            messages.forEach(message -> bodies.add(new String(message.getBody(), StandardCharsets.UTF_8)));
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();
        int count = Integer.parseInt(arguments[4]);
        long end = System.nanoTime() + PATIENCE_SECONDS * 1_000_000_000L;
        while (bodies.size() < count && System.nanoTime() < end) {
            LockSupport.parkNanos(20_000_000);
        }
        List<String> lines = new ArrayList<>(bodies);
        lines.sort(null);
        Files.write(Path.of(arguments[3]), lines);
        if (arguments.length > 5) {
            LockSupport.parkNanos(SETTLED_NANOS);
            consumer.shutdown();
        }
        System.exit(0); // the client leaves threads behind
    }
}
