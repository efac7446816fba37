package org.merlinmq.client;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.body.HeartbeatBody;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.Frame;
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
 * A client's access to the servers: its {@link Nameservers}, the {@link Routes} they answered, calls to brokers, and the
 * client's one timer thread.
 *
 * <p>Threading: any thread; methods that call a server block unless they return a future.
 *
 * <p>Errors: {@link ClientException} with cause and cure.
 */
final class Cluster implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Cluster.class);

    private final ClientConfig config;
    private final String clientId;
    private final EventLoops loops;
    private final Calls calls;
    private final ScheduledExecutorService timer;
    private volatile @Nullable Thread timerThread;
    private final Nameservers nameservers;
    private final Routes routes;

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
        nameservers = new Nameservers(this, config.nameservers());
        routes = new Routes(nameservers);
        every(Duration.ofSeconds(Routes.REFRESH_SECONDS), routes::refresh);
    }

    /** A service that refuses every request that a server sends to this client. */
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

    Nameservers nameservers() {
        return nameservers;
    }

    Routes routes() {
        return routes;
    }

    Duration timeout() {
        return config.timeout();
    }

    /** This machine's first address that is not a loopback address. */
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

    // ---- the timer

    /** Runs a task periodically on the timer thread; its failures are logged. */
    @SuppressWarnings("FutureReturnValueIgnored") // ends with the timer
    void every(Duration period, Runnable task) {
        timer.scheduleWithFixedDelay(() -> guarded(task), period.toMillis(), period.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Runs a task on the timer thread after a delay; false if the client is closed, which also drops scheduled tasks. */
    @SuppressWarnings("FutureReturnValueIgnored") // ends with the timer
    boolean schedule(Duration delay, Runnable task) {
        try {
            timer.schedule(() -> guarded(task), delay.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (RejectedExecutionException ended) {
            LOG.debug("client-task-dropped cause=closed");
            return false;
        }
    }

    /** Whether this thread completes futures of this client, and so must not wait for them. */
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

    // ---- calls

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

    /** As {@link #wait}, but throws failures of the call as {@link ClientException}. */
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

    <T> T wait(CompletableFuture<T> outcome) {
        try {
            return calls.await(outcome);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new ClientException("interrupted while waiting for an answer", interrupted);
        }
    }

    // ---- membership

    /** Sends a heartbeat to brokers; one that does not answer gets the next one. */
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
