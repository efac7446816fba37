package org.merlinmq.verification.tools;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.tools.admin.DefaultMQAdminExt;
import org.apache.rocketmq.tools.command.MQAdminStartup;

/**
 * Runs commands of the official {@code mqadmin} one after another in one process, which saves a start of Java for each.
 *
 * <p>{@code Commands NAMESRV}. Standard input has a command a line, its arguments separated by tabs. Standard output has
 * for each a line {@code output COUNT}, and then as many bytes: what the command printed; {@code late COUNT} of one that
 * did not end within its time, which ends the process. So does a command that cannot read its arguments, without a line. The line {@code @clients TOPIC GROUP
 * COUNT} starts a producer and a consumer that stay, and waits until so many messages were consumed. {@code @traced TOPIC}
 * sends a message with trace, waits until the trace can be read, and prints the message's id.
 */
final class Commands {
    /** These never end if they are told how long to wait between their rounds. */
    private static final List<String> ENDLESS = List.of("clusterRT", "clusterList", "haStatus");

    /** How long such a command goes on when it has printed something. */
    private static final long ENDLESS_SECONDS = 4;

    private static final long LONGEST_SECONDS = 60;
    private static final long PAUSE_NANOS = 50_000_000;

    private final String namesrv;
    private final PrintStream out;

    private Commands(String namesrv, PrintStream out) {
        this.namesrv = namesrv;
        this.out = out;
    }

    public static void main(String[] arguments) throws Exception {
        PrintStream out = System.out;
        System.setOut(System.err); // where some clients log
        new Commands(arguments[0], out).run();
        // Threads of commands that were late, and of the clients, are of no use to anybody.
        Runtime.getRuntime().halt(0);
    }

    private void run() throws Exception {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] words = line.split("\t", -1);
            if (words[0].equals("@clients")) {
                startClients(words[1], words[2], Integer.parseInt(words[3]));
                answer("output", new byte[0]);
            } else if (words[0].equals("@traced")) {
                answer("output", sendTraced(words[1]).getBytes(StandardCharsets.UTF_8));
            } else {
                run(words);
            }
        }
    }

    private void run(String[] arguments) throws IOException, InterruptedException {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        // A command closes its client when it is done: each call needs commands of its own.
        forgetCommands();
        PrintStream to = new PrintStream(printed, true, StandardCharsets.UTF_8);
        System.setOut(to);
        System.setErr(to);
        CountDownLatch ended = new CountDownLatch(1);
        Thread command = new Thread(
                () -> {
                    try {
                        MQAdminStartup.main0(arguments, null);
                    } finally {
                        ended.countDown();
                    }
                },
                "command");
        command.setDaemon(true);
        command.start();
        boolean inTime =
                isEndless(arguments) ? endedSoon(ended, printed) : ended.await(LONGEST_SECONDS, TimeUnit.SECONDS);
        byte[] all = printed.toByteArray();
        answer(inTime ? "output" : "late", inTime ? all : wholeLines(all));
        if (!inTime) {
            // It would print into what the next command prints.
            Runtime.getRuntime().halt(1);
        }
    }

    private static byte[] wholeLines(byte[] printed) {
        int end = printed.length;
        while (end > 0 && printed[end - 1] != '\n') {
            end--;
        }
        return Arrays.copyOf(printed, end);
    }

    private static boolean isEndless(String[] arguments) {
        return ENDLESS.contains(arguments[0]) && List.of(arguments).contains("-i");
    }

    private static boolean endedSoon(CountDownLatch ended, ByteArrayOutputStream printed) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONGEST_SECONDS);
        while (printed.size() == 0 && System.nanoTime() < end) {
            if (ended.await(PAUSE_NANOS, TimeUnit.NANOSECONDS)) {
                return true;
            }
        }
        return ended.await(ENDLESS_SECONDS, TimeUnit.SECONDS);
    }

    /** The list has a name of its own in each version. */
    private static void forgetCommands() {
        for (Field field : MQAdminStartup.class.getDeclaredFields()) {
            if (Modifier.isStatic(field.getModifiers()) && List.class.isAssignableFrom(field.getType())) {
                try {
                    field.setAccessible(true);
                    ((List<?>) field.get(null)).clear();
                } catch (IllegalAccessException e) {
                    throw new IllegalStateException(e);
                }
            }
        }
    }

    private void answer(String how, byte[] printed) throws IOException {
        out.println(how + " " + printed.length);
        out.write(printed);
        out.flush();
    }

    private void startClients(String topic, String group, int count) throws Exception {
        DefaultMQProducer producer = new DefaultMQProducer(group + "_PRODUCER");
        producer.setNamesrvAddr(namesrv);
        producer.setInstanceName("steady");
        producer.start();
        DefaultMQPushConsumer consumer = new DefaultMQPushConsumer(group);
        consumer.setNamesrvAddr(namesrv);
        consumer.setInstanceName("steady"); // one client: the heartbeat of its start names the producer too
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        consumer.subscribe(topic, "*");
        consumer.registerMessageListener(
                (MessageListenerConcurrently) (messages, context) -> ConsumeConcurrentlyStatus.CONSUME_SUCCESS);
        consumer.start();
        awaitCommitted(consumer, group, count);
    }

    /** What is consumed is committed by one-way requests, which take a moment. */
    private void awaitCommitted(DefaultMQPushConsumer consumer, String group, int count) throws Exception {
        DefaultMQAdminExt admin = new DefaultMQAdminExt();
        admin.setNamesrvAddr(namesrv);
        admin.start();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONGEST_SECONDS);
        long committed = 0;
        while (committed < count && System.nanoTime() < end) {
            LockSupport.parkNanos(PAUSE_NANOS);
            consumer.getDefaultMQPushConsumerImpl().persistConsumerOffset();
            committed = 0;
            for (var queue : admin.examineConsumeStats(group).getOffsetTable().values()) {
                committed += queue.getConsumerOffset();
            }
        }
        admin.shutdown();
    }

    /** The command {@code sendMessage} can trace, but closes its producer before 4.9.8 has sent the trace. */
    private String sendTraced(String topic) throws Exception {
        DefaultMQProducer producer = new DefaultMQProducer("TRACED", null, true, null);
        producer.setNamesrvAddr(namesrv);
        producer.setInstanceName("traced");
        producer.start();
        String id = producer.send(new Message(topic, "traced".getBytes(StandardCharsets.UTF_8)))
                .getMsgId();
        DefaultMQAdminExt admin = new DefaultMQAdminExt();
        admin.setNamesrvAddr(namesrv);
        admin.start();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONGEST_SECONDS);
        while (!isTraced(admin, id) && System.nanoTime() < end) {
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        admin.shutdown();
        producer.shutdown();
        return id + "\n";
    }

    private static boolean isTraced(DefaultMQAdminExt admin, String id) throws InterruptedException {
        try {
            return !admin.queryMessage("RMQ_SYS_TRACE_TOPIC", id, 1, 0, Long.MAX_VALUE)
                    .getMessageList()
                    .isEmpty();
        } catch (MQClientException notYet) {
            return false;
        }
    }
}
