package org.merlinmq.protocol.request;

import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code CHANGE_MESSAGE_INVISIBLETIME} (200053): wants a popped message longer or shorter.
 *
 * @param consumerGroup the consumer group
 * @param topic the topic
 * @param queueId which queue of the topic
 * @param extraInfo the handle of the popped message
 * @param offset queue offset of the message
 * @param invisibleTime milliseconds for which the message is the caller's
 */
public record ChangeInvisibleRequest(
        String consumerGroup, String topic, int queueId, String extraInfo, long offset, long invisibleTime)
        implements Header {
    /**
     * Reads the header.
     *
     * @param from its fields
     * @return the header
     */
    public static ChangeInvisibleRequest read(Fields from) {
        return new ChangeInvisibleRequest(
                from.requiredText("consumerGroup"),
                from.requiredText("topic"),
                from.requiredInt("queueId"),
                from.requiredText("extraInfo"),
                from.requiredLong("offset"),
                from.requiredLong("invisibleTime"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("consumerGroup", consumerGroup);
        out.put("topic", topic);
        out.put("queueId", queueId);
        out.put("extraInfo", extraInfo);
        out.put("offset", offset);
        out.put("invisibleTime", invisibleTime);
    }
}
