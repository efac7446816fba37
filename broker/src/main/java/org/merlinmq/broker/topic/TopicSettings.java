package org.merlinmq.broker.topic;

/**
 * The settings of topics in the broker's configuration.
 *
 * @param clusterName the cluster; a topic of that name exists
 * @param brokerName the broker; a topic of that name exists
 * @param defaultTopicQueueNums queues of TBW102, from which topics are created on first send
 * @param autoCreateTopicEnable whether a send to an unknown topic creates it
 * @param clusterTopicEnable whether the topic named like the cluster can be read and written
 * @param brokerTopicEnable whether the topic named like the broker can be read and written
 * @param traceTopicEnable whether the trace topic exists from the start
 * @param traceTopicName the name of the trace topic
 * @param reviveQueueNum queues of the topic that keeps POP checkpoints
 * @param enableMixedMessageType whether a topic may take the message type MIXED
 */
public record TopicSettings(
        String clusterName,
        String brokerName,
        int defaultTopicQueueNums,
        boolean autoCreateTopicEnable,
        boolean clusterTopicEnable,
        boolean brokerTopicEnable,
        boolean traceTopicEnable,
        String traceTopicName,
        int reviveQueueNum,
        boolean enableMixedMessageType) {

    /** Checks the values. */
    public TopicSettings {
        checkQueues("defaultTopicQueueNums", defaultTopicQueueNums);
        checkQueues("reviveQueueNum", reviveQueueNum);
    }

    private static void checkQueues(String name, int found) {
        if (found < 1 || found > TopicRules.MAX_QUEUES) {
            throw new IllegalArgumentException(name + " must be 1 to " + TopicRules.MAX_QUEUES + ", found " + found);
        }
    }

    /**
     * RocketMQ's defaults.
     *
     * @param clusterName the cluster
     * @param brokerName the broker
     * @return 8 queues, creation on first send, no trace topic
     */
    public static TopicSettings defaults(String clusterName, String brokerName) {
        return new TopicSettings(clusterName, brokerName, 8, true, true, true, false, "RMQ_SYS_TRACE_TOPIC", 8, false);
    }
}
