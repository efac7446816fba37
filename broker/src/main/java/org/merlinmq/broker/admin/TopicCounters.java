package org.merlinmq.broker.admin;

import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.stats.Counter;

/** Finds the counter that sends to a topic add to. */
@FunctionalInterface
public interface TopicCounters {
    /**
     * What was sent to a topic.
     *
     * @param topic the topic
     * @return its counter, or null if nothing was sent since the start
     */
    @Nullable Counter of(String topic);
}
