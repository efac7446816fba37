package org.merlinmq.protocol.request;

import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code GET_TOPIC_STATS_INFO} (202), {@code DELETE_TOPIC_IN_BROKER} (215), {@code
 * REGISTER_TOPIC_IN_NAMESRV} (217), {@code QUERY_TOPIC_CONSUME_BY_WHO} (300), {@code GET_TOPIC_CONFIG} (351):
 * names a topic.
 *
 * @param topic the topic
 */
public record TopicRequest(String topic) implements Header {
    public static TopicRequest read(Fields from) {
        return new TopicRequest(from.requiredText("topic"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("topic", topic);
    }
}
