package org.merlinmq.protocol.request;

import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code GET_PRODUCER_CONNECTION_LIST} (204): names a producer group.
 *
 * @param producerGroup the producer group
 */
public record ProducerGroupRequest(String producerGroup) implements Header {
    public static ProducerGroupRequest read(Fields from) {
        return new ProducerGroupRequest(from.requiredText("producerGroup"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("producerGroup", producerGroup);
    }
}
