package org.merlinmq.broker.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.merlinmq.broker.offset.TestStore;
import org.merlinmq.broker.topic.TopicSettings;
import org.merlinmq.broker.topic.TopicTable;
import org.merlinmq.storage.Storage;
import org.merlinmq.storage.facts.RecordRule;
import org.merlinmq.testkit.SimClock;

class MaintenanceHandlersTest {
    @TempDir
    Path folder;

    @Test
    void queuesThatNoTopicOwnsAreDeletedForGood() {
        try (TestStore store = new TestStore(folder, new SimClock(), RecordRule.NONE)) {
            Storage storage = store.storage();
            TopicTable topics = store.topics(TopicSettings.defaults("DefaultCluster", "broker-a"));
            topics.create("Kept", 1, 6, 0);
            for (String topic : List.of("Kept", "Lost", "SCHEDULE_TOPIC_XXXX", "rmq_sys_wheel_timer")) {
                store.put(topic, 0, "x", Map.of(), 0, 1);
            }
            store.put("Lost", 3, "y", Map.of(), 0, 0);
            MaintenanceHandlers maintenance = new MaintenanceHandlers(storage, topics);
            assertThat(maintenance.deleteUnusedTopics()).isEqualTo(1);
            assertThat(storage.findQueue("Lost", 0)).isNull();
            assertThat(storage.findQueue("Lost", 3)).isNull();
            assertThat(store.read("Kept", 0)).hasSize(1);
            assertThat(maintenance.deleteUnusedTopics()).isZero();
        }
        try (TestStore store = new TestStore(folder, new SimClock(), RecordRule.NONE)) {
            assertThat(store.storage().findQueue("Lost", 0))
                    .as("after a restart")
                    .isNull();
            assertThat(store.read("SCHEDULE_TOPIC_XXXX", 0)).hasSize(1);
            assertThat(store.read("rmq_sys_wheel_timer", 0)).hasSize(1);
        }
    }
}
