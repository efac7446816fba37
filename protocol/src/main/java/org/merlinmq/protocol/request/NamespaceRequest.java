package org.merlinmq.protocol.request;

import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code GET_KVLIST_BY_NAMESPACE} (219): names a namespace to read.
 *
 * @param namespace the namespace of keys
 */
public record NamespaceRequest(String namespace) implements Header {
    public static NamespaceRequest read(Fields from) {
        return new NamespaceRequest(from.requiredText("namespace"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("namespace", namespace);
    }
}
