package org.merlinmq.broker.group;

import java.util.Collection;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.topic.Topic;
import org.merlinmq.broker.topic.TopicChange;
import org.merlinmq.broker.topic.TopicTable;

/**
 * The broker's topic table, as groups, offsets and delays see it.
 *
 * <p>Threading: any thread.
 */
public final class TableTopics implements Topics {
    private final TopicTable table;

    /**
     * A view of a table.
     *
     * @param table the table
     */
    public TableTopics(TopicTable table) {
        this.table = table;
    }

    @Override
    public @Nullable Shape find(String name) {
        Topic topic = table.find(name);
        return topic == null ? null : shape(topic);
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalStateException if no topic can have the name; group names are checked before
     */
    @Override
    public Shape findOrCreate(String name, int queueCount, int permission, int systemFlag) {
        Topic there = table.find(name);
        if (there != null) {
            return shape(there);
        }
        return switch (table.create(name, queueCount, permission, systemFlag)) {
            case TopicChange.Changed(Topic topic) -> shape(topic);
            case TopicChange.Unchanged(Topic topic) -> shape(topic);
            case TopicChange.Refused(var refusal) -> throw new IllegalStateException(refusal.sentence());
        };
    }

    private static Shape shape(Topic topic) {
        var config = topic.config();
        return new Shape(topic.name(), config.readQueueNums(), config.writeQueueNums(), config.perm());
    }

    @Override
    public Collection<String> names() {
        return table.all().stream().map(Topic::name).toList();
    }
}
