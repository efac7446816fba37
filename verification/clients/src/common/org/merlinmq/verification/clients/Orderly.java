package org.merlinmq.verification.clients;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeOrderlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerOrderly;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;

/**
 * A member of an orderly group in a process of its own, for somebody to kill.
 *
 * <p>{@code Orderly NAMESRV TOPIC GROUP} prints {@code QUEUE OFFSET} for each message, and ends with its standard input.
 */
final class Orderly {
    private Orderly() {}

    public static void main(String[] arguments) throws MQClientException, IOException {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        System.setOut(System.err);
        DefaultMQPushConsumer consumer = new DefaultMQPushConsumer(arguments[2]);
        consumer.setNamesrvAddr(arguments[0]);
        consumer.setPollNameServerInterval(2_000);
        consumer.setPersistConsumerOffsetInterval(500);
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        consumer.setConsumeThreadMin(4);
        consumer.setConsumeThreadMax(4);
        consumer.subscribe(arguments[1], "*");
        consumer.registerMessageListener((MessageListenerOrderly) (messages, context) -> {
            messages.forEach(message -> out.println(message.getQueueId() + " " + message.getQueueOffset()));
            return ConsumeOrderlyStatus.SUCCESS;
        });
        consumer.start();
        while (System.in.read() >= 0) {
            // Whoever started this ends its input, on purpose or by ending.
        }
        System.exit(0); // clients leave threads behind
    }
}
