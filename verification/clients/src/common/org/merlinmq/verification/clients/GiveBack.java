package org.merlinmq.verification.clients;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.MessageExt;

/**
 * A push consumer that gives back each message until it is told otherwise: {@code GiveBack NAMESRV TOPIC GROUP FILE} writes a line
 * for each receipt, {@code later} or {@code done} and the body. A line on standard input lets it consume what comes from then on; the
 * end of the input ends it as an application ends.
 */
final class GiveBack {
    private static volatile boolean takes;

    private GiveBack() {}

    public static void main(String[] arguments) throws Exception {
        System.setProperty("rocketmq.client.rebalance.waitInterval", "1000"); // else a new topic is read after 20 s
        PrintWriter file = new PrintWriter(Files.newBufferedWriter(Path.of(arguments[3])), false);
        DefaultMQPushConsumer consumer = new DefaultMQPushConsumer(arguments[2]);
        consumer.setNamesrvAddr(arguments[0]);
        consumer.setInstanceName("give-back-" + System.nanoTime());
        consumer.setPollNameServerInterval(1_000);
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        consumer.subscribe(arguments[1], "*");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            context.setDelayLevelWhenNextConsume(1);
            boolean done = takes;
            for (MessageExt message : messages) {
                synchronized (file) {
                    file.print(
                            (done ? "done " : "later ") + new String(message.getBody(), StandardCharsets.UTF_8) + '\n');
                    file.flush();
                }
            }
            return done ? ConsumeConcurrentlyStatus.CONSUME_SUCCESS : ConsumeConcurrentlyStatus.RECONSUME_LATER;
        });
        consumer.start();
        for (int read = System.in.read(); read >= 0; read = System.in.read()) {
            takes |= read == '\n';
        }
        consumer.shutdown();
        System.exit(0); // the client leaves threads behind
    }
}
