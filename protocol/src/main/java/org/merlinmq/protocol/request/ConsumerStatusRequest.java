package org.merlinmq.protocol.request;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code GET_CONSUMER_STATUS_FROM_CLIENT} (221), {@code INVOKE_BROKER_TO_GET_CONSUMER_STATUS} (223):
 * asks for the offsets that consumers hold.
 *
 * @param topic the topic
 * @param group the consumer group
 * @param clientAddr only of this client; null: of all
 */
public record ConsumerStatusRequest(
        String topic, String group, @Nullable String clientAddr) implements Header {
    public static ConsumerStatusRequest read(Fields from) {
        return new ConsumerStatusRequest(
                from.requiredText("topic"), from.requiredText("group"), from.text("clientAddr"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("topic", topic);
        out.put("group", group);
        out.putIfPresent("clientAddr", clientAddr);
    }
}
