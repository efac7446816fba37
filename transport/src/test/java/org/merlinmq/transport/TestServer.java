package org.merlinmq.transport;

import io.netty.buffer.PoolArenaMetric;
import io.netty.util.ResourceLeakDetector;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.frame.FrameCodec;
import org.merlinmq.protocol.frame.FrameFlag;
import org.merlinmq.protocol.frame.FrameScan;

/** A listener on a free port whose service answers each request with its own body, or does what a test says. */
final class TestServer implements AutoCloseable {
    static {
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
    }

    final EventLoops loops;
    final Listener listener;
    final AtomicInteger reads = new AtomicInteger();
    final AtomicInteger frames = new AtomicInteger();
    final AtomicInteger opened = new AtomicInteger();
    final AtomicInteger closed = new AtomicInteger();

    TestServer() {
        this(TestServer::echo);
    }

    TestServer(BiConsumer<Connection, FrameScan> onFrame) {
        this(onFrame, config -> config, new EventLoopsConfig(2, 64 << 20, "net"));
    }

    TestServer(
            BiConsumer<Connection, FrameScan> onFrame,
            UnaryOperator<ListenerConfig> change,
            EventLoopsConfig loopsConfig) {
        this(onFrame, change, EventLoops.start(loopsConfig));
    }

    TestServer(BiConsumer<Connection, FrameScan> onFrame, UnaryOperator<ListenerConfig> change, EventLoops loops) {
        this.loops = loops;
        ListenerConfig config = ListenerConfig.on(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        listener = Listener.start(change.apply(config), loops, loop -> new LoopService() {
            @Override
            public void opened(Connection connection) {
                opened.incrementAndGet();
            }

            @Override
            public void frame(Connection connection, FrameScan frame) {
                assert loop.inLoop() && connection.loop().equals(loop);
                frames.incrementAndGet();
                onFrame.accept(connection, frame);
            }

            @Override
            public void readsDone() {
                reads.incrementAndGet();
            }

            @Override
            public void closed(Connection connection) {
                closed.incrementAndGet();
            }
        });
    }

    static void echo(Connection connection, FrameScan frame) {
        FrameCodec.encode(answer(frame.toFrame()), connection.out());
    }

    static Frame answer(Frame request) {
        return new Frame(
                request.form(),
                0,
                request.language(),
                request.version(),
                request.requestId(),
                FrameFlag.RESPONSE,
                null,
                java.util.Map.of(),
                request.body());
    }

    RawPeer peer() throws java.io.IOException {
        return new RawPeer(listener.address());
    }

    String address() {
        return "127.0.0.1:" + listener.address().getPort();
    }

    Connection onlyConnection() {
        Await.until("one connection", () -> listener.connectionCount() == 1);
        return listener.connections().get(0);
    }

    /** Pooled buffers that nobody has given back. */
    long buffersInUse() {
        return loops.allocator().metric().directArenas().stream()
                .mapToLong(PoolArenaMetric::numActiveAllocations)
                .sum();
    }

    @Override
    public void close() {
        listener.close();
        Await.until("nothing counted as in flight", () -> loops.inFlight().bytes() == 0);
        loops.close();
        // Only when the threads are gone have their caches gone too.
        Await.until("no buffer leaks", () -> buffersInUse() == 0);
    }
}
