package org.merlinmq.protocol.request;

import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code GET_ROUTEINFO_BY_TOPIC} (105): asks for the route of a topic.
 *
 * @param topic the topic
 * @param acceptStandardJsonOnly whether keys in the body must be quoted
 */
public record RouteRequest(String topic, boolean acceptStandardJsonOnly) implements Header {
    public static RouteRequest read(Fields from) {
        return new RouteRequest(from.requiredText("topic"), from.flagOr("acceptStandardJsonOnly", false));
    }

    @Override
    public void write(FieldSink out) {
        out.put("topic", topic);
        out.put("acceptStandardJsonOnly", acceptStandardJsonOnly);
    }
}
