package org.merlinmq.console;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.timeout.ReadTimeoutHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * The HTTP server of the console port.
 *
 * <p>Threading: {@link #start} and {@link #close} on the owner's thread; one event loop of its own, {@code console},
 * asleep without requests; pages are made on virtual threads.
 *
 * <p>Errors: {@link #start} throws {@link IOException} if the port cannot be had.
 */
public final class Console implements AutoCloseable {
    private static final int MAX_LINE_BYTES = 4096;
    private static final int MAX_HEADER_BYTES = 16 << 10;

    private final EventLoopGroup loop;
    private final Channel listener;
    private final ChannelGroup connections;

    private Console(EventLoopGroup loop, Channel listener, ChannelGroup connections) {
        this.loop = loop;
        this.listener = listener;
        this.connections = connections;
    }

    /**
     * Binds the port and serves.
     *
     * @param config where, and within which limits
     * @param summary the facts on the start page
     * @param health serves {@code /healthz}
     * @param sources serve {@code /metrics}, in this order
     * @return the running server
     * @throws IOException if the port cannot be had
     */
    public static Console start(ConsoleConfig config, ServerSummary summary, Health health, List<MetricsSource> sources)
            throws IOException {
        ThreadFactory threads = Thread.ofPlatform().name("console").factory();
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, threads, NioIoHandler.newFactory());
        Pages pages = new Pages(summary, health, sources);
        Executor workers = task -> Thread.ofVirtual().name("console-page").start(task);
        ChannelGroup connections = new DefaultChannelGroup(loop.next());
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(loop)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.ALLOCATOR, UnpooledByteBufAllocator.DEFAULT)
                .childOption(ChannelOption.AUTO_READ, false)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    @SuppressWarnings("FutureReturnValueIgnored") // of a connection that is dropped anyway
                    protected void initChannel(SocketChannel channel) {
                        if (connections.size() >= config.maxConnections()) {
                            channel.close();
                            return;
                        }
                        connections.add(channel);
                        channel.pipeline()
                                .addLast(new ReadTimeoutHandler(config.idle().toMillis(), TimeUnit.MILLISECONDS))
                                .addLast(new HttpServerCodec(MAX_LINE_BYTES, MAX_HEADER_BYTES, 8192))
                                .addLast(new HttpObjectAggregator(config.maxRequestBytes(), true))
                                .addLast(new HttpHandler(pages, workers));
                    }
                });
        var bound = bootstrap
                .bind(new InetSocketAddress(config.bind(), config.port()))
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            shutDown(loop);
            throw new IOException(bound.cause().getMessage(), bound.cause());
        }
        return new Console(loop, bound.channel(), connections);
    }

    /** The port that is served: the configured one, or the one that was found for 0. */
    public int port() {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    /** Closes the port and all connections. */
    @Override
    public void close() {
        listener.close().awaitUninterruptibly();
        connections.close().awaitUninterruptibly(1, TimeUnit.SECONDS);
        shutDown(loop);
    }

    private static void shutDown(EventLoopGroup loop) {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    }
}
