package org.merlinmq.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.merlinmq.broker.group.Topics;
import org.merlinmq.broker.offset.TestStore;
import org.merlinmq.broker.topic.QueueSource;
import org.merlinmq.broker.topic.TopicSettings;
import org.merlinmq.broker.topic.TopicTable;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.storage.facts.RecordRule;
import org.merlinmq.testkit.SimClock;

class TopicTableViewTest {
    @TempDir
    Path folder;

    private final SimClock clock = new SimClock();

    @Test
    void whatTheDiskDoesNotTakeIsToldFromWhatNoTopicCanBeCalled() {
        try (TestStore store = new TestStore(folder, clock, RecordRule.NONE)) {
            DiskException full = new DiskException("no space left", true, null);
            TopicTable table = new TopicTable(
                    TopicSettings.defaults("C", "broker-a"),
                    change -> {
                        throw full;
                    },
                    (topic, change) -> {},
                    QueueSource.of(store.storage()::queue, store.storage()::findQueue, store.storage()::endedQueue),
                    clock::millis);
            Topics topics = new TopicTableView(table);
            assertThat(topics.findOrCreate("%RETRY%" + "g".repeat(250), 1, 6, 0))
                    .isNull();
            assertThatThrownBy(() -> topics.findOrCreate("%RETRY%G", 1, 6, 0)).isSameAs(full);
        }
    }
}
