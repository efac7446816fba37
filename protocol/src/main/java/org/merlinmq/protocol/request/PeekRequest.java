package org.merlinmq.protocol.request;

import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code PEEK_MESSAGE} (200052): reads as pop does, without taking.
 *
 * @param consumerGroup the consumer group
 * @param topic the topic
 * @param queueId which queue of the topic, -1: any
 * @param maxMsgNums most messages wanted
 */
public record PeekRequest(String consumerGroup, String topic, int queueId, int maxMsgNums) implements Header {
    /**
     * Reads the header.
     *
     * @param from its fields
     * @return the header
     */
    public static PeekRequest read(Fields from) {
        return new PeekRequest(
                from.requiredText("consumerGroup"),
                from.requiredText("topic"),
                from.requiredInt("queueId"),
                from.requiredInt("maxMsgNums"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("consumerGroup", consumerGroup);
        out.put("topic", topic);
        out.put("queueId", queueId);
        out.put("maxMsgNums", maxMsgNums);
    }
}
