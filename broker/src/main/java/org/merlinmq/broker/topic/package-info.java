/**
 * The topics of this broker: their configuration, who may change it how, and the fast way from a topic's name to its
 * queues.
 *
 * <p>Here: the table, its rules (names, system topics, creation on first send), its journal, RocketMQ's {@code
 * topics.json}, and the requests on topics. Not here: messages (storage), telling nameservers (registry), consumer
 * groups and offsets.
 *
 * <p>Start at {@link org.merlinmq.broker.topic.TopicTable}.
 */
@org.jspecify.annotations.NullMarked
package org.merlinmq.broker.topic;
