package org.merlinmq.protocol.request;

import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code POLLING_INFO} (200055): counts the pops that wait.
 *
 * @param consumerGroup the consumer group
 * @param topic the topic
 * @param queueId which queue of the topic
 */
public record PollingRequest(String consumerGroup, String topic, int queueId) implements Header {
    /**
     * Reads the header.
     *
     * @param from its fields
     * @return the header
     */
    public static PollingRequest read(Fields from) {
        return new PollingRequest(
                from.requiredText("consumerGroup"), from.requiredText("topic"), from.requiredInt("queueId"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("consumerGroup", consumerGroup);
        out.put("topic", topic);
        out.put("queueId", queueId);
    }
}
