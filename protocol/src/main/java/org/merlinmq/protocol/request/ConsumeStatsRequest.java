package org.merlinmq.protocol.request;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code GET_CONSUME_STATS} (208): asks how far a group is behind.
 *
 * @param consumerGroup the consumer group
 * @param topic only this topic; null: all
 * @param topicList only these topics, separated by semicolons; null: all
 */
public record ConsumeStatsRequest(
        String consumerGroup,
        @Nullable String topic,
        @Nullable String topicList) implements Header {
    public static ConsumeStatsRequest read(Fields from) {
        return new ConsumeStatsRequest(from.requiredText("consumerGroup"), from.text("topic"), from.text("topicList"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("consumerGroup", consumerGroup);
        out.putIfPresent("topic", topic);
        out.putIfPresent("topicList", topicList);
    }
}
