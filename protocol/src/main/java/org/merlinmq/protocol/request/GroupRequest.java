package org.merlinmq.protocol.request;

import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code QUERY_TOPICS_BY_CONSUMER} (343), {@code GET_SUBSCRIPTIONGROUP_CONFIG} (352): names a consumer
 * group.
 *
 * @param group the consumer group
 */
public record GroupRequest(String group) implements Header {
    public static GroupRequest read(Fields from) {
        return new GroupRequest(from.requiredText("group"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("group", group);
    }
}
