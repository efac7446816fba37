package org.merlinmq.protocol.request;

import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code GET_MAX_OFFSET} (30): asks for the next offset of a queue.
 *
 * @param topic the topic
 * @param queueId which queue of the topic
 * @param committed whether only what is on all replicas counts
 */
public record MaxOffsetRequest(String topic, int queueId, boolean committed) implements Header {
    /**
     * Reads the header.
     *
     * @param from its fields
     * @return the header
     */
    public static MaxOffsetRequest read(Fields from) {
        return new MaxOffsetRequest(
                from.requiredText("topic"), from.requiredInt("queueId"), from.flagOr("committed", true));
    }

    @Override
    public void write(FieldSink out) {
        out.put("topic", topic);
        out.put("queueId", queueId);
        out.put("committed", committed);
    }
}
