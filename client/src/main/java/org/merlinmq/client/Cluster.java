package org.merlinmq.client;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.body.BrokerAddresses;
import org.merlinmq.protocol.body.HeartbeatBody;
import org.merlinmq.protocol.body.TopicRoute;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.request.RouteRequest;
import org.merlinmq.transport.CallFailedException;
import org.merlinmq.transport.Calls;
import org.merlinmq.transport.CallsConfig;
import org.merlinmq.transport.EventLoops;
import org.merlinmq.transport.EventLoopsConfig;
import org.merlinmq.transport.Loop;
import org.merlinmq.transport.LoopService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The servers as one client sees them: nameservers with failover, routes kept for 30 s, calls to brokers, and the one
 * thread for what is due now and then.
 *
 * <p>Threading: any thread; methods that ask block unless they return a future.
 *
 * <p>Errors: {@link ClientException} with cause and cure.
 */
final class Cluster implements AutoCloseable {
    static final long ROUTE_REFRESH_SECONDS = 30;
    /** The topic whose route tells where a topic may be created by its first message. */
    static final String TEMPLATE_TOPIC = "TBW102";

    static final int TEMPLATE_QUEUES = 4;

    private static final Logger LOG = LoggerFactory.getLogger(Cluster.class);

    private final ClientConfig config;
    private final String clientId;
    private final EventLoops loops;
    private final Calls calls;
    private final ScheduledExecutorService timer;
    private volatile @Nullable Thread timerThread;
    private final Map<String, Route> routes = new ConcurrentHashMap<>();
    private final AtomicInteger nameserver = new AtomicInteger();

    Cluster(ClientConfig config, Function<Loop, LoopService> inbound) {
        this.config = config;
        this.clientId = localAddress().getHostAddress() + "@" + config.instance();
        this.loops = EventLoops.start(EventLoopsConfig.forCallers());
        this.calls = Calls.open(loops, CallsConfig.defaults(), inbound);
        this.timer = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "merlin-client-timer");
            thread.setDaemon(true);
            timerThread = thread;
            return thread;
        });
        every(Duration.ofSeconds(ROUTE_REFRESH_SECONDS), this::refreshRoutes);
    }

    /** A service that tells a server that asks something that we do not serve it. */
    static LoopService refusing() {
        return (connection, frame) -> {
            if (!frame.isOneway()) {
                connection.send(Frame.reply(
                        frame.form(),
                        frame.requestId(),
                        ResponseCode.REQUEST_CODE_NOT_SUPPORTED,
                        "request code " + frame.code() + " is not served by this client",
                        null,
                        new byte[0]));
            }
        };
    }

    String clientId() {
        return clientId;
    }

    Duration timeout() {
        return config.timeout();
    }

    /** Our own address as others may see it, the first one that is not the machine's own. */
    static InetAddress localAddress() {
        try {
            for (NetworkInterface card : java.util.Collections.list(NetworkInterface.getNetworkInterfaces())) {
                if (card.isUp() && !card.isLoopback()) {
                    for (InetAddress address : java.util.Collections.list(card.getInetAddresses())) {
                        if (address instanceof Inet4Address && !address.isLinkLocalAddress()) {
                            return address;
                        }
                    }
                }
            }
        } catch (SocketException unreadable) {
            LOG.debug("local-address-unknown cause=\"{}\"", unreadable.getMessage());
        }
        return InetAddress.getLoopbackAddress();
    }

    // ---- now and then

    /** Runs a task again and again on the client's one timer thread; its failures are logged, not fatal. */
    @SuppressWarnings("FutureReturnValueIgnored") // ends with the timer
    void every(Duration period, Runnable task) {
        timer.scheduleWithFixedDelay(() -> guarded(task), period.toMillis(), period.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Runs a task on the same thread; false if the client has ended, and what waits then may never run either. */
    @SuppressWarnings("FutureReturnValueIgnored") // ends with the timer
    boolean later(Duration delay, Runnable task) {
        try {
            timer.schedule(() -> guarded(task), delay.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (RejectedExecutionException ended) {
            LOG.debug("client-task-dropped cause=ended");
            return false;
        }
    }

    /** Tells whether this thread is one of those that complete futures of this client, and so must not wait for them. */
    boolean onCallback() {
        return loops.inAnyLoop() || Thread.currentThread() == timerThread;
    }

    private static void guarded(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException failed) { // the timer's thread is run here
            LOG.warn("client-task-failed cause=\"{}\"", failed.getMessage(), failed);
        }
    }

    // ---- asking

    /** The answer of the first nameserver that answers, whatever its code. */
    Frame askNameserver(Frame request) {
        int first = nameserver.get();
        List<String> tried = new ArrayList<>();
        CallFailedException last = null;
        for (int i = 0; i < config.nameservers().size(); i++) {
            int which = Math.floorMod(first + i, config.nameservers().size());
            String address = config.nameservers().get(which);
            try {
                Frame answer = wait(calls.call(address, request, config.timeout()));
                nameserver.set(which);
                return answer;
            } catch (CallFailedException failed) {
                tried.add(address + " (" + failed.getMessage() + ")");
                last = failed;
            }
        }
        String message = "no nameserver answered: " + String.join("; ", tried);
        throw last == null ? new ClientException(message) : new ClientException(message, last);
    }

    /** The answer of one server, whatever its code. */
    Frame ask(String address, Frame request) {
        return ask(address, request, config.timeout());
    }

    Frame ask(String address, Frame request, Duration timeout) {
        try {
            return wait(calls.call(address, request, timeout));
        } catch (CallFailedException failed) {
            throw new ClientException(String.valueOf(failed.getMessage()), failed);
        }
    }

    /** The answer of one server if it is a success. */
    Frame askOk(String address, Frame request) {
        return ok(ask(address, request), address);
    }

    static Frame ok(Frame answer, String from) {
        if (answer.isOk()) {
            return answer;
        }
        throw refused(answer, from);
    }

    static ClientException refused(Frame answer, String from) {
        ResponseCode code = ResponseCode.of(answer.code());
        String remark = answer.remark();
        return new ClientException(
                from + " answered " + answer.code() + (code == null ? "" : " " + code)
                        + (remark == null ? "" : ": " + remark),
                answer.code());
    }

    CompletableFuture<Frame> call(String address, Frame request, Duration timeout) {
        return calls.call(address, request, timeout);
    }

    CompletableFuture<Void> oneway(String address, Frame request) {
        return calls.sendOneway(address, request);
    }

    /** As {@link #wait}, with what failed below told as this client's own kind of failure. */
    <T> T waitFor(CompletableFuture<T> outcome) {
        try {
            return wait(outcome);
        } catch (CallFailedException failed) {
            throw new ClientException(String.valueOf(failed.getMessage()), failed);
        } catch (java.util.concurrent.CompletionException failed) {
            Throwable cause = failed.getCause() == null ? failed : failed.getCause();
            throw new ClientException(String.valueOf(cause.getMessage()), cause);
        }
    }

    /** Asks every nameserver, since they do not talk to each other. */
    void everyNameserver(Frame request) {
        for (String address : config.nameservers()) {
            askOk(address, request);
        }
    }

    <T> T wait(CompletableFuture<T> outcome) {
        try {
            return calls.await(outcome);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new ClientException("interrupted while waiting for an answer", interrupted);
        }
    }

    // ---- routes

    /** The route of a topic that exists. */
    Route route(String topic) {
        Route known = routes.get(topic);
        if (known != null) {
            return known;
        }
        TopicRoute found = findRoute(topic);
        if (found == null) {
            throw new ClientException(
                    "no route for topic " + topic + ": is it created, and is its broker up and registered with "
                            + String.join(";", config.nameservers()) + "?",
                    ResponseCode.TOPIC_NOT_EXIST.number());
        }
        return remember(topic, Route.of(topic, found));
    }

    /** The route of a topic, or of what a topic created by its first message would get. */
    Route routeOrTemplate(String topic) {
        Route known = routes.get(topic);
        if (known != null) {
            return known;
        }
        TopicRoute found = findRoute(topic);
        if (found != null) {
            return remember(topic, Route.of(topic, found));
        }
        TopicRoute template = findRoute(TEMPLATE_TOPIC);
        if (template == null) {
            throw new ClientException(
                    "no route for topic " + topic + ": is a broker up and registered with "
                            + String.join(";", config.nameservers())
                            + "? If one is, it does not create topics by itself: create the topic first",
                    ResponseCode.TOPIC_NOT_EXIST.number());
        }
        // Not remembered: after the first message the topic has a route of its own.
        return Route.of(topic, template, TEMPLATE_QUEUES);
    }

    private Route remember(String topic, Route route) {
        routes.put(topic, route);
        return route;
    }

    void forgetRoute(String topic) {
        routes.remove(topic);
    }

    /** Asks for the route of a topic; null if no nameserver knows it. */
    @Nullable TopicRoute findRoute(String topic) {
        Frame answer = askNameserver(Frame.request(RequestCode.GET_ROUTEINFO_BY_TOPIC, new RouteRequest(topic, true)));
        if (answer.code() == ResponseCode.TOPIC_NOT_EXIST.number()) {
            return null;
        }
        return TopicRoute.read(ok(answer, "the nameserver").body());
    }

    private void refreshRoutes() {
        for (String topic : List.copyOf(routes.keySet())) {
            TopicRoute found = findRoute(topic);
            if (found == null) {
                routes.remove(topic);
            } else {
                routes.put(topic, Route.of(topic, found));
            }
        }
    }

    /** The master that carries a queue of a topic. */
    String master(String topic, String brokerName) {
        BrokerAddresses broker = route(topic).broker(brokerName);
        String master = broker == null ? null : Route.master(broker);
        if (master == null) {
            forgetRoute(topic);
            throw new ClientException("broker " + brokerName + " has no master that carries topic " + topic
                    + " now: is it up and registered with " + String.join(";", config.nameservers()) + "?");
        }
        return master;
    }

    /** The masters of all brokers in the routes known. */
    Set<String> knownMasters() {
        Set<String> masters = new LinkedHashSet<>();
        for (Route route : routes.values()) {
            for (BrokerAddresses broker : route.brokers()) {
                String master = Route.master(broker);
                if (master != null) {
                    masters.add(master);
                }
            }
        }
        return masters;
    }

    // ---- membership

    /** Tells brokers who we are; a broker that does not answer is told again next time. */
    void heartbeat(Collection<String> addresses, HeartbeatBody body) {
        byte[] bytes = body.write();
        for (String address : addresses) {
            try {
                askOk(address, Frame.request(RequestCode.HEART_BEAT, null, bytes));
            } catch (ClientException failed) {
                LOG.warn("heartbeat-failed broker={} cause=\"{}\"", address, failed.getMessage());
            }
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
        calls.close();
        loops.close();
    }
}
