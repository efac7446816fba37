package org.merlinmq.verification.clients;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeOrderlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerOrderly;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;

/**
 * Two members of an orderly group that share four queues, and a producer that sends to each of them, all of which go on
 * while somebody restarts their server.
 *
 * <p>{@code OrderlyMembers NAMESRV TOPIC} answers each line of its standard input, the first one when each member has two
 * queues, with a line of {@code name=number} pairs, and ends with its standard input:
 *
 * <ul>
 *   <li>{@code least}: messages that came out of that queue out of which the fewest came;
 *   <li>{@code overlaps}: how often two members were in one queue at once;
 *   <li>{@code skipped}: how often a message came while one before it in its queue had not;
 *   <li>{@code again}: messages that came once more.
 * </ul>
 */
final class OrderlyMembers {
    private static final int QUEUES = 4;
    private static final int MEMBERS = 2;
    private static final int PAUSE_NANOS = 10_000_000;

    private final String namesrv;
    private final String topic;
    private final List<DefaultMQPushConsumer> members = new ArrayList<>();
    private final AtomicIntegerArray inside = new AtomicIntegerArray(QUEUES);
    private final AtomicInteger overlaps = new AtomicInteger();
    private final long[] lastOffset = {-1, -1, -1, -1};
    private int skipped;
    private int again;

    private OrderlyMembers(String namesrv, String topic) {
        this.namesrv = namesrv;
        this.topic = topic;
    }

    public static void main(String[] arguments) throws Exception {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        System.setOut(System.err);
        OrderlyMembers all = new OrderlyMembers(arguments[0], arguments[1]);
        all.start();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        while (in.readLine() != null) {
            out.println(all.count());
        }
        System.exit(0); // clients leave threads behind
    }

    private void start() throws Exception {
        DefaultMQProducer producer = new DefaultMQProducer(topic + "-producer");
        producer.setNamesrvAddr(namesrv);
        producer.setPollNameServerInterval(1_000);
        producer.setRetryTimesWhenSendFailed(0);
        producer.start();
        Dialect.createTopic(producer, topic, QUEUES);
        while (members.size() < MEMBERS) {
            members.add(member());
        }
        for (DefaultMQPushConsumer member : members) {
            while (OrderlyScenarios.locked(member, topic) != QUEUES / MEMBERS) {
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
        List<MessageQueue> queues = producer.fetchPublishMessageQueues(topic);
        for (MessageQueue queue : queues) {
            // One thread each: a send to a server that is away holds up no other queue.
            Thread sender = new Thread(() -> sendAll(producer, queue), "sender-" + queue.getQueueId());
            sender.setDaemon(true);
            sender.start();
        }
    }

    private DefaultMQPushConsumer member() throws MQClientException {
        DefaultMQPushConsumer member = new DefaultMQPushConsumer(topic + "-members");
        member.setNamesrvAddr(namesrv);
        member.setInstanceName("member-" + members.size());
        member.setPollNameServerInterval(1_000);
        member.setHeartbeatBrokerInterval(1_000); // the client's 30 s would be most of the test
        member.setPersistConsumerOffsetInterval(500);
        member.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        member.setConsumeThreadMin(4);
        member.setConsumeThreadMax(4);
        member.subscribe(topic, "*");
        member.registerMessageListener((MessageListenerOrderly) (messages, context) -> {
            int queue = context.getMessageQueue().getQueueId();
            if (inside.incrementAndGet(queue) > 1) {
                overlaps.incrementAndGet();
            }
            messages.forEach(this::received);
            LockSupport.parkNanos(1_000_000); // as if there was something to do
            inside.decrementAndGet(queue);
            return ConsumeOrderlyStatus.SUCCESS;
        });
        member.start();
        return member;
    }

    private void sendAll(DefaultMQProducer producer, MessageQueue queue) {
        while (true) {
            try {
                producer.send(new Message(topic, Bodies.text("x")), queue);
            } catch (Exception e) { // the client's own kinds, while the server is away
                System.err.println("not sent: " + e);
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private synchronized void received(MessageExt message) {
        int queue = message.getQueueId();
        long offset = message.getQueueOffset();
        if (offset <= lastOffset[queue]) {
            again++;
        } else {
            if (offset > lastOffset[queue] + 1) {
                skipped++;
            }
            lastOffset[queue] = offset;
        }
    }

    private synchronized String count() {
        long least = Long.MAX_VALUE;
        for (long offset : lastOffset) {
            least = Math.min(least, offset + 1);
        }
        return "least=" + least + " overlaps=" + overlaps + " skipped=" + skipped + " again=" + again;
    }
}
