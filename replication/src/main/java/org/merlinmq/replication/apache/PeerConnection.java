package org.merlinmq.replication.apache;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;
import org.merlinmq.storage.log.LogWaiter;

/**
 * The socket of a connection between master and slave: moves bytes between it and an {@link ApacheStream} until one side has
 * enough. One thread serves both directions: it sleeps until bytes come, the log grows, the socket takes more, or a heartbeat
 * is due.
 *
 * <p>Threading: {@link #run} on the connection's own thread; {@link #close} and {@link #wake} on any.
 */
final class PeerConnection implements LogWaiter, AutoCloseable {
    private static final int IN_BYTES = 128 << 10;

    /** Eight frames of the usual size: all that waits in memory for a slow slave. */
    private static final int OUT_BYTES = 8 * (ApacheStream.HEAD_BYTES + ApacheMasterStream.MAX_FRAME_BYTES);

    private final SocketChannel channel;
    private final Selector selector;
    private final ByteBuffer in;
    private final ByteBuffer out;
    private volatile boolean closing;

    /**
     * A connection over a channel, which is this one's from now on.
     *
     * @param channel connected
     * @param sendsLog whether this is the master's end
     * @throws IOException if the system has no selector for it; the channel is closed then
     */
    PeerConnection(SocketChannel channel, boolean sendsLog) throws IOException {
        this.channel = channel;
        this.in = ByteBuffer.allocate(sendsLog ? ApacheStream.REPORT_BYTES * 64 : IN_BYTES);
        this.out = ByteBuffer.allocate(sendsLog ? OUT_BYTES : ApacheStream.REPORT_BYTES * 2)
                .flip();
        this.selector = selector(channel);
    }

    private static Selector selector(SocketChannel channel) throws IOException {
        boolean opened = false;
        try {
            channel.configureBlocking(false);
            Selector selector = Selector.open();
            opened = true;
            return selector;
        } finally {
            if (!opened) {
                channel.close();
            }
        }
    }

    /** Milliseconds of the clock that the streams live by. */
    static long nowMillis() {
        return System.nanoTime() / 1_000_000;
    }

    /**
     * Serves the connection until it ends, and closes it.
     *
     * @param stream this end of it
     * @return why it ended
     * @throws IOException if the socket failed
     */
    String run(ApacheStream stream) throws IOException {
        try (selector;
                channel) {
            SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
            String ended = null;
            while (ended == null) {
                ended = step(stream, key);
            }
            return ended;
        } finally {
            stream.awaitNoMore(this);
        }
    }

    private @Nullable String step(ApacheStream stream, SelectionKey key) throws IOException {
        if (!receive(stream)) {
            return "the other side closed the connection";
        }
        send(stream);
        String ended = closing ? "this broker stops it" : stream.ended();
        if (ended == null) {
            boolean congested = out.hasRemaining();
            key.interestOps(congested ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ);
            if (!congested) {
                stream.awaitMore(this);
            }
            selector.select(Math.max(1, stream.nextMillis() - nowMillis()));
            selector.selectedKeys().clear();
        }
        return ended;
    }

    /** Takes what has arrived, as much as one read brings; false at the stream's end. */
    private boolean receive(ApacheStream stream) throws IOException {
        in.clear();
        int count = channel.read(in);
        if (count > 0) {
            stream.receive(in.array(), 0, count, nowMillis());
        }
        return count >= 0;
    }

    private void send(ApacheStream stream) throws IOException {
        if (!out.hasRemaining()) {
            out.clear();
            stream.fill(out, nowMillis());
            out.flip();
        }
        if (out.hasRemaining()) {
            channel.write(out);
        }
    }

    @Override
    public void wake() {
        selector.wakeup();
    }

    @Override
    public void close() {
        closing = true;
        selector.wakeup();
    }
}
