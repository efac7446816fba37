package org.merlinmq.protocol.request;

import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code WIPE_WRITE_PERM_OF_BROKER} (205), {@code ADD_WRITE_PERM_OF_BROKER} (327): names a broker group.
 *
 * @param brokerName name of the broker group
 */
public record BrokerNameRequest(String brokerName) implements Header {
    public static BrokerNameRequest read(Fields from) {
        return new BrokerNameRequest(from.requiredText("brokerName"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("brokerName", brokerName);
    }
}
