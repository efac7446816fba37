package org.merlinmq.verification.clients;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.apache.rocketmq.client.consumer.DefaultMQPullConsumer;
import org.apache.rocketmq.client.consumer.PullResult;
import org.apache.rocketmq.client.consumer.PullStatus;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;

/**
 * Writes what a topic holds into a file, a line per message: queue, offset, keys, tag and body in base 64, between tabs.
 *
 * <p>{@code Dump NAMESRV TOPIC FILE all TAGS} reads every queue from its start; {@code Dump NAMESRV TOPIC FILE key KEY
 * COUNT} asks for a key until that many are found. {@code Dump} alone takes such arguments from its standard input, one
 * request a line, its words separated by tabs, and answers {@code done} or what went wrong: that saves a start of Java for
 * each.
 */
final class Dump {
    private static final int PATIENCE_SECONDS = 30;

    private Dump() {}

    public static void main(String[] arguments) throws Exception {
        if (arguments.length > 0) {
            write(arguments);
        } else {
            PrintStream out = System.out;
            System.setOut(System.err); // where some clients log
            BufferedReader requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = requests.readLine(); line != null; line = requests.readLine()) {
                out.println(answer(line.split("\t", -1)));
                out.flush();
            }
        }
        System.exit(0); // the client leaves threads behind
    }

    private static String answer(String[] request) {
        try {
            write(request);
            return "done";
        } catch (Exception e) {
            return e.toString().replace('\n', ' ');
        }
    }

    private static void write(String[] request) throws Exception {
        DefaultMQPullConsumer consumer = new DefaultMQPullConsumer("G_Dump");
        consumer.setNamesrvAddr(request[0]);
        consumer.setInstanceName("dump-" + System.nanoTime());
        consumer.start();
        List<MessageExt> found = request[3].equals("all")
                ? all(consumer, request[1], request[4])
                : byKey(consumer, request[1], request[4], Integer.parseInt(request[5]));
        try (BufferedWriter out = Files.newBufferedWriter(Path.of(request[2]))) {
            for (MessageExt message : found) {
                out.write(String.join(
                        "\t",
                        Integer.toString(message.getQueueId()),
                        Long.toString(message.getQueueOffset()),
                        String.valueOf(message.getKeys()),
                        String.valueOf(message.getTags()),
                        Base64.getEncoder().encodeToString(message.getBody())));
                out.newLine();
            }
        }
        consumer.shutdown();
    }

    private static List<MessageExt> all(DefaultMQPullConsumer consumer, String topic, String tags) throws Exception {
        List<MessageExt> found = new ArrayList<>();
        for (MessageQueue queue : consumer.fetchSubscribeMessageQueues(topic)) {
            long end = consumer.maxOffset(queue);
            long offset = consumer.minOffset(queue);
            while (offset < end) {
                PullResult result = consumer.pull(queue, tags, offset, 32, 20_000);
                if (result.getPullStatus() == PullStatus.FOUND) {
                    found.addAll(result.getMsgFoundList());
                }
                if (result.getNextBeginOffset() <= offset) {
                    throw new IllegalStateException("no progress in " + queue + " at " + offset + ": " + result);
                }
                offset = result.getNextBeginOffset();
            }
        }
        return found;
    }

    private static List<MessageExt> byKey(DefaultMQPullConsumer consumer, String topic, String key, int count)
            throws Exception {
        long end = System.nanoTime() + PATIENCE_SECONDS * 1_000_000_000L;
        List<MessageExt> found = List.of();
        while (found.size() < count && System.nanoTime() < end) {
            try {
                long now = System.currentTimeMillis();
                found = consumer.queryMessage(topic, key, 64, now - 3_600_000, now + 60_000)
                        .getMessageList();
            } catch (MQClientException none) {
                found = List.of(); // the client's way to say that there is none, or not yet
            }
        }
        return found;
    }
}
