package org.merlinmq.protocol.request;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code UNREGISTER_CLIENT} (35): a client leaves its groups.
 *
 * @param clientId id of the client
 * @param producerGroup the producer group it leaves; null: none
 * @param consumerGroup the consumer group it leaves; null: none
 */
public record UnregisterClientRequest(
        String clientId,
        @Nullable String producerGroup,
        @Nullable String consumerGroup) implements Header {
    public static UnregisterClientRequest read(Fields from) {
        return new UnregisterClientRequest(
                from.requiredText("clientID"), from.text("producerGroup"), from.text("consumerGroup"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("clientID", clientId);
        out.putIfPresent("producerGroup", producerGroup);
        out.putIfPresent("consumerGroup", consumerGroup);
    }
}
