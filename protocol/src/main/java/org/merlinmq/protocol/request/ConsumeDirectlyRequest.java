package org.merlinmq.protocol.request;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code CONSUME_MESSAGE_DIRECTLY} (309): has a consumer consume one message.
 *
 * @param consumerGroup the consumer group
 * @param clientId id of the client; null: any
 * @param msgId id of the place where the message is stored
 */
public record ConsumeDirectlyRequest(
        String consumerGroup, @Nullable String clientId, String msgId) implements Header {
    public static ConsumeDirectlyRequest read(Fields from) {
        return new ConsumeDirectlyRequest(
                from.requiredText("consumerGroup"), from.text("clientId"), from.requiredText("msgId"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("consumerGroup", consumerGroup);
        out.putIfPresent("clientId", clientId);
        out.put("msgId", msgId);
    }
}
