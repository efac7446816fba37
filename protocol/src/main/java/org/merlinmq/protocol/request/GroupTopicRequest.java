package org.merlinmq.protocol.request;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code QUERY_SUBSCRIPTION_BY_CONSUMER} (345): names a group, and a topic if only that is wanted.
 *
 * @param group the consumer group
 * @param topic the topic
 */
public record GroupTopicRequest(String group, @Nullable String topic) implements Header {
    public static GroupTopicRequest read(Fields from) {
        return new GroupTopicRequest(from.requiredText("group"), from.text("topic"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("group", group);
        out.putIfPresent("topic", topic);
    }
}
