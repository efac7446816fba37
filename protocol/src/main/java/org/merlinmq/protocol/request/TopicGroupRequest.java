package org.merlinmq.protocol.request;

import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code QUERY_CONSUME_TIME_SPAN} (303): names a topic and a group.
 *
 * @param topic the topic
 * @param group the consumer group
 */
public record TopicGroupRequest(String topic, String group) implements Header {
    public static TopicGroupRequest read(Fields from) {
        return new TopicGroupRequest(from.requiredText("topic"), from.requiredText("group"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("topic", topic);
        out.put("group", group);
    }
}
