package org.merlinmq.protocol.request;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code CONSUME_MESSAGE_DIRECTLY} (309): has a consumer consume the message in the body.
 *
 * @param consumerGroup the consumer group
 * @param clientId id of the client; null: any
 * @param msgId id that tells where the message is stored
 * @param brokerName name of the broker group
 * @param topic the topic
 * @param topicSysFlag bits of the topic
 * @param groupSysFlag bits of the group
 */
public record ConsumeDirectlyRequest(
        String consumerGroup,
        @Nullable String clientId,
        @Nullable String msgId,
        @Nullable String brokerName,
        @Nullable String topic,
        @Nullable Integer topicSysFlag,
        @Nullable Integer groupSysFlag)
        implements Header {
    /**
     * Reads the header.
     *
     * @param from its fields
     * @return the header
     */
    public static ConsumeDirectlyRequest read(Fields from) {
        return new ConsumeDirectlyRequest(
                from.requiredText("consumerGroup"),
                from.text("clientId"),
                from.text("msgId"),
                from.text("brokerName"),
                from.text("topic"),
                from.optionalInt("topicSysFlag"),
                from.optionalInt("groupSysFlag"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("consumerGroup", consumerGroup);
        out.putIfPresent("clientId", clientId);
        out.putIfPresent("msgId", msgId);
        out.putIfPresent("brokerName", brokerName);
        out.putIfPresent("topic", topic);
        out.putIfPresent("topicSysFlag", topicSysFlag);
        out.putIfPresent("groupSysFlag", groupSysFlag);
    }
}
