package org.merlinmq.protocol.reply;

import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Answer to {@code GET_BROKER_CONFIG} (26): the version of the settings in the body.
 *
 * @param version a data version as JSON
 */
public record BrokerConfigReply(String version) implements Header {
    public static BrokerConfigReply read(Fields from) {
        return new BrokerConfigReply(from.requiredText("version"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("version", version);
    }
}
