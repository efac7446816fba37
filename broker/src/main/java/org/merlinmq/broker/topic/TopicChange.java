package org.merlinmq.broker.topic;

import org.merlinmq.broker.dispatch.Refusal;

/** What came of a wish to create or change a topic. */
public sealed interface TopicChange {
    /**
     * The topic is new or has a new configuration.
     *
     * @param topic the topic
     */
    record Changed(Topic topic) implements TopicChange {}

    /**
     * The topic is there and has been as it was wished; the table's version stays.
     *
     * @param topic the topic
     */
    record Unchanged(Topic topic) implements TopicChange {}

    /**
     * Nothing was done.
     *
     * @param refusal why, and the cure
     */
    record Refused(Refusal refusal) implements TopicChange {}
}
