package org.merlinmq.verification.clients;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeOrderlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerOrderly;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageQueue;

/** Queues of an orderly group go to another member: when one joins, when one stops, when one is killed. */
final class OrderlyScenarios {
    private static final int QUEUES = 4;
    private static final int LATE_MILLIS = 1_000;

    /** Clients that nobody notifies ask again after 20 s. */
    private static final int LATE_MILLIS_ON_A_BUSY_MACHINE = 8_000;

    /** A client relies on its lock for 30 s. */
    private static final int KILLED_MILLIS = 31_000;

    /** With RocketMQ it is 40 s at least. */
    private static final int KILLED_MILLIS_ON_A_BUSY_MACHINE = 38_000;

    /** Client 4.4.0 pulls a queue that it has locked in a rebalance only after its next renewal, by a timer of 20 s. */
    private static final int TIMER_MILLIS = 21_000;

    private OrderlyScenarios() {}

    private static int within(Stage stage, int millis, int millisOnABusyMachine) {
        return (stage.inFull() ? millis : millisOnABusyMachine) + (stage.oldClient() ? TIMER_MILLIS : 0);
    }

    /** What came to one member: per queue when first since a mark, and the last offset. */
    private static final class Receipts {
        private final Map<Integer, Long> firstNanos = new ConcurrentHashMap<>();
        private final Map<Integer, Long> firstOffset = new ConcurrentHashMap<>();
        private final Map<Integer, Long> lastOffset = new ConcurrentHashMap<>();

        synchronized void add(int queue, long offset) {
            firstNanos.putIfAbsent(queue, System.nanoTime());
            firstOffset.putIfAbsent(queue, offset);
            lastOffset.put(queue, offset);
        }

        synchronized void mark() {
            firstNanos.clear();
            firstOffset.clear();
        }

        Set<Integer> queues() {
            return firstNanos.keySet();
        }

        /** How long after a moment the first message of the latest queue came; below 0 if that was before. */
        long latestMillisAfter(long nanos, Set<Integer> queues) {
            return queues.stream()
                    .mapToLong(queue -> (firstNanos.get(queue) - nanos) / 1_000_000)
                    .max()
                    .orElse(0);
        }
    }

    /** Sends a message to each queue every 50 ms until the stage closes or it is to pause. */
    private static final class Flow {
        private final DefaultMQProducer producer;
        private final List<MessageQueue> queues;
        private volatile boolean paused;
        private volatile boolean sending;

        Flow(Stage stage, DefaultMQProducer producer, String topic) throws MQClientException {
            this.producer = producer;
            this.queues = producer.fetchPublishMessageQueues(topic);
            Thread sender = new Thread(this::run, "orderly-flow");
            stage.atClose(sender::interrupt);
            sender.start();
        }

        private void run() {
            while (!Thread.currentThread().isInterrupted()) {
                sending = !paused;
                if (sending) {
                    queues.forEach(this::send);
                }
                LockSupport.parkNanos(50_000_000);
            }
        }

        private void send(MessageQueue queue) {
            try {
                producer.send(new Message(queue.getTopic(), "T", Bodies.text("x")), queue);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (Exception e) { // the client's own kinds; what is not sent is not waited for
                System.err.println("a message of the flow was not sent: " + e);
            }
        }

        void pause(Stage stage) {
            paused = true;
            stage.await("the flow to pause", () -> !sending);
        }

        void resume() {
            paused = false;
        }
    }

    /** A second member joins one that has all, then the first one stops. */
    static void stop(Stage stage) throws Exception {
        DefaultMQProducer producer = stage.producer();
        String topic = stage.newTopic(producer, "", QUEUES);
        Flow flow = new Flow(stage, producer, topic);
        Map<Integer, AtomicInteger> inside = new ConcurrentHashMap<>();
        AtomicInteger overlaps = new AtomicInteger();
        Receipts leaver = new Receipts();
        Receipts stayer = new Receipts();
        DefaultMQPushConsumer first = member(stage, topic, leaver, inside, overlaps);
        first.start();
        stage.await("the first to have all queues", () -> leaver.queues().size() == QUEUES);
        // With messages at work a client keeps a queue for 20 s more, whoever waits for it.
        flow.pause(stage);
        stage.letClockPass(300);
        DefaultMQPushConsumer second = member(stage, topic, stayer, inside, overlaps);
        long joining = System.nanoTime();
        stage.start(second);
        stage.await("the second to hold its share", () -> locked(second, topic) == QUEUES / 2);
        long joined = (System.nanoTime() - joining) / 1_000_000;
        stage.fact("millis from the start of a member until it holds its share", joined);
        flow.resume();
        stage.await("both to consume", () -> stayer.queues().size() == QUEUES / 2);
        stayer.mark();
        first.shutdown();
        long stopped = System.nanoTime();
        stage.await(
                "the one that stays to have all queues", () -> stayer.queues().size() == QUEUES);
        long took = stayer.latestMillisAfter(stopped, stayer.queues());
        stage.fact("millis from the end of a shutdown until the other member has all queues", took);
        stage.checkEquals(0, overlaps.get(), "the number of times that two members were in one queue");
        int late = within(stage, LATE_MILLIS, LATE_MILLIS_ON_A_BUSY_MACHINE);
        stage.check(!stage.ownServer() || took <= late, "a queue stood still for " + took + " ms after a shutdown");
        stage.check(!stage.ownServer() || joined <= late, "a member had its share only after " + joined + " ms");
    }

    private static DefaultMQPushConsumer member(
            Stage stage, String topic, Receipts receipts, Map<Integer, AtomicInteger> inside, AtomicInteger overlaps)
            throws MQClientException {
        DefaultMQPushConsumer consumer = stage.pushConsumer(stage.group(""));
        consumer.subscribe(topic, "*");
        consumer.registerMessageListener((MessageListenerOrderly) (messages, context) -> {
            int queue = context.getMessageQueue().getQueueId();
            AtomicInteger here = inside.computeIfAbsent(queue, made -> new AtomicInteger());
            if (here.incrementAndGet() > 1) {
                overlaps.incrementAndGet();
            }
            messages.forEach(message -> receipts.add(queue, message.getQueueOffset()));
            LockSupport.parkNanos(1_000_000); // as if there was something to do
            here.decrementAndGet();
            return ConsumeOrderlyStatus.SUCCESS;
        });
        return consumer;
    }

    /** How many queues of a topic a member holds. */
    static long locked(DefaultMQPushConsumer consumer, String topic) {
        return consumer.getDefaultMQPushConsumerImpl().getRebalanceImpl().getProcessQueueTable().entrySet().stream()
                .filter(entry -> entry.getKey().getTopic().equals(topic))
                .filter(entry ->
                        entry.getValue().isLocked() && !entry.getValue().isDropped())
                .count();
    }

    /** Two members in processes of their own; one is killed. */
    static void kill(Stage stage) throws Exception {
        DefaultMQProducer producer = stage.producer();
        String topic = stage.newTopic(producer, "", QUEUES);
        Receipts victim = new Receipts();
        Receipts heir = new Receipts();
        Process killed = start(stage, topic, victim);
        start(stage, topic, heir);
        new Flow(stage, producer, topic);
        stage.await("both to have two queues each", () -> {
            boolean shared = victim.queues().size() == QUEUES / 2
                    && heir.queues().size() == QUEUES / 2
                    && victim.queues().stream().noneMatch(heir.queues()::contains);
            if (!shared && victim.queues().size() + heir.queues().size() > QUEUES) {
                victim.mark();
                heir.mark();
            }
            return shared;
        });
        Set<Integer> left = Set.copyOf(victim.queues());
        heir.mark();
        long at = System.nanoTime();
        killed.destroyForcibly();
        killed.waitFor();
        stage.await("the other member to have all queues", () -> heir.queues().size() == QUEUES);
        long took = heir.latestMillisAfter(at, left);
        stage.fact("millis from the kill until the other member has all queues", took);
        for (int queue : left) {
            long last = victim.lastOffset.get(queue);
            long next = heir.firstOffset.get(queue);
            stage.check(
                    next <= last + 1,
                    "in queue " + queue + " the killed member came to " + last + " and the other began at " + next);
        }
        int late = within(stage, KILLED_MILLIS, KILLED_MILLIS_ON_A_BUSY_MACHINE);
        stage.check(!stage.ownServer() || took <= late, "a queue stood still for " + took + " ms after a kill");
    }

    private static Process start(Stage stage, String topic, Receipts receipts) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElseThrow());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> !argument.startsWith("-Xmx"))
                .collect(Collectors.toList()));
        command.addAll(List.of("-Xmx64m", "-cp", System.getProperty("java.class.path"), Orderly.class.getName()));
        command.addAll(List.of(stage.namesrv(), topic, stage.group("")));
        Process process =
                new ProcessBuilder(command).redirectError(Redirect.INHERIT).start();
        stage.atClose(process::destroyForcibly);
        Thread reader = new Thread(() -> read(process, receipts), "orderly-member");
        reader.setDaemon(true);
        reader.start();
        return process;
    }

    private static void read(Process process, Receipts receipts) {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                int blank = line.indexOf(' ');
                if (blank > 0) {
                    receipts.add(Integer.parseInt(line.substring(0, blank)), Long.parseLong(line.substring(blank + 1)));
                }
            }
        } catch (IOException e) {
            if (process.isAlive()) {
                throw new UncheckedIOException(e);
            }
        } catch (NumberFormatException cut) {
            System.err.println("a member ended in the middle of a line: " + cut.getMessage());
        }
    }
}
