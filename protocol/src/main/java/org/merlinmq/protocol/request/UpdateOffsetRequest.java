package org.merlinmq.protocol.request;

import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code UPDATE_CONSUMER_OFFSET} (15): commits an offset.
 *
 * @param consumerGroup the consumer group
 * @param topic the topic
 * @param queueId which queue of the topic
 * @param commitOffset the queue offset to go on from
 */
public record UpdateOffsetRequest(String consumerGroup, String topic, int queueId, long commitOffset)
        implements Header {
    /** Reads the header. */
    public static UpdateOffsetRequest read(Fields from) {
        return new UpdateOffsetRequest(
                from.requiredText("consumerGroup"),
                from.requiredText("topic"),
                from.requiredInt("queueId"),
                from.requiredLong("commitOffset"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("consumerGroup", consumerGroup);
        out.put("topic", topic);
        out.put("queueId", queueId);
        out.put("commitOffset", commitOffset);
    }
}
