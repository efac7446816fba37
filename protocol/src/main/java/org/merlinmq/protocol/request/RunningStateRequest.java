package org.merlinmq.protocol.request;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code GET_CONSUMER_RUNNING_INFO} (307): asks for the inner state of a consumer.
 *
 * @param consumerGroup the consumer group
 * @param clientId id of the client; null: any
 * @param jstackEnable whether its threads are wanted
 */
public record RunningStateRequest(
        String consumerGroup, @Nullable String clientId, boolean jstackEnable) implements Header {
    public static RunningStateRequest read(Fields from) {
        return new RunningStateRequest(
                from.requiredText("consumerGroup"), from.text("clientId"), from.flagOr("jstackEnable", false));
    }

    @Override
    public void write(FieldSink out) {
        out.put("consumerGroup", consumerGroup);
        out.putIfPresent("clientId", clientId);
        out.put("jstackEnable", jstackEnable);
    }
}
