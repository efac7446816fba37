package org.merlinmq.protocol.request;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code GET_TOPIC_CONFIG} (351): asks for the settings of a topic.
 *
 * @param topic the topic
 * @param lo whether the mapping of a static topic is wanted
 */
public record TopicConfigRequest(String topic, @Nullable Boolean lo) implements Header {
    /**
     * Reads the header.
     *
     * @param from its fields
     * @return the header
     */
    public static TopicConfigRequest read(Fields from) {
        return new TopicConfigRequest(from.requiredText("topic"), from.optionalFlag("lo"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("topic", topic);
        out.putIfPresent("lo", lo);
    }
}
