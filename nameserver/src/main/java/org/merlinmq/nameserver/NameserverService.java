package org.merlinmq.nameserver;

import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.frame.FrameScan;
import org.merlinmq.protocol.frame.ReplyWriter;
import org.merlinmq.transport.Connection;
import org.merlinmq.transport.LoopService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The nameserver on one event loop: route queries are answered from kept bytes on the spot, requests that are
 * long or wait for the disk go to a virtual thread, and {@link NameserverHandlers} answers all others on the loop.
 *
 * <p>Threading: its event loop's.
 */
final class NameserverService implements LoopService {
    private static final Logger LOG = LoggerFactory.getLogger(NameserverService.class);

    private final NameserverHandlers handlers;
    private final RouteRegistry registry;
    private final Semaphore slowRequests;
    private final ReplyWriter writer = new ReplyWriter();

    /** {@code slowRequests} bounds, for all loops together, how many requests are on virtual threads. */
    NameserverService(NameserverHandlers handlers, RouteRegistry registry, Semaphore slowRequests) {
        this.handlers = handlers;
        this.registry = registry;
        this.slowRequests = slowRequests;
    }

    @Override
    public void opened(Connection connection) {
        connection.attach(Requester.of(connection));
    }

    @Override
    public void closed(Connection connection) {
        registry.connectionClosed(connection)
                .forEach(lease -> LOG.warn(
                        "broker-gone {} reason=connection-closed remote={} cure=\"it registers again within 30 s if it"
                                + " lives\"",
                        lease,
                        connection.remote()));
    }

    @Override
    public void frame(Connection connection, FrameScan frame) {
        if (frame.isResponse()) {
            return;
        }
        Requester requester = (Requester) connection.attachment();
        if (requester == null) {
            throw new IllegalStateException("a frame before opened() on " + connection);
        }
        if (frame.code() == RequestCode.GET_ROUTEINFO_BY_TOPIC.number() && !frame.isOneway()) {
            answerRoute(requester, frame);
            return;
        }
        RequestCode code = RequestCode.of(frame.code());
        if (code != null && NameserverHandlers.isSlow(code)) {
            answerLater(requester, frame.toFrame());
            return;
        }
        Reply reply = handlers.answer(requester, frame.toFrame());
        if (!frame.isOneway()) {
            write(connection, frame, reply);
        }
    }

    private void answerRoute(Requester requester, FrameScan frame) {
        String topic = frame.text("topic");
        byte[] body = topic == null ? null : registry.route(topic, requester.localHost());
        if (body == null) {
            write(requester.connection(), frame, noRoute(topic));
            return;
        }
        ByteWriter out = requester.connection().out();
        writer.begin(out, frame.form(), ResponseCode.SUCCESS.number(), frame.requestId());
        writer.endHeader();
        out.put(body);
        writer.end();
    }

    /** The first phrase is RocketMQ's own: what people search for when they meet this answer. */
    private static Reply noRoute(@Nullable String topic) {
        return topic == null
                ? Reply.refuse(ResponseCode.SYSTEM_ERROR, "field topic is missing")
                : Reply.refuse(
                        ResponseCode.TOPIC_NOT_EXIST,
                        "No topic route info in name server for the topic: " + topic
                                + ". Cause: no broker has registered it. Cure: create it with updateTopic (merlin topic"
                                + " create), or see that its broker runs and is registered with this nameserver.");
    }

    private void write(Connection connection, FrameScan request, Reply reply) {
        ByteWriter out = connection.out();
        writer.begin(out, request.form(), reply.code().number(), request.requestId());
        writer.remark(reply.remark());
        if (reply.header() != null) {
            reply.header().write(writer);
        }
        writer.endHeader();
        out.put(reply.body());
        writer.end();
    }

    private void answerLater(Requester requester, Frame request) {
        if (!slowRequests.tryAcquire()) {
            send(
                    requester,
                    request,
                    Reply.refuse(ResponseCode.SYSTEM_BUSY, "too many registrations at once; try again"));
            return;
        }
        Thread.ofVirtual().name("nameserver-request-" + request.code()).start(() -> {
            try {
                send(requester, request, handlers.answer(requester, request));
                if (!requester.connection().isOpen()) {
                    // It may have closed before the registration was in the table.
                    registry.connectionClosed(requester.connection());
                }
            } catch (RuntimeException e) {
                LOG.error(
                        "request-failed code={} remote={}",
                        request.code(),
                        requester.connection().remote(),
                        e);
                send(
                        requester,
                        request,
                        Reply.refuse(ResponseCode.SYSTEM_ERROR, "nameserver fault: " + e.getMessage()));
            } finally {
                slowRequests.release();
            }
        });
    }

    private static void send(Requester requester, Frame request, Reply reply) {
        if (!request.isOneway()) {
            requester
                    .connection()
                    .send(Frame.reply(
                            request.form(),
                            request.requestId(),
                            reply.code(),
                            reply.remark(),
                            reply.header(),
                            reply.body()));
        }
    }
}
