package org.merlinmq.verification.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.merlinmq.client.Admin;
import org.merlinmq.client.ClientConfig;
import org.merlinmq.client.ClientException;
import org.merlinmq.client.ConsumeResult;
import org.merlinmq.client.Consumer;
import org.merlinmq.client.ConsumerConfig;
import org.merlinmq.client.Message;
import org.merlinmq.client.MessageListener;
import org.merlinmq.client.Producer;
import org.merlinmq.client.ProducerConfig;
import org.merlinmq.client.PullResult;
import org.merlinmq.client.Puller;
import org.merlinmq.client.ReceivedMessage;
import org.merlinmq.client.SendResult;
import org.merlinmq.client.SendStatus;
import org.merlinmq.client.StartAt;
import org.merlinmq.protocol.body.MessageQueueId;
import org.merlinmq.protocol.body.SubscriptionGroup;
import org.merlinmq.protocol.body.TopicConfig;
import org.merlinmq.verification.server.Server;
import org.merlinmq.verification.server.SharedServer;

/** Our own client against the server under verification; topics and groups have names of their own in each run. */
@ExtendWith(SharedServer.class)
@Execution(ExecutionMode.CONCURRENT)
class OwnClientTest {
    private static final String RUN = Long.toString(System.currentTimeMillis(), 36);

    private static String nameserver;
    private static Admin admin;
    private static Producer producer;

    @BeforeAll
    static void open(Server server) {
        nameserver = "127.0.0.1:" + server.nameserver().getPort();
        admin = Admin.open(config());
        producer = Producer.start(config(), ProducerConfig.of("PG_" + RUN).withTimeout(Duration.ofSeconds(10)));
    }

    @AfterAll
    static void close() {
        producer.close();
        admin.close();
    }

    private static ClientConfig config() {
        return ClientConfig.of(nameserver).withTimeout(Duration.ofSeconds(10));
    }

    private static String topic(String name, int queues) {
        String topic = "T_" + name + "_" + RUN;
        admin.createTopic(TopicConfig.of(topic, queues));
        until("the route of " + topic, () -> admin.topics().contains(topic));
        return topic;
    }

    private static void until(String what, BooleanSupplier holds) {
        long started = System.nanoTime();
        while (!holds.getAsBoolean()) {
            if (System.nanoTime() - started > TimeUnit.SECONDS.toNanos(60)) {
                throw new AssertionError("not within 60 s: " + what);
            }
            LockSupport.parkNanos(10_000_000);
        }
    }

    private static List<ReceivedMessage> drain(Puller puller, String topic, String tags) {
        List<ReceivedMessage> all = new ArrayList<>();
        for (MessageQueueId queue : puller.queues(topic)) {
            long offset = puller.offset(queue, StartAt.first());
            while (true) {
                PullResult result = puller.pull(queue, offset, tags, 32, Duration.ZERO);
                all.addAll(result.messages());
                if (result.status() == PullResult.Status.NO_NEW_MESSAGE || result.nextOffset() == offset) {
                    break;
                }
                offset = result.nextOffset();
            }
        }
        return all;
    }

    @Test
    void whatIsSentIsPulled() {
        String topic = topic("basic", 4);
        Set<String> ids = ConcurrentHashMap.newKeySet();
        for (int i = 0; i < 100; i++) {
            SendResult sent = producer.send(Message.of(topic, "body " + i)
                    .withTag(i % 2 == 0 ? "even" : "odd")
                    .withKeys("key" + i, "all")
                    .withProperty("number", Integer.toString(i)));
            assertThat(sent.status()).isEqualTo(SendStatus.SEND_OK);
            assertThat(sent.offsetMessageId()).hasSize(32);
            ids.add(sent.messageId());
        }
        assertThat(ids).hasSize(100);
        try (Puller puller = Puller.open(config(), "PULL_" + RUN)) {
            List<ReceivedMessage> all = drain(puller, topic, "*");
            assertThat(all).hasSize(100);
            assertThat(all).extracting(ReceivedMessage::messageId).containsExactlyInAnyOrderElementsOf(ids);
            ReceivedMessage five = all.stream()
                    .filter(message -> message.bodyText().equals("body 5"))
                    .findFirst()
                    .orElseThrow();
            assertThat(five.tag()).isEqualTo("odd");
            assertThat(five.keys()).containsExactly("key5", "all");
            assertThat(five.properties()).containsEntry("number", "5");
            assertThat(drain(puller, topic, "odd")).hasSize(50);
            assertThat(drain(puller, topic, "odd || even")).hasSize(100);
            assertThat(drain(puller, topic, "none")).isEmpty();
            // Turns: a hundred messages over four queues.
            admin.topicStats(topic)
                    .values()
                    .forEach(stats -> assertThat(stats.maxOffset()).isEqualTo(25));
        }
    }

    /** Not with its first heartbeat in turn, 30 s later. */
    @Test
    void aProducerIsListedWithItsFirstMessage() {
        String topic = topic("listed", 1);
        long started = System.nanoTime();
        try (Producer fresh = Producer.start(config(), ProducerConfig.of("PGL_" + RUN))) {
            fresh.send(Message.of(topic, "here I am"));
            until("it is listed", () -> !admin.producerConnections("PGL_" + RUN).isEmpty());
        }
        assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(20));
    }

    @Test
    void thousandsInFlightAllArrive() {
        String topic = topic("async", 8);
        int messages = 5000;
        List<CompletableFuture<SendResult>> sent = new ArrayList<>();
        for (int i = 0; i < messages; i++) {
            sent.add(producer.sendAsync(Message.of(topic, "n" + i)));
        }
        producer.flush();
        assertThat(sent).allMatch(CompletableFuture::isDone);
        sent.forEach(CompletableFuture::join);
        assertThat(admin.topicStats(topic).values().stream()
                        .mapToLong(stats -> stats.maxOffset() - stats.minOffset())
                        .sum())
                .isEqualTo(messages);
    }

    @Test
    void aKeyKeepsItsQueueAndAGivenQueueIsKept() {
        String topic = topic("order", 4);
        Set<MessageQueueId> queues = ConcurrentHashMap.newKeySet();
        for (int i = 0; i < 10; i++) {
            queues.add(producer.send(Message.of(topic, "step " + i), "order-42").queue());
        }
        assertThat(queues).hasSize(1);
        MessageQueueId third = producer.queues(topic).get(2);
        assertThat(producer.send(Message.of(topic, "there"), third).queue()).isEqualTo(third);
    }

    @Test
    void aBatchLiesTogether() {
        String topic = topic("batch", 4);
        List<Message> batch = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            batch.add(Message.of(topic, "item " + i).withTag("b").withKeys("bk" + i));
        }
        SendResult sent = producer.sendBatch(batch);
        assertThat(sent.messageId().split(",", -1)).hasSize(16);
        try (Puller puller = Puller.open(config(), "PULL_" + RUN)) {
            PullResult found = puller.pull(sent.queue(), sent.queueOffset());
            assertThat(found.messages()).hasSize(16);
            assertThat(found.messages().get(15).bodyText()).isEqualTo("item 15");
            assertThat(found.messages().get(15).keys()).containsExactly("bk15");
        }
    }

    @Test
    void onewayAndCompressedMessagesArriveToo() {
        String topic = topic("oneway", 1);
        String big = "compress me ".repeat(1000);
        producer.sendOneway(Message.of(topic, "one way"));
        try (Producer compressing =
                        Producer.start(config(), ProducerConfig.of("PGC_" + RUN).withCompressionFrom(4096));
                Puller puller = Puller.open(config(), "PULL_" + RUN)) {
            compressing.send(Message.of(topic, big));
            List<ReceivedMessage> all = new ArrayList<>();
            until("both are there", () -> {
                all.clear();
                all.addAll(drain(puller, topic, "*"));
                return all.size() == 2;
            });
            assertThat(all).extracting(ReceivedMessage::bodyText).containsExactlyInAnyOrder("one way", big);
            assertThat(all.stream()
                            .mapToInt(message -> message.storedBody().length)
                            .max()
                            .orElseThrow())
                    .isLessThan(1000);
        }
    }

    @Test
    void aHeldPullIsAnsweredByTheNextMessage() {
        String topic = topic("hold", 1);
        try (Puller puller = Puller.open(config(), "PULL_" + RUN)) {
            MessageQueueId queue = puller.queues(topic).get(0);
            producer.send(Message.of(topic, "before"));
            long end = puller.offset(queue, StartAt.last());
            CompletableFuture<PullResult> held = puller.pullAsync(queue, end, "*", 32, Duration.ofSeconds(15));
            producer.send(Message.of(topic, "now"));
            PullResult found = held.join();
            assertThat(found.messages()).extracting(ReceivedMessage::bodyText).containsExactly("now");
            PullResult beyond = puller.pull(queue, end + 1000);
            assertThat(beyond.status()).isEqualTo(PullResult.Status.OFFSET_ILLEGAL);
        }
    }

    @Test
    void delayedMessagesComeLater() {
        String topic = topic("delay", 1);
        long started = System.currentTimeMillis();
        producer.send(Message.of(topic, "level").withDelayLevel(1));
        producer.send(Message.of(topic, "timer").withDelay(Duration.ofSeconds(2)));
        producer.send(Message.of(topic, "at").withDeliveryAt(Instant.ofEpochMilli(started + 2000)));
        try (Puller puller = Puller.open(config(), "PULL_" + RUN)) {
            List<ReceivedMessage> all = new ArrayList<>();
            until("all are delivered", () -> {
                all.clear();
                all.addAll(drain(puller, topic, "*"));
                return all.size() == 3;
            });
            assertThat(all)
                    .allSatisfy(message -> assertThat(message.storeMillis()).isGreaterThanOrEqualTo(started + 900));
        }
    }

    @Test
    void messagesAreFoundByKeyAndByBothIds() {
        String topic = topic("query", 2);
        SendResult sent = producer.send(Message.of(topic, "find me").withKeys("needle"));
        producer.send(Message.of(topic, "not me").withKeys("hay"));
        assertThat(admin.viewById(sent.offsetMessageId()).bodyText()).isEqualTo("find me");
        long now = System.currentTimeMillis();
        until(
                "the index has it",
                () -> !admin.queryByKey(topic, "needle", 32, now - 600_000, now + 600_000)
                        .isEmpty());
        assertThat(admin.queryByKey(topic, "needle", 32, now - 600_000, now + 600_000))
                .extracting(ReceivedMessage::bodyText)
                .containsExactly("find me");
        assertThat(admin.queryByUniqueKey(topic, sent.messageId()))
                .extracting(ReceivedMessage::messageId)
                .containsExactly(sent.messageId());
        assertThatThrownBy(() -> admin.viewById(sent.offsetMessageId().substring(0, 16) + "0000FFFFFFFFFFFF"))
                .isInstanceOf(ClientException.class);
    }

    @Test
    void offsetsAreFoundCommittedAndReset() {
        String topic = topic("offsets", 1);
        String group = "G_offsets_" + RUN;
        admin.createGroup(SubscriptionGroup.of(group));
        assertThat(admin.groups()).containsKey(group);
        MessageQueueId queue = producer.queues(topic).get(0);
        for (int i = 0; i < 10; i++) {
            producer.send(Message.of(topic, "m" + i));
        }
        assertThat(admin.minOffset(queue)).isZero();
        assertThat(admin.maxOffset(queue)).isEqualTo(10);
        admin.commit(group, queue, 4);
        assertThat(admin.committed(group, queue)).isEqualTo(4);
        assertThat(admin.progress(group, topic).get(queue)).satisfies(progress -> {
            assertThat(progress).isNotNull();
            assertThat(progress.consumerOffset()).isEqualTo(4);
            assertThat(progress.brokerOffset()).isEqualTo(10);
        });
        assertThat(admin.searchOffset(queue, 0)).isZero();
        assertThat(admin.resetOffsets(group, topic, 0)).containsEntry(queue, 0L);
        assertThat(admin.committed(group, queue)).isZero();
        admin.deleteGroup(group, true);
        until("the group is gone", () -> !admin.groups().containsKey(group));
    }

    @Test
    void brokersTellAboutThemselves() {
        assertThat(admin.cluster().brokerAddrTable()).isNotEmpty();
        String master = admin.masters(null).get(0);
        assertThat(admin.runtime(master)).isNotEmpty();
        assertThat(admin.brokerConfig(master)).containsKey("brokerName");
        assertThat(admin.topicConfigs(master)).isNotEmpty();
    }

    @Test
    void aTopicIsDeleted() {
        String topic = topic("gone", 1);
        admin.deleteTopic(topic);
        until("no route", () -> !admin.topics().contains(topic));
        assertThatThrownBy(() -> admin.route(topic))
                .isInstanceOf(ClientException.class)
                .hasMessageContaining("no route for topic " + topic)
                .hasMessageContaining("is its broker up");
    }

    @Test
    @SuppressWarnings("try") // one member leaves early, which is what is tested
    void aGroupSharesItsQueuesAndEachMessageComes() {
        String topic = topic("group", 4);
        String group = "G_share_" + RUN;
        Set<String> got = ConcurrentHashMap.newKeySet();
        MessageListener collect = messages -> {
            messages.forEach(message -> got.add(message.bodyText()));
            return ConsumeResult.SUCCESS;
        };
        ConsumerConfig config =
                ConsumerConfig.of(group).startingAt(StartAt.first()).withBatchSize(8);
        try (Consumer one = Consumer.start(config(), config, Map.of(topic, "*"), collect);
                Consumer two = Consumer.start(config(), config, Map.of(topic, "*"), collect)) {
            until("both have two queues", () -> share(one, topic) == 2 && share(two, topic) == 2);
            for (int i = 0; i < 200; i++) {
                producer.send(Message.of(topic, "g" + i));
            }
            until("all have come", () -> got.size() == 200);
            assertThat(admin.consumerConnections(group)
                            .values()
                            .iterator()
                            .next()
                            .connections())
                    .hasSize(2);
            two.close();
            until("the rest takes over", () -> share(one, topic) == 4);
        }
        until(
                "all is committed",
                () -> admin.progress(group, topic).values().stream()
                                .mapToLong(progress -> progress.brokerOffset() - progress.consumerOffset())
                                .sum()
                        == 0);
    }

    private static long share(Consumer consumer, String topic) {
        return consumer.assignment().stream()
                .filter(queue -> queue.topic().equals(topic))
                .count();
    }

    @Test
    void whatFailsComesAgain() {
        String topic = topic("retry", 1);
        String group = "G_retry_" + RUN;
        List<Integer> times = new CopyOnWriteArrayList<>();
        MessageListener failingOnce = messages -> {
            times.add(messages.get(0).reconsumeTimes());
            assertThat(messages.get(0).topic()).isEqualTo(topic);
            return messages.get(0).reconsumeTimes() == 0 ? ConsumeResult.RETRY_LATER : ConsumeResult.SUCCESS;
        };
        ConsumerConfig config = ConsumerConfig.of(group).startingAt(StartAt.first());
        try (Consumer consumer = Consumer.start(config(), config, Map.of(topic, "*"), failingOnce)) {
            producer.send(Message.of(topic, "again"));
            until("it came twice", () -> times.size() == 2);
            assertThat(times).containsExactly(0, 1);
            assertThat(consumer.assignment()).anyMatch(queue -> queue.topic().equals("%RETRY%" + group));
        }
    }

    @Test
    void anUnknownTopicIsExplained() {
        try (Puller puller = Puller.open(config(), "PULL_" + RUN)) {
            assertThatThrownBy(() -> puller.queues("T_missing_" + RUN))
                    .isInstanceOf(ClientException.class)
                    .hasMessageContaining("no route for topic T_missing_" + RUN);
        }
    }
}
