package org.merlinmq.broker.topic;

import org.merlinmq.transport.dispatch.Refusal;

/** The outcome of creating or changing a topic. */
public sealed interface TopicChange {
    /**
     * The topic is new or has a new configuration.
     *
     * @param topic the topic
     */
    record Changed(Topic topic) implements TopicChange {}

    /**
     * The topic existed with this configuration; the version of the table stays.
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
