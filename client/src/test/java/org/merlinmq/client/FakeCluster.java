package org.merlinmq.client;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.body.BrokerAddresses;
import org.merlinmq.protocol.body.QueueRoute;
import org.merlinmq.protocol.body.TopicRoute;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.frame.FrameScan;
import org.merlinmq.protocol.reply.SendReply;
import org.merlinmq.protocol.request.RouteRequest;
import org.merlinmq.protocol.request.SendRequest;
import org.merlinmq.transport.Connection;
import org.merlinmq.transport.EventLoops;
import org.merlinmq.transport.EventLoopsConfig;
import org.merlinmq.transport.Listener;
import org.merlinmq.transport.ListenerConfig;
import org.merlinmq.transport.LoopService;

/** A nameserver and brokers that answer what a test says, over real sockets. */
final class FakeCluster implements AutoCloseable {
    private final EventLoops loops = EventLoops.start(new EventLoopsConfig(1, 64 << 20, "fake"));
    private final List<Listener> listeners = new ArrayList<>();
    private final SortedMap<String, String> brokers = new TreeMap<>();
    private final Map<String, Integer> topics = new ConcurrentHashMap<>();
    /** What brokers were asked besides heartbeats, as {@code broker-name code}. */
    final List<String> asked = new CopyOnWriteArrayList<>();

    /** The bodies of heartbeats, behind the broker's name; brokers take them by themselves. */
    final BlockingQueue<String> heartbeats = new LinkedBlockingQueue<>();

    private final List<Connection> connections = new CopyOnWriteArrayList<>();

    /** The nameserver answers with a route that is none. */
    volatile boolean routesUnreadable;

    private final String nameserver;

    FakeCluster() {
        nameserver = listen((connection, request) -> {
            if (request.code() != RequestCode.GET_ROUTEINFO_BY_TOPIC.number()) {
                return refusal(request, ResponseCode.REQUEST_CODE_NOT_SUPPORTED, "not here");
            }
            if (routesUnreadable) {
                return Frame.ok(request.form(), request.requestId(), null, new byte[] {'['});
            }
            Integer queues = topics.get(RouteRequest.read(request).topic());
            return queues == null
                    ? refusal(request, ResponseCode.TOPIC_NOT_EXIST, "no such topic")
                    : Frame.ok(
                            request.form(),
                            request.requestId(),
                            null,
                            route(queues).write());
        });
    }

    private TopicRoute route(int queues) {
        List<BrokerAddresses> addresses = new ArrayList<>();
        List<QueueRoute> counts = new ArrayList<>();
        brokers.forEach((name, address) -> {
            addresses.add(new BrokerAddresses(new TreeMap<>(Map.of(0L, address)), name, "C", false, null));
            counts.add(new QueueRoute(name, 6, queues, 0, queues));
        });
        return new TopicRoute(addresses, Map.of(), null, counts);
    }

    /** Adds a broker; what its answers say decides the function, and null is no answer at all. */
    FakeCluster broker(String name, BiFunction<String, Frame, @Nullable Frame> answers) {
        brokers.put(
                name,
                listen(
                        (connection, request) -> {
                            if (request.code() == RequestCode.HEART_BEAT.number()) {
                                heartbeats.add(name + " " + new String(request.body(), StandardCharsets.UTF_8));
                                return Frame.ok(request.form(), request.requestId(), null, new byte[0]);
                            }
                            asked.add(name + " " + request.code());
                            return answers.apply(name, request);
                        },
                        connections::add));
        return this;
    }

    /** Adds a broker's name and an address at which nobody listens. */
    FakeCluster deadBroker(String name) {
        String address = listen((connection, request) -> null);
        listeners.remove(listeners.size() - 1).close();
        brokers.put(name, address);
        return this;
    }

    FakeCluster topic(String name, int queuesPerBroker) {
        topics.put(name, queuesPerBroker);
        return this;
    }

    String nameserver() {
        return nameserver;
    }

    String addressOf(String broker) {
        return java.util.Objects.requireNonNull(brokers.get(broker));
    }

    static Frame stored(Frame request) {
        SendRequest sent = SendRequest.read(request);
        return Frame.ok(
                request.form(),
                request.requestId(),
                new SendReply("7F00000100002A9F0000000000000000", sent.queueId(), 7, null, null, null, null, null),
                new byte[0]);
    }

    static Frame refusal(Frame request, ResponseCode code, String remark) {
        return Frame.reply(request.form(), request.requestId(), code, remark, null, new byte[0]);
    }

    private String listen(BiFunction<String, Frame, @Nullable Frame> answers) {
        return listen(answers, connection -> {});
    }

    private String listen(BiFunction<String, Frame, @Nullable Frame> answers, Consumer<Connection> opened) {
        Listener listener = Listener.start(
                ListenerConfig.on(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                loops,
                loop -> new LoopService() {
                    @Override
                    public void opened(Connection connection) {
                        opened.accept(connection);
                    }

                    @Override
                    public void frame(Connection connection, FrameScan frame) {
                        Frame request = frame.toFrame();
                        Frame answer = answers.apply("", request);
                        if (answer != null && !request.isOneway()) {
                            connection.send(answer);
                        }
                    }
                });
        listeners.add(listener);
        return "127.0.0.1:" + listener.address().getPort();
    }

    /** Ends the connections to brokers; new ones are taken. */
    void hangUp() {
        connections.forEach(connection -> connection.close("a test"));
        connections.clear();
    }

    @Override
    public void close() {
        listeners.forEach(Listener::close);
        loops.close();
    }
}
