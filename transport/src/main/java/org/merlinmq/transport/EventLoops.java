package org.merlinmq.transport;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads that read and write sockets; the only place in this module that makes threads.
 *
 * <p>Threading: any thread. Listeners and callers may share one instance; close them first.
 */
public final class EventLoops implements AutoCloseable {
    /**
     * A busy socket is read up to this often before the next one has its turn: 256 KiB make a better batch than 64, and more
     * would let other connections wait.
     */
    static final int READS_PER_TURN = 4;

    private static final Logger LOG = LoggerFactory.getLogger(EventLoops.class);
    /** Pages and chunks are small so that a server of few connections stays small: 8 KiB and 1 MiB. */
    private static final int PAGE_BYTES = 8192;

    private static final int CHUNK_ORDER = 7;
    private static final long CLOSE_MILLIS = 5_000;

    private final MultiThreadIoEventLoopGroup group;
    private final PooledByteBufAllocator allocator;
    private final boolean epoll;
    private final InFlightBytes inFlight;
    private final List<NetLoop> loops;

    private EventLoops(EventLoopsConfig config, boolean epoll, LongSupplier nanoClock) {
        this.epoll = epoll;
        // No heap arenas, since only direct buffers are used, and caches only on the loops' own threads.
        this.allocator = new PooledByteBufAllocator(true, 0, config.loops(), PAGE_BYTES, CHUNK_ORDER, 32, 8, false, 0);
        IoHandlerFactory io = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        this.group = new MultiThreadIoEventLoopGroup(config.loops(), threads(config.threadName()), io);
        List<NetLoop> made = new ArrayList<>();
        this.inFlight = new InFlightBytes(config.loops(), config.maxInFlightBytes());
        for (EventExecutor executor : group) {
            made.add(new NetLoop((EventLoop) executor, made.size(), inFlight, nanoClock));
        }
        this.loops = List.copyOf(made);
    }

    /**
     * Starts the loops, on epoll where it is there and on NIO elsewhere. Their threads start with their first work.
     *
     * @param config how many and how big
     * @return the running loops
     */
    public static EventLoops start(EventLoopsConfig config) {
        boolean epoll = Epoll.isAvailable();
        LOG.debug("event-loops-started loops={} io={}", config.loops(), epoll ? "epoll" : "nio");
        return new EventLoops(config, epoll, System::nanoTime);
    }

    /** For tests: what silence and slow frames are measured with. */
    static EventLoops start(EventLoopsConfig config, LongSupplier nanoClock) {
        return new EventLoops(config, Epoll.isAvailable(), nanoClock);
    }

    /** For tests: the portable way of reading sockets although the better one is there. */
    static EventLoops startNio(EventLoopsConfig config) {
        return new EventLoops(config, false, System::nanoTime);
    }

    private static ThreadFactory threads(String name) {
        AtomicInteger next = new AtomicInteger();
        return task -> {
            Thread thread =
                    new io.netty.util.concurrent.FastThreadLocalThread(task, name + "-" + next.getAndIncrement());
            thread.setDaemon(true);
            return thread;
        };
    }

    /** The number of loops, at least 1. */
    public int count() {
        return loops.size();
    }

    /**
     * One of the loops.
     *
     * @param index 0 to count − 1
     * @return that loop
     */
    public Loop loop(int index) {
        return loops.get(index);
    }

    /** The transport of the sockets: {@code epoll} or {@code nio}. */
    public String io() {
        return epoll ? "epoll" : "nio";
    }

    /**
     * Tells whether the calling thread is one of the loops, where nothing may wait.
     *
     * @return true on a loop
     */
    public boolean inAnyLoop() {
        for (NetLoop loop : loops) {
            if (loop.inLoop()) {
                return true;
            }
        }
        return false;
    }

    /** How channels are read, the same for accepted and for made ones. */
    static RecvByteBufAllocator readAllocator() {
        return new FixedRecvByteBufAllocator(NetLoop.READ_BYTES).maxMessagesPerRead(READS_PER_TURN);
    }

    /** Ends the threads after what they are doing; open connections end with them. Waits up to 5 s. */
    @Override
    public void close() {
        group.shutdownGracefully(0, CLOSE_MILLIS, TimeUnit.MILLISECONDS).awaitUninterruptibly(CLOSE_MILLIS);
    }

    MultiThreadIoEventLoopGroup group() {
        return group;
    }

    InFlightBytes inFlight() {
        return inFlight;
    }

    PooledByteBufAllocator allocator() {
        return allocator;
    }

    List<NetLoop> loops() {
        return loops;
    }

    NetLoop loopOf(EventLoop eventLoop) {
        for (NetLoop loop : loops) {
            if (loop.eventLoop().equals(eventLoop)) {
                return loop;
            }
        }
        throw new IllegalStateException("the channel's event loop is none of ours: " + eventLoop);
    }

    Class<? extends ServerChannel> serverChannel() {
        return epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    }

    Class<? extends SocketChannel> socketChannel() {
        return epoll ? EpollSocketChannel.class : NioSocketChannel.class;
    }
}
