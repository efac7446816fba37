package org.merlinmq.protocol.request;

import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code ACK_MESSAGE} (200051): is done with a popped message.
 *
 * @param consumerGroup the consumer group
 * @param topic the topic
 * @param queueId which queue of the topic
 * @param extraInfo the handle of the popped message
 * @param offset queue offset of the message
 */
public record AckRequest(String consumerGroup, String topic, int queueId, String extraInfo, long offset)
        implements Header {
    /**
     * Reads the header.
     *
     * @param from its fields
     * @return the header
     */
    public static AckRequest read(Fields from) {
        return new AckRequest(
                from.requiredText("consumerGroup"),
                from.requiredText("topic"),
                from.requiredInt("queueId"),
                from.requiredText("extraInfo"),
                from.requiredLong("offset"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("consumerGroup", consumerGroup);
        out.put("topic", topic);
        out.put("queueId", queueId);
        out.put("extraInfo", extraInfo);
        out.put("offset", offset);
    }
}
