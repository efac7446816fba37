package org.merlinmq.protocol.request;

import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code GET_MAX_OFFSET} (30), {@code GET_MIN_OFFSET} (31), {@code GET_EARLIEST_MSG_STORETIME} (32): names a
 * queue.
 *
 * @param topic the topic
 * @param queueId which queue of the topic
 */
public record QueueRequest(String topic, int queueId) implements Header {
    public static QueueRequest read(Fields from) {
        return new QueueRequest(from.requiredText("topic"), from.requiredInt("queueId"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("topic", topic);
        out.put("queueId", queueId);
    }
}
