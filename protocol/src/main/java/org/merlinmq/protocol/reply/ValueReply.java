package org.merlinmq.protocol.reply;

import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Answer to {@code GET_KV_CONFIG} (101): a stored value.
 *
 * @param value the value
 */
public record ValueReply(String value) implements Header {
    public static ValueReply read(Fields from) {
        return new ValueReply(from.requiredText("value"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("value", value);
    }
}
