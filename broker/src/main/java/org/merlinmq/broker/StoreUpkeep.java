package org.merlinmq.broker;

import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.merlinmq.broker.admin.Upkeep;
import org.merlinmq.broker.topic.TopicTable;
import org.merlinmq.storage.Storage;

/** Has the store do at once what it does in its own time, and deletes queues that no topic owns. */
final class StoreUpkeep implements Upkeep {
    private final Storage storage;
    private final TopicTable topics;
    private final Consumer<String> delete;

    /** {@code delete} deletes the queues and offsets of a topic. */
    StoreUpkeep(Storage storage, TopicTable topics, Consumer<String> delete) {
        this.storage = storage;
        this.topics = topics;
        this.delete = delete;
    }

    @Override
    public CompletableFuture<Integer> deleteExpiredLog() {
        return storage.deleteExpired();
    }

    @Override
    public int deleteUnusedTopics() {
        Set<String> names = new TreeSet<>();
        storage.forEachQueue(queue -> names.add(queue.topic()));
        return topics.forEachUnknown(names, delete);
    }
}
