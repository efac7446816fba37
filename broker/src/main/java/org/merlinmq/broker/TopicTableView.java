package org.merlinmq.broker;

import java.util.Collection;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.group.Topics;
import org.merlinmq.broker.topic.Topic;
import org.merlinmq.broker.topic.TopicChange;
import org.merlinmq.broker.topic.TopicTable;
import org.merlinmq.protocol.body.TopicConfig;

/**
 * The part of the topic table that groups, offsets and delays use.
 *
 * <p>Threading: any thread.
 */
final class TopicTableView implements Topics {
    private final TopicTable table;

    TopicTableView(TopicTable table) {
        this.table = table;
    }

    @Override
    public @Nullable Shape find(String name) {
        Topic topic = table.find(name);
        return topic == null ? null : shape(topic);
    }

    @Override
    public @Nullable Shape findOrCreate(String name, int queueCount, int permission, int systemFlag) {
        return switch (table.create(name, queueCount, permission, systemFlag)) {
            case TopicChange.Changed changed -> shape(changed.topic());
            case TopicChange.Unchanged unchanged -> shape(unchanged.topic());
            case TopicChange.Refused refused -> null;
        };
    }

    @Override
    public Collection<String> names() {
        return table.all().stream().map(Topic::name).toList();
    }

    private static Shape shape(Topic topic) {
        TopicConfig config = topic.config();
        return new Shape(topic.name(), config.readQueueNums(), config.writeQueueNums(), config.perm());
    }
}
