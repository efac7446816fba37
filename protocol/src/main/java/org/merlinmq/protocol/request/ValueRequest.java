package org.merlinmq.protocol.request;

import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code GET_KV_CONFIG} (101), {@code DELETE_KV_CONFIG} (102): names a value to read or delete.
 *
 * @param namespace the namespace of keys
 * @param key the key
 */
public record ValueRequest(String namespace, String key) implements Header {
    public static ValueRequest read(Fields from) {
        return new ValueRequest(from.requiredText("namespace"), from.requiredText("key"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("namespace", namespace);
        out.put("key", key);
    }
}
