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
 * The nameserver on one event loop: route queries are answered from kept bytes on the spot, what is long or waits for the
 * disk goes to a virtual thread, all else is answered by {@link NameserverRequests} on the loop.
 *
 * <p>Threading: its event loop's.
 */
final class NameserverService implements LoopService {
    private static final Logger LOG = LoggerFactory.getLogger(NameserverService.class);

    private final NameserverRequests requests;
    private final RouteRegistry registry;
    private final Semaphore slowRequests;
    private final ReplyWriter writer = new ReplyWriter();

    /** {@code slowRequests} bounds, for all loops together, how many requests are on virtual threads. */
    NameserverService(NameserverRequests requests, RouteRegistry registry, Semaphore slowRequests) {
        this.requests = requests;
        this.registry = registry;
        this.slowRequests = slowRequests;
    }

    @Override
    public void opened(Connection connection) {
        connection.attach(Asker.of(connection));
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
        Asker asker = (Asker) connection.attachment();
        if (asker == null) {
            throw new IllegalStateException("a frame before opened() on " + connection);
        }
        if (frame.code() == RequestCode.GET_ROUTEINFO_BY_TOPIC.number() && !frame.isOneway()) {
            answerRoute(asker, frame);
            return;
        }
        RequestCode code = RequestCode.of(frame.code());
        if (code != null && NameserverRequests.isSlow(code)) {
            answerLater(asker, frame.toFrame());
            return;
        }
        Reply reply = requests.answer(asker, frame.toFrame());
        if (!frame.isOneway()) {
            write(connection, frame, reply);
        }
    }

    private void answerRoute(Asker asker, FrameScan frame) {
        String topic = frame.text("topic");
        byte[] body = topic == null ? null : registry.route(topic, asker.localHost());
        if (body == null) {
            write(asker.connection(), frame, noRoute(topic));
            return;
        }
        ByteWriter out = asker.connection().out();
        writer.begin(out, frame.form(), ResponseCode.SUCCESS.number(), frame.requestId());
        writer.endHeader();
        out.put(body);
        writer.end();
    }

    private static Reply noRoute(@Nullable String topic) {
        return topic == null
                ? Reply.refuse(ResponseCode.SYSTEM_ERROR, "field topic is missing")
                : Reply.refuse(
                        ResponseCode.TOPIC_NOT_EXIST,
                        "No broker has registered the topic " + topic + "; create it with updateTopic.");
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

    private void answerLater(Asker asker, Frame request) {
        if (!slowRequests.tryAcquire()) {
            send(asker, request, Reply.refuse(ResponseCode.SYSTEM_BUSY, "too many registrations at once; try again"));
            return;
        }
        Thread.ofVirtual().name("nameserver-request-" + request.code()).start(() -> {
            try {
                send(asker, request, requests.answer(asker, request));
                if (!asker.connection().isOpen()) {
                    // It may have closed before the registration was in the table.
                    registry.connectionClosed(asker.connection());
                }
            } catch (RuntimeException e) {
                LOG.error(
                        "request-failed code={} remote={}",
                        request.code(),
                        asker.connection().remote(),
                        e);
                send(asker, request, Reply.refuse(ResponseCode.SYSTEM_ERROR, "nameserver fault: " + e.getMessage()));
            } finally {
                slowRequests.release();
            }
        });
    }

    private static void send(Asker asker, Frame request, Reply reply) {
        if (!request.isOneway()) {
            asker.connection()
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
