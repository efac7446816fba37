package org.merlinmq.nameserver;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.FrameScan;
import org.merlinmq.protocol.frame.ReplyWriter;
import org.merlinmq.transport.Connection;
import org.merlinmq.transport.dispatch.LoopHandler;
import org.merlinmq.transport.dispatch.LoopReplies;
import org.merlinmq.transport.dispatch.Refusal;

/**
 * Answers route queries from kept bytes.
 *
 * <p>Threading: one per event loop, on that loop.
 *
 * <p>Source: request 105.
 */
final class RouteQueries implements LoopHandler {
    private final RouteRegistry registry;
    private final LoopReplies replies;

    RouteQueries(RouteRegistry registry, LoopReplies replies) {
        this.registry = registry;
        this.replies = replies;
    }

    @Override
    public void frame(Connection connection, FrameScan frame) {
        String topic = frame.text("topic");
        byte[] body = topic == null
                ? null
                : registry.route(topic, Requester.at(connection).localHost());
        if (body == null || frame.isOneway()) {
            replies.refuse(connection, frame, noRoute(topic));
            return;
        }
        ReplyWriter writer = replies.begin(connection, LoopReplies.token(frame), ResponseCode.SUCCESS);
        writer.endHeader();
        ByteWriter out = connection.out();
        out.put(body);
        writer.end();
    }

    /** The first phrase is RocketMQ's own: what people search for when they meet this answer. */
    private static Refusal noRoute(@Nullable String topic) {
        return topic == null
                ? new Refusal(ResponseCode.SYSTEM_ERROR, "field topic is missing")
                : new Refusal(
                        ResponseCode.TOPIC_NOT_EXIST,
                        "No topic route info in name server for the topic: " + topic
                                + ". Cause: no broker has registered it. Cure: create it with updateTopic (merlin topic"
                                + " create), or see that its broker runs and is registered with this nameserver.");
    }
}
