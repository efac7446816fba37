package org.merlinmq.protocol.request;

import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code PUT_KV_CONFIG} (100): stores a value.
 *
 * @param namespace the namespace of keys
 * @param key the key
 * @param value the value
 */
public record PutValueRequest(String namespace, String key, String value) implements Header {
    public static PutValueRequest read(Fields from) {
        return new PutValueRequest(
                from.requiredText("namespace"), from.requiredText("key"), from.requiredText("value"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("namespace", namespace);
        out.put("key", key);
        out.put("value", value);
    }
}
