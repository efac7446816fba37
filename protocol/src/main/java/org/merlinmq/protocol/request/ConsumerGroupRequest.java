package org.merlinmq.protocol.request;

import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code GET_CONSUMER_LIST_BY_GROUP} (38), {@code NOTIFY_CONSUMER_IDS_CHANGED} (40), {@code
 * GET_CONSUMER_CONNECTION_LIST} (203): names a consumer group.
 *
 * @param consumerGroup the consumer group
 */
public record ConsumerGroupRequest(String consumerGroup) implements Header {
    public static ConsumerGroupRequest read(Fields from) {
        return new ConsumerGroupRequest(from.requiredText("consumerGroup"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("consumerGroup", consumerGroup);
    }
}
