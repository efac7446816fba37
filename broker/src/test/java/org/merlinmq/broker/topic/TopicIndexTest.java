package org.merlinmq.broker.topic;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.merlinmq.protocol.body.TopicConfig;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.storage.queue.Queue;
import org.merlinmq.storage.queue.QueueTable;
import org.merlinmq.testkit.SimDisk;

/** The index against a map, through growth, removal and return. */
final class TopicIndexTest {
    private static final int STEPS = 20_000;
    private static final int NAMES = 3_000;

    private final TopicRules rules = new TopicRules(TopicSettings.defaults("C", "b"));
    private final QueueSource noQueues = QueueSource.of(
            (topic, queueId) -> {
                throw new IllegalStateException("no queue is asked for here");
            },
            (topic, queueId) -> null,
            (topic, queueId) -> {
                throw new IllegalStateException("no queue is asked for here");
            });
    private final QueueTable table =
            QueueTable.open(new SimDisk(), Path.of("/queues"), new ReentrantLock(), damage -> {});
    private final TopicIndex index = new TopicIndex();
    private final Map<String, Topic> model = new HashMap<>();

    @Test
    void itFindsWhatIsThereAndNothingElse() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int step = 0; step < STEPS; step++) {
            // It fills, then turns over at about one size, then empties.
            String name = "topic-" + random.nextInt(NAMES);
            boolean wanted = random.nextInt(STEPS) > step - STEPS / 4;
            change(name, wanted);
            if (step % 1_000 == 0) {
                checkAll("seed " + seed + " step " + step);
            }
        }
        checkAll("seed " + seed);
    }

    @Test
    void namesThatShareTheirFirstSlotAreToldApart() {
        List<String> names = new ArrayList<>();
        for (int i = 0; names.size() < 8; i++) {
            byte[] name = Bytes.utf8("t" + i);
            if ((Bytes.hash(name, 0, name.length) & 0x1FF) == 0x1FE) {
                names.add("t" + i);
            }
        }
        names.forEach(name -> change(name, true));
        change(names.get(0), false);
        change(names.get(3), false);
        for (String name : names) {
            assertThat(find(name)).as(name).isSameAs(model.get(name));
        }
        change(names.get(3), true);
        assertThat(find(names.get(3))).isSameAs(model.get(names.get(3)));
    }

    @Test
    void aTopicThatComesAndGoesForEverFillsNothing() {
        change("stays", true);
        for (int i = 0; i < 10_000; i++) {
            change("passes-" + i % 7, true);
            change("passes-" + i % 7, false);
        }
        assertThat(find("stays")).isSameAs(model.get("stays"));
        assertThat(find("passes-3")).isNull();
    }

    @Test
    void aQueueThatWasAskedForIsFoundWhileClientsMaySendToIt() {
        Map<Integer, Queue> stored = new HashMap<>();
        QueueSource source = QueueSource.of(
                (topic, queueId) -> stored.computeIfAbsent(queueId, id -> table.queue(topic, id)),
                (topic, queueId) -> stored.get(queueId),
                (topic, queueId) -> table.ended(topic, queueId));
        Topic topic = new Topic(TopicConfig.of("T", 2), rules, source);
        Topic closed = new Topic(TopicConfig.of("SCHEDULE_TOPIC_XXXX", 2), rules, source);
        index.add(topic);
        index.add(closed);
        assertThat(found("T", 1)).as("nobody asked for it").isNull();
        topic.queue(1);
        closed.queue(1);
        Queue beyond = topic.queue(3);
        assertThat(found("T", 1)).isSameAs(stored.get(1));
        assertThat(found("T", 0)).isNull();
        assertThat(found("T", -1)).isNull();
        assertThat(found("T", 3)).as("the configuration has it not").isNull();
        assertThat(found("U", 1)).isNull();
        assertThat(found("SCHEDULE_TOPIC_XXXX", 1)).as("closed to clients").isNull();

        configure(topic, 4);
        assertThat(found("T", 1)).isSameAs(stored.get(1));
        assertThat(found("T", 3)).isSameAs(beyond);
        configure(topic, 1);
        assertThat(found("T", 1)).isNull();
        assertThat(topic.queue(1)).isSameAs(stored.get(1));
        configure(topic, 2);
        assertThat(found("T", 1)).isSameAs(stored.get(1));
        index.remove(topic);
        assertThat(found("T", 1)).isNull();
    }

    private void configure(Topic topic, int queues) {
        topic.configure(TopicConfig.of("T", queues));
        index.changed(topic);
    }

    private @Nullable Queue found(String name, int queueId) {
        byte[] bytes = Bytes.utf8("<" + name + ">");
        return index.find(bytes, 1, bytes.length - 2, queueId);
    }

    private void change(String name, boolean wanted) {
        Topic there = model.get(name);
        if (wanted && there == null) {
            Topic topic = new Topic(TopicConfig.of(name, 1), rules, noQueues);
            model.put(name, topic);
            index.add(topic);
        } else if (!wanted && there != null) {
            model.remove(name);
            index.remove(there);
        }
    }

    private void checkAll(String description) {
        for (int i = 0; i < NAMES; i++) {
            String name = "topic-" + i;
            assertThat(find(name)).as(description + " " + name).isSameAs(model.get(name));
        }
    }

    private @Nullable Topic find(String name) {
        byte[] bytes = Bytes.utf8("<" + name + ">");
        return index.find(bytes, 1, bytes.length - 2);
    }
}
