package org.merlinmq.transport;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.Frame;

/**
 * Calls to other processes, one connection per address: made by the first call, kept, and made anew by the next call
 * after it broke.
 *
 * <p>Threading: any thread. Futures are completed on an event loop: their callbacks must not block; the blocking
 * methods refuse to run there. {@link #close} is idempotent and leaves the {@link EventLoops} running.
 *
 * <p>Errors: {@link CallFailedException}; an answer with an error code is an answer, not an error.
 */
public final class Calls implements AutoCloseable {
    private final EventLoops loops;
    private final CallsConfig config;
    private final List<LoopService> services;
    private final NameService names;
    private final Map<String, ConnectAttempt> dials = new ConcurrentHashMap<>();
    private volatile boolean closed;

    private Calls(EventLoops loops, CallsConfig config, List<LoopService> services, NameService names) {
        this.loops = loops;
        this.config = config;
        this.services = services;
        this.names = names;
    }

    /** What host names stand for. */
    interface NameService {
        /** The addresses of a name, at least one, the preferred one first. May block. */
        InetAddress[] addresses(String host) throws UnknownHostException;
    }

    /**
     * A caller that ignores requests from the other side.
     *
     * @param loops what carries the connections
     * @param config timeouts and limits
     * @return a caller without connections
     */
    public static Calls open(EventLoops loops, CallsConfig config) {
        return open(loops, config, loop -> (connection, frame) -> {});
    }

    /**
     * A caller that also serves requests from the other side.
     *
     * @param loops what carries the connections
     * @param config timeouts and limits
     * @param service makes the service of each loop; called once per loop, on the calling thread
     * @return a caller without connections
     */
    public static Calls open(EventLoops loops, CallsConfig config, Function<Loop, LoopService> service) {
        return open(loops, config, service, InetAddress::getAllByName);
    }

    /** One that asks another name service than the system's. */
    static Calls open(EventLoops loops, CallsConfig config, Function<Loop, LoopService> service, NameService names) {
        List<LoopService> services = new ArrayList<>();
        for (int i = 0; i < loops.count(); i++) {
            services.add(service.apply(loops.loop(i)));
        }
        return new Calls(loops, config, List.copyOf(services), names);
    }

    /**
     * Sends a request and hands back its answer.
     *
     * @param address {@code host:port}
     * @param request the request; its id is chosen here
     * @param timeout for connecting and answering together
     * @return the answer, whatever its response code; fails with {@link CallFailedException}
     */
    public CompletableFuture<Frame> call(String address, Frame request, Duration timeout) {
        CompletableFuture<Connection> dialled = connection(address);
        if (dialled.isDone() && !dialled.isCompletedExceptionally()) {
            return dialled.join().call(request, timeout, config.closeWhenOverdue());
        }
        long started = System.nanoTime();
        return dialled.thenCompose(connection -> {
            Duration left = timeout.minusNanos(System.nanoTime() - started);
            return left.isNegative() || left.isZero()
                    ? CompletableFuture.failedFuture(new CallFailedException(
                            CallFailedException.Reason.REJECTED,
                            "connecting to " + address + " took the whole timeout of " + timeout))
                    : connection.call(request, left, config.closeWhenOverdue());
        });
    }

    /**
     * Sends a request and waits for its answer.
     *
     * @param address {@code host:port}
     * @param request the request; its id is chosen here
     * @param timeout for connecting and answering together
     * @return the answer, whatever its response code
     * @throws CallFailedException if there is none
     * @throws IllegalStateException on an event loop
     * @throws InterruptedException if the thread is interrupted while it waits
     */
    public Frame callAndWait(String address, Frame request, Duration timeout) throws InterruptedException {
        return await(call(address, request, timeout));
    }

    /**
     * Sends a request that is not answered.
     *
     * @param address {@code host:port}
     * @param request a request with the one-way flag
     * @return done when the frame was handed to a connection; fails with {@link CallFailedException} if there is none
     */
    public CompletableFuture<Void> sendOneway(String address, Frame request) {
        return connection(address).thenAccept(connection -> connection.send(request));
    }

    /**
     * The connection to an address, made if need be.
     *
     * @param address {@code host:port}
     * @return the connection; fails with {@link CallFailedException}
     */
    public CompletableFuture<Connection> connection(String address) {
        ConnectAttempt known = dials.get(address);
        if (known == null || known.stale()) {
            known = dial(address, known);
        }
        return known.connection();
    }

    private ConnectAttempt dial(String address, @Nullable ConnectAttempt stale) {
        HostPort peer = HostPort.parse(address);
        ConnectAttempt fresh = new ConnectAttempt();
        if (stale != null) {
            dials.remove(address, stale);
        }
        ConnectAttempt winner = dials.putIfAbsent(address, fresh);
        if (winner != null) {
            return winner;
        }
        if (closed) {
            dials.remove(address, fresh);
            fresh.failed(new CallFailedException(
                    CallFailedException.Reason.REJECTED, "nothing is sent to " + address + ": the caller is closed"));
        } else if (peer.literal()) {
            connect(address, peer.resolve(), fresh);
        } else {
            // The name service may take seconds: neither the caller's thread nor a loop waits for it.
            CompletableFuture<Void> unused = CompletableFuture.supplyAsync(() -> resolve(peer))
                    .thenAccept(found -> connect(address, found, fresh));
        }
        return fresh;
    }

    /** Unresolved if the name is not known. */
    private InetSocketAddress resolve(HostPort peer) {
        try {
            return new InetSocketAddress(names.addresses(peer.host())[0], peer.port());
        } catch (UnknownHostException unknown) {
            return InetSocketAddress.createUnresolved(peer.host(), peer.port());
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the result is reported through the attempt
    private void connect(String address, InetSocketAddress peer, ConnectAttempt dial) {
        if (peer.isUnresolved()) {
            dials.remove(address, dial);
            dial.failed(new CallFailedException(
                    CallFailedException.Reason.CONNECT,
                    "cannot connect to " + address + ": the host name is not known"));
            return;
        }
        ChannelFuture connecting = new Bootstrap()
                .group(loops.group())
                .channel(loops.socketChannel())
                .option(ChannelOption.ALLOCATOR, loops.allocator())
                .option(ChannelOption.RECVBUF_ALLOCATOR, EventLoops.readAllocator())
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int)
                        config.connectTimeout().toMillis())
                .handler(new ConnectionHandler(context -> connected(address, context.channel(), dial)))
                .connect(peer);
        connecting.addListener(done -> {
            if (!done.isSuccess()) {
                dials.remove(address, dial);
                dial.failed(new CallFailedException(
                        CallFailedException.Reason.CONNECT,
                        "cannot connect to " + address + ": " + done.cause().getMessage()
                                + ". Is the server up and the address right?",
                        done.cause()));
            }
        });
    }

    @SuppressWarnings("FutureReturnValueIgnored") // addListener hands back its own receiver
    private Connection connected(String address, Channel channel, ConnectAttempt dial) {
        NetLoop loop = loops.loopOf(channel.eventLoop());
        Connection made = Connection.dialled(channel, loop, services.get(loop.index()), config.limits());
        channel.closeFuture().addListener(gone -> dials.remove(address, dial));
        // Later in this loop, so that the service has heard of the connection before it is used.
        loop.execute(() -> {
            dial.made(made);
            if (closed) {
                made.close("the caller ended while it was connecting");
            }
        });
        return made;
    }

    /**
     * Waits for the outcome of a call on a thread that may wait.
     *
     * @param <T> the kind of outcome
     * @param outcome what one of the methods here returned
     * @return what it was completed with
     * @throws CallFailedException what it failed with
     * @throws IllegalStateException on an event loop
     * @throws InterruptedException if the thread is interrupted while it waits
     */
    public <T> T await(CompletableFuture<T> outcome) throws InterruptedException {
        if (loops.inAnyLoop()) {
            throw new IllegalStateException("an event loop must not wait for a call: use the future");
        }
        try {
            return outcome.get();
        } catch (java.util.concurrent.ExecutionException failed) {
            Throwable cause = failed.getCause();
            if (cause instanceof CallFailedException known) {
                // A new one, so that the stack trace shows the waiting caller; the old one is its cause.
                throw new CallFailedException(known.reason(), String.valueOf(known.getMessage()), known);
            }
            throw new CompletionException(cause);
        }
    }

    /**
     * Closes the connection to an address; the next call makes a new one.
     *
     * @param address {@code host:port}
     * @param reason a few words for the log
     */
    public void disconnect(String address, String reason) {
        ConnectAttempt known = dials.remove(address);
        if (known != null) {
            CompletableFuture<Void> unused = known.connection().thenAccept(connection -> connection.close(reason));
        }
    }

    /**
     * Closes the connection to an address whose host name no longer stands for where it leads; the next call goes to where
     * the name leads now. For callers that keep a connection for long. May block for the name service.
     *
     * @param address {@code host:port}; nothing happens if its host is in digits, is not connected or cannot be resolved
     * @return whether a connection was closed
     */
    public boolean disconnectIfMoved(String address) {
        HostPort peer = HostPort.parse(address);
        ConnectAttempt known = dials.get(address);
        InetSocketAddress remote = known == null ? null : known.remote();
        if (peer.literal() || remote == null) {
            return false;
        }
        try {
            if (Arrays.asList(names.addresses(peer.host())).contains(remote.getAddress())) {
                return false;
            }
        } catch (UnknownHostException unknown) {
            return false; // a name service that is down is no reason to leave a peer that answers
        }
        disconnect(address, "the host name leads elsewhere now");
        return true;
    }

    /** Closes all connections; calls that wait fail. */
    @Override
    public void close() {
        closed = true;
        for (String address : List.copyOf(dials.keySet())) {
            disconnect(address, "the caller ends");
        }
    }
}
