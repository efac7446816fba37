package org.merlinmq.transport;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Accepts connections on one address or several and lets each loop's {@link LoopService} serve them.
 *
 * <p>Threading: any thread that is not one of the loops. {@link #close} is idempotent.
 *
 * <p>A graceful end takes two steps, so that the owner can finish what is in flight in between: {@link #stopReading}
 * takes no new connection and no new request; {@link #close} sends what was answered and closes.
 */
public final class Listener implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Listener.class);
    private static final int BACKLOG = 1024;
    private static final long REFUSAL_LOG_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long DRAIN_POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    private final ListenerConfig config;
    private final EventLoops loops;
    private final List<LoopService> services;
    private final List<Channel> servers = new CopyOnWriteArrayList<>();
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private final AtomicLong refusalLoggedNanos = new AtomicLong(System.nanoTime() - REFUSAL_LOG_NANOS);
    private volatile boolean ending;

    private Listener(ListenerConfig config, EventLoops loops, List<LoopService> services) {
        this.config = config;
        this.loops = loops;
        this.services = services;
    }

    /**
     * Binds and starts to accept.
     *
     * @param config where and within which limits
     * @param loops what carries the connections
     * @param service makes the service of each loop; called once per loop, on the calling thread
     * @return the running listener
     * @throws UncheckedIOException if the address cannot be bound; the message names it
     */
    public static Listener start(ListenerConfig config, EventLoops loops, Function<Loop, LoopService> service) {
        List<LoopService> services = new ArrayList<>();
        for (int i = 0; i < loops.count(); i++) {
            services.add(service.apply(loops.loop(i)));
        }
        Listener listener = new Listener(config, loops, List.copyOf(services));
        listener.bindAlso(config.address());
        return listener;
    }

    /**
     * Accepts on one more address, with the same services and within the same bound of connections.
     *
     * @param address where to bind; port 0 takes any free one
     * @return the address that was bound
     * @throws UncheckedIOException if the address cannot be bound; the message names it
     */
    public InetSocketAddress bindAlso(InetSocketAddress address) {
        ChannelFuture bound = new ServerBootstrap()
                .group(loops.group())
                .channel(loops.serverChannel())
                .option(ChannelOption.ALLOCATOR, loops.allocator())
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.ALLOCATOR, loops.allocator())
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ConnectionInitializer())
                .bind(address)
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            String why = "cannot listen on " + address + ": " + bound.cause().getMessage()
                    + ". Is the port in use, or the address not of this machine?";
            throw new UncheckedIOException(new IOException(why, bound.cause()));
        }
        servers.add(bound.channel());
        return (InetSocketAddress) bound.channel().localAddress();
    }

    private final class ConnectionInitializer extends ChannelInitializer<Channel> {
        @Override
        protected void initChannel(Channel channel) {
            if (ending || connections.size() >= config.maxConnections()) {
                refuse(channel);
            } else {
                channel.config()
                        .setRecvByteBufAllocator(
                                loops.loopOf(channel.eventLoop()).socketReads());
                channel.pipeline().addLast(new ConnectionHandler(Listener.this::connection));
            }
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the close is not waited for
    private void refuse(Channel channel) {
        long now = System.nanoTime();
        long last = refusalLoggedNanos.get();
        if (!ending && now - last >= REFUSAL_LOG_NANOS && refusalLoggedNanos.compareAndSet(last, now)) {
            LOG.warn(
                    "connection-limit-reached maxConnections={} peer={} cure=\"raise the limit or close clients\"",
                    config.maxConnections(),
                    channel.remoteAddress());
        }
        channel.close();
    }

    @SuppressWarnings("FutureReturnValueIgnored") // addListener hands back its own receiver
    private Connection connection(ChannelHandlerContext context) {
        Channel channel = context.channel();
        NetLoop loop = loops.loopOf(channel.eventLoop());
        Connection made = Connection.accepted(channel, loop, services.get(loop.index()), config.limits());
        connections.add(made);
        channel.closeFuture().addListener(closed -> connections.remove(made));
        return made;
    }

    /** The address that was bound first. */
    public InetSocketAddress address() {
        return (InetSocketAddress) servers.get(0).localAddress();
    }

    /** The number of open connections; may be a moment old. */
    public int connectionCount() {
        return connections.size();
    }

    /** The open connections, as a copy. */
    public List<Connection> connections() {
        return List.copyOf(connections);
    }

    /** Takes no new connection and handles no new request. Answers still go out. Idempotent. */
    public void stopReading() {
        ending = true;
        servers.forEach(server -> server.close().awaitUninterruptibly());
        for (Connection connection : connections) {
            connection.stopReading();
        }
        if (!loops.group().isShuttingDown()) {
            awaitLoops();
        }
    }

    /** Until each loop has come past what was queued to it so far. */
    private void awaitLoops() {
        CompletableFuture<?>[] passed = loops.loops().stream()
                .map(loop -> CompletableFuture.runAsync(() -> {}, loop::execute))
                .toArray(CompletableFuture<?>[]::new);
        CompletableFuture.allOf(passed)
                .completeOnTimeout(null, config.closeGrace().toMillis(), TimeUnit.MILLISECONDS)
                .join();
    }

    /** Ends every connection after its unsent output; after {@code closeGrace} without looking at what is unsent. */
    @Override
    public void close() {
        stopReading();
        connections.forEach(connection -> connection.close("the server ends"));
        if (!drained()) {
            LOG.info("listener-closing unsent-connections={} grace={}", connections.size(), config.closeGrace());
            connections.forEach(Connection::abortSoon);
            drained();
        }
    }

    private boolean drained() {
        long deadline = System.nanoTime() + config.closeGrace().toNanos();
        while (!connections.isEmpty() && System.nanoTime() - deadline < 0) {
            LockSupport.parkNanos(DRAIN_POLL_NANOS);
        }
        return connections.isEmpty();
    }
}
