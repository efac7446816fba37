package org.merlinmq.broker;

import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.offset.StoredMessages;
import org.merlinmq.broker.stats.Counter;
import org.merlinmq.broker.stats.ThroughputStats;
import org.merlinmq.broker.topic.Topic;
import org.merlinmq.broker.topic.TopicFacts;
import org.merlinmq.broker.topic.TopicListener;
import org.merlinmq.broker.topic.TopicTable;
import org.merlinmq.protocol.body.DataVersion;
import org.merlinmq.storage.queue.Queue;

/**
 * What goes into each topic: its queues count it, and a counter that is kept with the topic samples that.
 *
 * <p>Threading: any thread.
 */
final class TopicThroughput implements TopicFacts, TopicListener {
    private static final int RATE_SECONDS = 60;

    private final TopicTable topics;
    private final ThroughputStats throughput;
    private final StoredMessages messages;

    TopicThroughput(TopicTable topics, ThroughputStats throughput, StoredMessages messages) {
        this.topics = topics;
        this.throughput = throughput;
        this.messages = messages;
    }

    /** The counter of what was sent to a topic; null if there is no such topic. */
    @Nullable Counter of(String name) {
        Topic topic = topics.find(name);
        return topic == null ? null : topic.produced(throughput);
    }

    @Override
    public long lastStoreMillis(Queue queue) {
        long max = queue.readableOffset();
        return max <= queue.minOffset() ? 0 : Math.max(0, messages.storeMillis(queue, max - 1));
    }

    @Override
    public double putPerSecond(String name) {
        Counter counter = of(name);
        return counter == null ? 0 : throughput.perSecond(counter, RATE_SECONDS);
    }

    /** Counts a topic from now on. */
    void begin(Topic topic) {
        topic.produced(throughput);
    }

    @Override
    public void changed(Topic topic, DataVersion version) {
        begin(topic);
    }

    @Override
    public void deleted(Topic topic, DataVersion version) {
        throughput.forget(topic.produced(throughput));
    }
}
