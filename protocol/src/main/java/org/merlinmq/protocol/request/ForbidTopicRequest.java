package org.merlinmq.protocol.request;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code UPDATE_AND_GET_GROUP_FORBIDDEN} (353): forbids or allows a group to read a topic.
 *
 * @param group the consumer group
 * @param topic the topic
 * @param readable whether it may; null: ask only
 */
public record ForbidTopicRequest(
        String group, String topic, @Nullable Boolean readable) implements Header {
    public static ForbidTopicRequest read(Fields from) {
        return new ForbidTopicRequest(
                from.requiredText("group"), from.requiredText("topic"), from.optionalFlag("readable"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("group", group);
        out.put("topic", topic);
        out.putIfPresent("readable", readable);
    }
}
