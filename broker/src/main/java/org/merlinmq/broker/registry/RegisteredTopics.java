package org.merlinmq.broker.registry;

import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.topic.Topic;
import org.merlinmq.broker.topic.TopicTable;
import org.merlinmq.protocol.body.DataVersion;
import org.merlinmq.protocol.body.TopicConfig;
import org.merlinmq.transport.dispatch.Refusal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The topics as this broker registers them: with no more permission than the broker has, and ordered as nameservers
 * configure them.
 *
 * <p>Threading: any thread.
 */
final class RegisteredTopics {
    private static final Logger LOG = LoggerFactory.getLogger(RegisteredTopics.class);
    private static final int READ_WRITE = 6;

    private final TopicTable table;
    private final IntSupplier brokerPermission;
    private final Object orderLock = new Object();
    private Set<String> ordered = Set.of();

    RegisteredTopics(TopicTable table, IntSupplier brokerPermission) {
        this.table = table;
        this.brokerPermission = brokerPermission;
    }

    DataVersion version() {
        return table.version();
    }

    @Nullable TopicConfig config(String name) {
        Topic topic = table.find(name);
        return topic == null ? null : shown(topic.config());
    }

    void forEach(Consumer<TopicConfig> each) {
        for (Topic topic : table.all()) {
            each.accept(shown(topic.config()));
        }
    }

    private TopicConfig shown(TopicConfig config) {
        int permission = brokerPermission.getAsInt();
        return (permission & READ_WRITE) == READ_WRITE ? config : config.withPerm(config.perm() & permission);
    }

    /** Marks the ordered topics; {@code single} is the one topic that was registered, null for all. */
    void applyOrder(RegistrationResult answer, @Nullable TopicConfig single) {
        Set<String> configured = answer.orderTopics();
        if (configured == null) {
            return;
        }
        synchronized (orderLock) {
            boolean same = configured.equals(ordered);
            if (same && single != null && configured.contains(single.topicName()) == single.order()) {
                return;
            }
        }
        Refusal refusal = table.order(configured);
        if (refusal != null) {
            LOG.warn(
                    "topic-order-not-kept cause=\"{}\" action=\"tried again at the next registration\"",
                    refusal.sentence());
            return;
        }
        synchronized (orderLock) {
            ordered = Set.copyOf(configured);
        }
    }
}
