package org.merlinmq.protocol.request;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code DELETE_TOPIC_IN_NAMESRV} (216): removes a topic from the nameserver.
 *
 * @param topic the topic
 * @param clusterName only in this cluster; null: in all
 */
public record ForgetTopicRequest(String topic, @Nullable String clusterName) implements Header {
    public static ForgetTopicRequest read(Fields from) {
        return new ForgetTopicRequest(from.requiredText("topic"), from.text("clusterName"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("topic", topic);
        out.putIfPresent("clusterName", clusterName);
    }
}
